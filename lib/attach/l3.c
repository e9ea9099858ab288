// SPDX-License-Identifier: GPL-2.0-or-later
/* l3.c - a link's addresses and routes in the sandbox: up and settled */
#include "attach/l3.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/netns.h"
#include "base/sysctl.h"
#include "route/addr.h"
#include "route/route.h"
#include "route/settle.h"

#define PORT_TIMEOUT_MS 10000
#define DAD_TIMEOUT_MS 10000
#define READY_TIMEOUT_MS 2000

/* The part that is done inside the namespace, not only through its socket. */
struct inside {
	const struct l3 *l;
	bool v6;
	const char *failed; /* out: the link that cannot have IPv6 */
};

static bool has_family(const struct l3 *l, unsigned family)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (l->own->ips[i].address.addr.family == family)
			return true;
	return false;
}

static int prepare_v6(struct inside *in)
{
	const char *ifname = in->l->s->call->att.ifname;
	int sys = in->l->s->sys, r;

	in->failed = "lo";
	r = sysctl_set_conf(sys, "ipv6", "lo", "disable_ipv6", "0");
	if (r < 0)
		return r;
	in->failed = ifname;
	r = sysctl_set_conf(sys, "ipv6", ifname, "disable_ipv6", "0");
	if (r < 0)
		return r;
	/* as the reference; ours never goes down */
	(void)sysctl_set_conf(sys, "ipv6", ifname, "keep_addr_on_down", "1");
	in->failed = NULL;
	return 0;
}

static int prepare_inside(void *arg)
{
	struct inside *in = arg;

	if (!in->l->prepared)
		(void)l3_set_sysctls((void *)in->l);
	return in->v6 ? prepare_v6(in) : 0;
}

static int prepare(const struct l3 *l, struct cni_err *err)
{
	struct inside in = { .l = l, .v6 = has_family(l, AF_INET6) };
	int r = 0;

	if (in.v6 || !l->prepared)
		r = ns_run(l->s->call->sandbox, prepare_inside, &in);
	if (r < 0 && in.failed)
		return rt_fail(err, NULL, r,
			       "cannot set disable_ipv6 of \"%s\" to 0",
			       in.failed);
	if (r < 0)
		return rt_fail(err, NULL, r, "cannot prepare \"%s\" in %s",
			       l->s->call->att.ifname, l->s->call->netns);
	return 0;
}

static int add_addresses(const struct l3 *l, struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = 0; i < l->own->n_ips; i++) {
		const struct ip_net *net = &l->own->ips[i].address;
		int r = rt_addr_add(l->s->cont, l->index, net,
				    (l->dad ? RT_ADDR_DAD : 0) |
					    (l->by_gateway ? RT_ADDR_NO_ROUTE
							   : 0));

		if (r < 0)
			return rt_fail(err, l->s->cont, r,
				       "failed to add IP addr %s to \"%s\"",
				       ip_net_format(net, text),
				       l->s->call->att.ifname);
	}
	return 0;
}

/* The gateway a route without one uses: the first of its family, or none. */
static struct ip_addr default_gw(const struct l3 *l, unsigned family)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (l->own->ips[i].gateway.family == family)
			return l->own->ips[i].gateway;
	return (struct ip_addr){ 0 };
}

/*
 * Whether gw is in a subnet that is behind a gateway. The kernel would refuse
 * it, and as the reference has it, it is a neighbour all the same: who that is,
 * the host may tell (proxy_arp).
 */
static bool is_behind(const struct l3 *l, const struct ip_addr *gw)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (ip_cmp(&l->own->ips[i].gateway, gw) == 0)
			return false;
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (ip_net_contains(&l->own->ips[i].address, gw))
			return l->by_gateway;
	return false;
}

