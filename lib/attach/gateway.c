// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway.c - a link of the host that has the gateways of a result */
#include "attach/gateway.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "attach/forward.h"
#include "attach/l3.h"
#include "route/addr.h"
#include "route/route.h"
#include "route/settle.h"

int gateway_wait(const struct sandbox *s, const struct rt_link *link,
		 const struct cni_result *own, struct cni_err *err)
{
	long long deadline = rt_now_ms() + L3_SETTLE_TIMEOUT_MS;
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);
	char text[IP_STRLEN];

	for (size_t i = 0; i < own->n_ips; i++) {
		const struct ip_addr *gw = &own->ips[i].gateway;
		int r = watch;

		if (r >= 0)
			r = rt_route_wait_local(s->host, link->index, gw, watch,
						deadline);
		if (r < 0) {
			rt_fail(err, s->host, r,
				"failed to set gateway addr: the kernel does "
				"not use %s on \"%s\" yet",
				ip_format(gw, text), link->name);
			l3_tell_link(s->host, link->index, link->name, err);
			return -1;
		}
	}
	return 0;
}

static int check(const struct sandbox *s, const struct rt_link *link,
		 const struct cni_result *own, bool alone, struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0;
	int r = rt_addr_list(s->host, link->index, 0, &list, &n);

	if (r < 0)
		return rt_fail(err, s->host, r,
			       "cannot list the addresses of %s", link->name);
	for (size_t i = 0; i < own->n_ips; i++) {
		const struct cni_ip *ip = &own->ips[i];
		struct ip_net net = { ip->gateway, ip->address.plen };

		if (!ip_is_set(&ip->gateway))
			continue;
		if (alone)
			net.plen = ip_bits(net.addr.family);
		if (!rt_addr_has(list, n, &net))
			return cni_differs(err,
					   "gateway address %s is not on %s",
					   ip_net_format(&net, text),
					   link->name);
		if (forward_check(s, net.addr.family, err) < 0)
			return -1;
	}
	return 0;
}

int gateway_check(const struct sandbox *s, const struct rt_link *link,
		  const struct cni_result *own, struct cni_err *err)
{
	return check(s, link, own, false, err);
}

static struct rt_route route_to(const struct rt_link *link,
				const struct ip_addr *ip)
{
	return (struct rt_route){ .dst = { *ip, ip_bits(ip->family) },
				  .oif = link->index,
				  .scope = RT_SCOPE_LINK,
				  .alone = true };
}

static int add_one(const struct sandbox *s, const struct rt_link *link,
		   const struct cni_ip *ip, struct cni_err *err)
{
	const struct rt_route route = route_to(link, &ip->address.addr);
	const struct ip_net gw = { ip->gateway, route.dst.plen };
	char text[IP_STRLEN];
	int r = rt_addr_add(s->host, link->index, &gw, 0);

	if (r < 0 && r != -EEXIST) /* one for many addresses */
		return rt_fail(err, s->host, r,
			       "failed to add IP addr %s to \"%s\"",
			       ip_net_format(&gw, text), link->name);
	r = rt_route_add(s->host, &route);
	if (r == -EEXIST)
		return cni_fail(err, CNI_EEXIST, 0,
				"the host has a route to %s already",
				ip_format(&ip->address.addr, text));
	if (r < 0)
		return rt_fail(err, s->host, r,
			       "failed to add a route to %s on \"%s\"",
			       ip_format(&ip->address.addr, text), link->name);
	return forward_enable(s, gw.addr.family, err);
}

int gateway_add_alone(const struct sandbox *s, const struct rt_link *link,
		      const struct cni_result *own, struct cni_err *err)
{
	for (size_t i = 0; i < own->n_ips; i++)
		if (add_one(s, link, &own->ips[i], err) < 0)
			return -1;
	return 0;
}

int gateway_check_alone(const struct sandbox *s, const struct rt_link *link,
			const struct cni_result *own, struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = 0; i < own->n_ips; i++) {
		const struct ip_addr *ip = &own->ips[i].address.addr;
		const struct rt_route route = route_to(link, ip);
		int r = rt_route_has(s->host, &route);

		if (r < 0)
			return rt_fail(err, s->host, r,
				       "cannot list the host's routes");
		if (r == 0)
			return cni_differs(err, "the route to %s is missing",
					   ip_format(ip, text));
	}
	return check(s, link, own, true, err);
}
