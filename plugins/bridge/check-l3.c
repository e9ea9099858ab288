// SPDX-License-Identifier: GPL-2.0-or-later
/* check-l3.c - CHECK: addresses, routes, gateways and masquerade */
#include "check.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

#include "route/addr.h"
#include "fw/goplugins.h"
#include "route/route.h"
#include "base/sysctl.h"

static bool has_address(const struct rt_addr *list, size_t n,
			const struct ip_net *want)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_equal(&list[i].net, want))
			return !(list[i].flags & IFA_F_DADFAILED);
	return false;
}

static int check_addresses(struct br *br, const struct cni_result *own,
			   struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->cont, br->cont_index, 0, &list, &have);

	if (r < 0)
		return rt_fail(err, br->cont, r,
			       "cannot list the addresses of %s",
			       br->call->att.ifname);
	for (size_t i = 0; i < own->n_ips; i++)
		if (!has_address(list, have, &own->ips[i].address))
			return differs(err,
				       "failed to match addr %s on interface "
				       "%s",
				       ip_net_format(&own->ips[i].address,
						     text),
				       br->call->att.ifname);
	return 0;
}

/* Whether the route is the interface's own; else it is one of the chain's. */
static bool is_own(const struct cni_result *own, const struct cni_route *route)
{
	for (size_t i = 0; i < own->n_routes; i++)
		if (ip_net_equal(&own->routes[i].dst, &route->dst) &&
		    ip_cmp(&own->routes[i].gw, &route->gw) == 0)
			return true;
	return false;
}

/* All of the result's, also those of other interfaces of the chain. */
static int check_routes(struct br *br, const struct cni_result *own,
			struct cni_err *err)
{
	const struct cni_result *prev = &br->call->conf.prev;
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < prev->n_routes; i++) {
		const struct cni_route *route = &prev->routes[i];
		struct rt_route k = { .dst = route->dst,
				      .gw = route->gw,
				      .priority = (unsigned)route->priority };
		int r;

		if (is_own(own, route))
			k.oif = br->cont_index;
		if (route->table > 0)
			k.table = (unsigned)route->table;
		r = rt_route_has(br->cont, &k);
		if (r < 0)
			return rt_fail(err, br->cont, r,
				       "cannot list the routes of %s",
				       br->call->att.ifname);
		if (r == 0)
			return differs(err,
				       "expected route to %s%s%s not found in "
				       "routing table",
				       ip_net_format(&k.dst, dst),
				       ip_is_set(&k.gw) ? " via " : "",
				       ip_format(&k.gw, gw));
	}
	return 0;
}

static int check_forwarding(unsigned family, struct cni_err *err)
{
	const char *name = family == AF_INET ? "net/ipv4/ip_forward"
					     : "net/ipv6/conf/all/forwarding";
	char now[16] = "";

	if (sysctl_get(name, now, sizeof(now)) < 0 || strcmp(now, "1") != 0)
		return differs(err, "forwarding is off: /proc/sys/%s is %s",
			       name, *now ? now : "missing");
	return 0;
}

static int find_gateway_link(struct br *br, struct cni_err *err)
{
	br->gw = br->bridge;
	if (!br->conf->is_gateway || !br->conf->vlan)
		return 0;
	return check_vlan_interface(br, err);
}

static int check_gateways(struct br *br, const struct cni_result *own,
			  struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->host, br->gw.index, 0, &list, &have);

	if (r < 0)
		return rt_fail(err, br->host, r,
			       "cannot list the addresses of %s", br->gw.name);
	for (size_t i = 0; i < own->n_ips; i++) {
		struct ip_net net = { own->ips[i].gateway,
				      own->ips[i].address.plen };

		if (!ip_is_set(&own->ips[i].gateway))
			continue;
		if (!has_address(list, have, &net))
			return differs(err, "gateway address %s is not on %s",
				       ip_net_format(&net, text), br->gw.name);
		if (check_forwarding(net.addr.family, err) < 0)
			return -1;
	}
	return 0;
}

/* Ours, or the Go plugins' for an attachment of theirs. */
static int check_masquerade(struct br *br, const struct cni_result *own,
			    struct cni_err *err)
{
	AUTO(masq) struct fw_masq *m = NULL;
	AUTO(fw) struct fw *fw = NULL;
	char text[IP_STRLEN], iif[IFNAMSIZ];
	int r;

	if (br_find_masq_iif(br, iif, err) < 0)
		return -1;
	m = br_masq_rules(br, own->ips, own->n_ips, iif);
	r = m ? fw_open(&fw) : -ENOMEM;
	for (size_t i = 0; i < own->n_ips && r >= 0; i++) {
		r = fw_masq_has(fw, &m[i], 1);
		if (r == 0)
			r = fw_go_has(fw, &br->call->att,
				      &own->ips[i].address.addr);
		if (r == 0)
			return differs(err, "masquerade of %s is missing",
				       ip_net_format(&own->ips[i].address,
						     text));
	}
	return r < 0 ? fw_fail(err, fw, r, "look for masquerade") : 0;
}

int check_l3(struct br *br, const struct cni_result *own, struct cni_err *err)
{
	if (own->n_ips == 0)
		return differs(err, "prevResult has no address of %s in %s",
			       br->call->att.ifname, br->call->netns);
	if (check_addresses(br, own, err) < 0 ||
	    check_routes(br, own, err) < 0 || find_gateway_link(br, err) < 0)
		return -1;
	if (br->conf->is_gateway && check_gateways(br, own, err) < 0)
		return -1;
	return br->conf->ip_masq ? check_masquerade(br, own, err) : 0;
}
