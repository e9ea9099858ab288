// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway.c - the bridge as the containers' gateway */
#include "bridge.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/forward.h"
#include "attach/gateway-addr.h"
#include "attach/l3.h"
#include "attach/masq.h"

/* A default route in the main table: one in another says nothing about it. */
static bool has_default_route(const struct br *br, unsigned family)
{
	for (size_t i = 0; i < br->own->n_routes; i++) {
		const struct cni_route *route = &br->own->routes[i];

		if (route->dst.addr.family == family && route->dst.plen == 0 &&
		    (route->table <= 0 || route->table == RT_TABLE_MAIN))
			return true;
	}
	return false;
}

static int add_default_route(struct cni_result *res, const struct ip_addr *gw,
			     struct cni_err *err)
{
	struct cni_route *route = cni_add_route(res);

	if (!route)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	route->dst.addr.family = gw->family;
	route->gw = *gw;
	return 0;
}

/* The first address of the subnet; of a /31, the one that is not ours. */
static struct ip_addr usual_gateway(const struct ip_net *net)
{
	struct ip_addr first = ip_net_first(net);
	struct ip_addr gw = ip_next(first);

	if (net->plen == ip_bits(net->addr.family) - 1 &&
	    ip_cmp(&gw, &net->addr) == 0)
		return first;
	return gw;
}

int br_plan_gateways(struct br *br, struct cni_err *err)
{
	struct cni_result *own = br->own;

	if (!br->conf->is_gateway)
		return 0;
	for (size_t i = 0; i < own->n_ips; i++) {
		struct cni_ip *ip = &own->ips[i];
		unsigned family = ip->address.addr.family;

		if (!ip_is_set(&ip->gateway))
			ip->gateway = usual_gateway(&ip->address);
		/* one without its gateway gets it when it is programmed */
		if (br->conf->is_default_gateway &&
		    !has_default_route(br, family) &&
		    add_default_route(own, &ip->gateway, err) < 0)
			return -1;
	}
	return 0;
}

int br_find_gateway_link(struct br *br, struct cni_err *err)
{
	br->gw = br->bridge;
	if (br->conf->is_gateway && br->conf->vlan)
		return br_ensure_vlan_interface(br, err);
	return 0;
}

int br_find_masq_iif(struct br *br, char iif[IFNAMSIZ], struct cni_err *err)
{
	struct rt_link master = { 0 };
	int r = 0;

	memcpy(iif, br->gw.name, IFNAMSIZ);
	if (br->gw.master)
		r = rt_link_get_index(br->s.host, br->gw.master, &master);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "could not look up what %s is a part of",
			       br->gw.name);
	if (strcmp(master.kind, "vrf") == 0)
		memcpy(iif, master.name, IFNAMSIZ);
	return 0;
}

static int masquerade(struct br *br, struct cni_err *err)
{
	char iif[IFNAMSIZ];

	if (br_find_masq_iif(br, iif, err) < 0)
		return -1;
	return masq_add(br->s.call, iif, br->own, br->undo, err);
}

static struct gateway_addrs addrs_of(struct br *br)
{
	return (struct gateway_addrs){ .s = &br->s,
				       .link = &br->gw,
				       .undo = br->undo,
				       .force = br->conf->force_address };
}

static int add_gateways(struct br *br, struct cni_err *err)
{
	struct gateway_addrs addrs = addrs_of(br);

	for (size_t i = 0; i < br->own->n_ips; i++) {
		const struct cni_ip *ip = &br->own->ips[i];
		const struct ip_net net = { ip->gateway, ip->address.plen };

		if (gateway_addr_ensure(&addrs, &net, err) < 0 ||
		    forward_enable(&br->s, ip->gateway.family, err) < 0)
			return -1;
	}
	br->new_gateway = addrs.added;
	return 0;
}

int br_set_up_gateways(struct br *br, struct cni_err *err)
{
	if (br->conf->is_gateway && add_gateways(br, err) < 0)
		return -1;
	return br->conf->ip_masq ? masquerade(br, err) : 0;
}

int br_drop_old_gateways(struct br *br, struct cni_err *err)
{
	struct gateway_addrs addrs = addrs_of(br);

	if (!br->conf->is_gateway || !br->conf->force_address)
		return 0;
	return gateway_addr_drop_old(&addrs, br->bridge.index, br->own, err);
}
