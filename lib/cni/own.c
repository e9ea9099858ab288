// SPDX-License-Identifier: GPL-2.0-or-later
/* own.c - what of a result belongs to one interface in one sandbox */
#include <errno.h>
#include <string.h>

#include "base/netns.h"
#include "cni/result.h"

struct owner {
	const struct cni_result *all;
	const char *ifname, *netns;
};

static bool owns_link(const struct owner *o, const struct cni_interface *ifc)
{
	return ifc->name && ifc->sandbox && strcmp(ifc->name, o->ifname) == 0 &&
	       ns_same(ifc->sandbox, o->netns);
}

static bool owns_ip(const struct owner *o, const struct cni_ip *ip)
{
	return ip->interface >= 0 &&
	       (size_t)ip->interface < o->all->n_interfaces &&
	       owns_link(o, &o->all->interfaces[ip->interface]);
}

/*
 * Whether a route goes over the interface: its gateway is on one of the
 * interface's networks, or there is no other interface in a sandbox. Else it
 * may be that of another plugin of the chain.
 */
static bool owns_route(const struct owner *o, const struct cni_result *own,
		       const struct cni_route *route)
{
	for (size_t i = 0; i < own->n_ips; i++)
		if (ip_net_contains(&own->ips[i].address, &route->gw))
			return true;
	for (size_t i = 0; i < o->all->n_interfaces; i++)
		if (o->all->interfaces[i].sandbox &&
		    !owns_link(o, &o->all->interfaces[i]))
			return false;
	return true;
}

/* The last one of the name: a runtime may have passed on an older one too. */
static int add_link(const struct owner *o, struct cni_result *own)
{
	for (size_t i = o->all->n_interfaces; i-- > 0;)
		if (owns_link(o, &o->all->interfaces[i]))
			return cni_copy_interface(own, &o->all->interfaces[i]);
	return 0;
}

static int add_ip(struct cni_result *own, const struct cni_ip *from)
{
	struct cni_ip *ip = cni_add_ip(own);

	if (!ip)
		return -ENOMEM;
	*ip = *from;
	ip->interface = 0;
	return 0;
}

static int add_route(struct cni_result *own, const struct cni_route *from)
{
	struct cni_route *route = cni_add_route(own);

	if (!route)
		return -ENOMEM;
	*route = *from;
	return 0;
}

int cni_result_own(const struct cni_result *all, const char *ifname,
		   const char *netns, struct cni_result *own)
{
	const struct owner o = { all, ifname, netns };
	int r = add_link(&o, own);

	for (size_t i = 0; i < all->n_ips && r == 0; i++)
		if (owns_ip(&o, &all->ips[i]))
			r = add_ip(own, &all->ips[i]);
	for (size_t i = 0; i < all->n_routes && r == 0; i++)
		if (owns_route(&o, own, &all->routes[i]))
			r = add_route(own, &all->routes[i]);
	return r;
}