static struct rt_route kernel_route(const struct l3 *l,
				    const struct cni_route *route)
{
	struct rt_route k = { .dst = route->dst,
			      .gw = route->gw,
			      .oif = l->index,
			      .mtu = (unsigned)route->mtu,
			      .advmss = (unsigned)route->advmss,
			      .priority = (unsigned)route->priority };

	if (route->table > 0)
		k.table = (unsigned)route->table;
	if (route->scope >= 0)
		k.scope = (uint8_t)route->scope;
	/* a route that is said to be on the link needs no gateway */
	if (!ip_is_set(&k.gw) && k.scope < RT_SCOPE_LINK)
		k.gw = default_gw(l, k.dst.addr.family);
	/* and one without a gateway is on the link, whoever says nothing */
	if (!ip_is_set(&k.gw) && route->scope < 0)
		k.scope = RT_SCOPE_LINK;
	k.on_link = is_behind(l, &k.gw);
	return k;
}

static bool same_route(const struct rt_route *a, const struct rt_route *b)
{
	struct ip_addr x = ip_net_first(&a->dst), y = ip_net_first(&b->dst);

	return a->dst.plen == b->dst.plen && ip_cmp(&x, &y) == 0 &&
	       ip_cmp(&a->gw, &b->gw) == 0 && a->priority == b->priority &&
	       a->table == b->table;
}

/* Given twice, with and without its gateway say, it is one route. */
static bool seen_before(const struct l3 *l, size_t i)
{
	struct rt_route a = kernel_route(l, &l->own->routes[i]);

	for (size_t k = 0; k < i; k++) {
		struct rt_route b = kernel_route(l, &l->own->routes[k]);

		if (same_route(&a, &b))
			return true;
	}
	return false;
}

static int add_routes(const struct l3 *l, struct cni_err *err)
{
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < l->own->n_routes; i++) {
		struct rt_route k = kernel_route(l, &l->own->routes[i]);
		int r;

		if (seen_before(l, i))
			continue;
		r = rt_route_add(l->s->cont, &k);
		if (r < 0)
			return rt_fail(err, l->s->cont, r,
				       "failed to add route '%s via %s dev %s'",
				       ip_net_format(&k.dst, dst),
				       ip_is_set(&k.gw) ? ip_format(&k.gw, gw)
							: "link",
				       l->s->call->att.ifname);
	}
	return 0;
}

/*
 * -EAGAIN while an address is tentative, -EADDRINUSE with *bad where another
 * host answered for it.
 */
static int dad_state(const struct l3 *l, struct ip_net *bad)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;
	int r = rt_addr_list(l->s->cont, l->index, AF_INET6, &list, &n);

	for (size_t i = 0; i < n && r == 0; i++) {
		*bad = list[i].net;
		if (list[i].flags & IFA_F_DADFAILED)
			r = -EADDRINUSE;
		else if (list[i].flags & IFA_F_TENTATIVE)
			r = -EAGAIN;
	}
	return r;
}

static int watch_here(void *arg)
{
	return rt_watch(*(const unsigned *)arg);
}

/*
 * A watch in the sandbox, or -errno. It is opened where a first look was in
 * vain, and followed by another one: mostly the kernel has done all by then.
 */
static int watch_inside(const struct l3 *l, unsigned group)
{
	return ns_run(l->s->call->sandbox, watch_here, &group);
}

static int wait_for_dad(const struct l3 *l, struct cni_err *err)
{
	AUTO(fd) int watch = watch_inside(l, RTNLGRP_IPV6_IFADDR);
	long long deadline = rt_now_ms() + DAD_TIMEOUT_MS;
	int r = watch < 0 ? watch : -EAGAIN;
	struct ip_net bad = { 0 };
	char text[IP_STRLEN];

	while (r == -EAGAIN) {
		int heard = 0;

		r = dad_state(l, &bad);
		if (r == -EAGAIN)
			heard = rt_await(watch, deadline);
		if (heard < 0)
			r = heard;
	}
	if (r == -EADDRINUSE)
		return rt_fail(err, NULL, 0,
			       "failed to settle addresses for \"%s\": "
			       "another host has %s",
			       l->s->call->att.ifname,
			       ip_net_format(&bad, text));
	if (r < 0)
		return rt_fail(err, l->s->cont, r,
			       "failed to settle addresses for \"%s\"",
			       l->s->call->att.ifname);
	return 0;
}

