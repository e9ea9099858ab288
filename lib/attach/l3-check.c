// SPDX-License-Identifier: GPL-2.0-or-later
/* l3-check.c - CHECK: a link's addresses and routes in the sandbox */
#include <errno.h>
#include <string.h>

#include "attach/check.h"
#include "attach/l3.h"
#include "route/route.h"

int check_addresses(struct rt *rt, const char *name, int index,
		    const struct cni_result *own, struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0;
	int r = rt_addr_list(rt, index, 0, &list, &n);

	if (r < 0)
		return rt_fail(err, rt, r, "cannot list the addresses of %s",
			       name);
	for (size_t i = 0; i < own->n_ips; i++)
		if (!rt_addr_has(list, n, &own->ips[i].address))
			return cni_differs(
				err, "failed to match addr %s on interface %s",
				ip_net_format(&own->ips[i].address, text),
				name);
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

int l3_has_route(const struct l3 *l, const struct rt_route *route,
		 struct cni_err *err)
{
	int r = rt_route_has(l->s->cont, route);

	return r < 0 ? rt_fail(err, l->s->cont, r,
			       "cannot list the routes of %s",
			       l->s->call->att.ifname)
		     : r;
}

/* Routes of the whole result, also of other interfaces of the chain. */
static int check_routes(const struct l3 *l, struct cni_err *err)
{
	const struct cni_result *prev = &l->s->call->conf.prev;
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < prev->n_routes; i++) {
		const struct cni_route *route = &prev->routes[i];
		struct rt_route k = { .dst = route->dst,
				      .gw = route->gw,
				      .priority = (unsigned)route->priority };
		int r;

		if (is_own(l->own, route))
			k.oif = l->index;
		if (route->table > 0)
			k.table = (unsigned)route->table;
		r = l3_has_route(l, &k, err);
		if (r < 0)
			return -1;
		if (r == 0)
			return cni_differs(
				err,
				"expected route to %s%s%s not found in "
				"routing table",
				ip_net_format(&k.dst, dst),
				ip_is_set(&k.gw) ? " via " : "",
				ip_format(&k.gw, gw));
	}
	return 0;
}

int l3_check(const struct l3 *l, struct cni_err *err)
{
	const struct cni_call *call = l->s->call;

	if (l->own->n_ips == 0)
		return cni_differs(err, "prevResult has no address of %s in %s",
				   call->att.ifname, call->netns);
	if (check_addresses(l->s->cont, call->att.ifname, l->index, l->own,
			    err) < 0)
		return -1;
	if (l->by_gateway && l3_check_gateway_routes(l, err) < 0)
		return -1;
	return check_routes(l, err);
}
