// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway.c - the bridge as the containers' gateway */
#include "bridge.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/forward.h"
#include "attach/gateway.h"
#include "attach/l3.h"
#include "attach/masq.h"
#include "route/addr.h"
#include "route/route.h"

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

/*
 * The address that is in the way of net: another one whose subnet overlaps.
 * The kernel gives every IPv6 link a link-local one, which all of them share.
 * Returns 1 and *ret, 0 where net is there already or nothing is in the way
 * (*there tells which), or -errno.
 */
static int find_conflict(struct br *br, const struct ip_net *net,
			 struct rt_addr *ret, bool *there)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;
	int r = rt_addr_list(br->s.host, br->gw.index, net->addr.family, &list,
			     &n);

	*there = false;
	for (size_t i = 0; i < n && r == 0; i++)
		if (ip_net_equal(&list[i].net, net))
			*there = true;
	for (size_t i = 0; i < n && r == 0 && !*there; i++) {
		if (!ip_net_overlaps(&list[i].net, net) ||
		    (net->addr.family == AF_INET6 &&
		     ip_is_link_local(&list[i].net.addr)))
			continue;
		*ret = list[i];
		r = 1;
	}
	return r;
}

/* More addresses than this that are in the way are no network this ADD could
   have meant. */
#define REPLACED_MAX 12

/* An address that forceAddress took off an interface, for a failed ADD. */
struct replaced {
	const struct cni_attachment *att; /* of that ADD */
	char link[IFNAMSIZ];
	struct rt_addr old;
	struct ip_net new;
};

/* Stops at another attachment of the network, which uses the new address. */
static int see_user(const struct rt_link *l, void *arg)
{
	const struct cni_attachment *att = arg;
	char owner[CNI_OWNER_LEN];

	return cni_owner_in_network(l->alias, att->network) &&
	       strcmp(l->alias, cni_owner(att, owner, sizeof(owner))) != 0;
}

/* undo: it comes back, unless the network got to work with the new one */
static int put_back(void *arg, struct cni_err *err)
{
	const struct replaced *rep = arg;
	AUTO(rt) struct rt *rt = NULL;
	char text[IP_STRLEN];
	struct rt_link link;
	int r = rt_open(&rt);

	if (r == 0)
		r = rt_link_get(rt, rep->link, &link);
	if (r == -ENODEV)
		return 0;
	if (r == 0)
		r = rt_link_each(rt, "veth", see_user, (void *)rep->att);
	if (r > 0)
		return 0;
	if (r == 0) {
		(void)rt_addr_del(rt, link.index, &rep->new);
		r = rt_addr_restore(rt, link.index, &rep->old);
	}
	if (r < 0 && r != -EEXIST)
		return rt_fail(err, rt, r, "cannot put %s back",
			       ip_net_format(&rep->old.net, text));
	return 0;
}

static int replace(struct br *br, const struct ip_net *net,
		   const struct rt_addr *old, struct cni_err *err)
{
	struct replaced *rep = malloc(sizeof(*rep));
	char text[IP_STRLEN];
	int r;

	if (!rep)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	*rep = (struct replaced){ .att = &br->s.call->att,
				  .old = *old,
				  .new = *net };
	memcpy(rep->link, br->gw.name, IFNAMSIZ);
	r = rt_addr_del(br->s.host, br->gw.index, &old->net);
	if (r == -EADDRNOTAVAIL) { /* somebody else removed it */
		free(rep);
		return 0;
	}
	/* where the answer got lost it may be gone all the same */
	undo_push(br->undo, "put a replaced address back", put_back, rep, free);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "failed to set bridge addr: "
			       "cannot remove %s from \"%s\"",
			       ip_net_format(&old->net, text), br->gw.name);
	return 0;
}

/* Refuses what is in the way, or with forceAddress removes it alone. */
static int clear_conflict(struct br *br, const struct ip_net *net,
			  const struct rt_addr *old, struct cni_err *err)
{
	char want[IP_STRLEN], have[IP_STRLEN];

	if (br->conf->force_address && br->n_replaced++ < REPLACED_MAX)
		return replace(br, net, old, err);
	ip_net_format(net, want);
	ip_net_format(&old->net, have);
	cni_fail(err, CNI_EEXIST, 0,
		 "failed to set bridge addr: \"%s\" already has an IP "
		 "address different from %s: %s",
		 br->gw.name, want, have);
	cni_detail(err, "remove %s, or set \"forceAddress\"", have);
	return -1;
}

static int ensure_address(struct br *br, const struct ip_net *net,
			  struct cni_err *err)
{
	struct rt_addr old;
	char text[IP_STRLEN];
	bool there = false;
	int r = 1;

	/* what is removed may be refused by the kernel as not there, and yet
	   stay: an address with a peer */
	for (int i = 0; i <= REPLACED_MAX && r == 1; i++) {
		r = find_conflict(br, net, &old, &there);
		if (r == 1 && clear_conflict(br, net, &old, err) < 0)
			return -1;
	}
	if (r == 1)
		return cni_fail(err, CNI_EEXIST, 0,
				"failed to set bridge addr: cannot remove %s "
				"from \"%s\"",
				ip_net_format(&old.net, text), br->gw.name);
	if (r == 0 && !there) {
		br->new_gateway = true;
		r = rt_addr_add(br->s.host, br->gw.index, net, 0);
		if (r == -EEXIST) /* another ADD was faster */
			r = 0;
	}
	return r < 0 ? rt_fail(err, br->s.host, r,
			       "failed to set bridge addr: could not add IP "
			       "address %s to \"%s\"",
			       ip_net_format(net, text), br->gw.name)
		     : 0;
}

static int ensure_gateway(struct br *br, const struct cni_ip *ip,
			  struct cni_err *err)
{
	struct ip_net net = { ip->gateway, ip->address.plen };

	if (ensure_address(br, &net, err) < 0)
		return -1;
	return forward_enable(br->s.host, ip->gateway.family, err);
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

int br_set_up_gateways(struct br *br, struct cni_err *err)
{
	for (size_t i = 0; i < br->own->n_ips; i++)
		if (br->conf->is_gateway &&
		    ensure_gateway(br, &br->own->ips[i], err) < 0)
			return -1;
	return br->conf->ip_masq ? masquerade(br, err) : 0;
}