/* Until packets for the addresses are taken, and those to ask for them with. */
static int await_v6(const struct l3 *l, int watch, long long deadline)
{
	int r = rt_route_wait_multicast(l->s->cont, l->index, watch, deadline);

	for (size_t i = 0; i < l->own->n_ips && r == 0; i++)
		r = rt_route_wait_local(l->s->cont, l->index,
					&l->own->ips[i].address.addr, watch,
					deadline);
	return r;
}

static int wait_for_v6(const struct l3 *l, struct cni_err *err)
{
	int r = await_v6(l, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = watch_inside(l, RTNLGRP_IPV6_ROUTE);

		r = watch < 0 ? watch
			      : await_v6(l, watch,
					 rt_now_ms() + L3_LOCAL_TIMEOUT_MS);
	}
	if (r < 0)
		return rt_fail(err, l->s->cont, r,
			       "failed to settle addresses for \"%s\"",
			       l->s->call->att.ifname);
	return 0;
}

/*
 * The state and the link-local address are told of within a second. What has to
 * be there is waited for by itself, so this is no reason to fail.
 */
static int wait_until_ready(const struct l3 *l, struct cni_err *err)
{
	int r = rt_link_wait_ready(l->s->cont, l->index, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = watch_inside(l, RTNLGRP_LINK);

		r = watch < 0 ? watch
			      : rt_link_wait_ready(l->s->cont, l->index, watch,
						   rt_now_ms() +
							   READY_TIMEOUT_MS);
	}
	if (r < 0 && r != -ETIMEDOUT)
		return rt_fail(err, l->s->cont, r,
			       "cannot wait until \"%s\" is up",
			       l->s->call->att.ifname);
	return 0;
}

static int wait_for_port(const struct l3 *l, struct cni_err *err)
{
	int r = rt_link_wait_up(l->s->host, l->port->index, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);

		r = watch < 0
			    ? watch
			    : rt_link_wait_up(l->s->host, l->port->index, watch,
					      rt_now_ms() + PORT_TIMEOUT_MS);
	}
	if (r < 0)
		return rt_fail(err, l->s->host, r,
			       "%s %s in error state: not up",
			       l->by_gateway ? "link" : "bridge port",
			       l->port->name);
	return 0;
}

int l3_bring_up(const struct l3 *l, struct cni_err *err)
{
	bool l2 = l->own->n_ips == 0;
	int r;

	if (!l2 && (prepare(l, err) < 0 || add_addresses(l, err) < 0))
		return -1;
	r = rt_link_up(l->s->cont, l->index);
	if (r < 0)
		return rt_fail(err, l->s->cont, r, "failed to set \"%s\" up",
			       l->s->call->att.ifname);
	if (l->by_gateway && l3_add_gateway_routes(l, err) < 0)
		return -1;
	return add_routes(l, err);
}

int l3_settle(const struct l3 *l, struct cni_err *err)
{
	bool v6 = has_family(l, AF_INET6);

	if (wait_until_ready(l, err) < 0)
		return -1;
	if (l->port && wait_for_port(l, err) < 0)
		return -1;
	if (v6 && l->dad && wait_for_dad(l, err) < 0)
		return -1;
	return v6 ? wait_for_v6(l, err) : 0;
}

int l3_set_up(const struct l3 *l, struct cni_err *err)
{
	if (l3_bring_up(l, err) < 0 || l3_settle(l, err) < 0)
		return -1;
	/* a link of two, which is new, has nobody who knew another MAC */
	return l->by_gateway ? 0 : l3_announce(l, err);
}
