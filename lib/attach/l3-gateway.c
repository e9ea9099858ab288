// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * l3-gateway.c - a link that has no neighbours but the host: routes to the
 * gateways, and by them to the subnets
 */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "attach/l3.h"
#include "route/route.h"

/* The gateway alone, on the link. */
static struct rt_route to_gateway(const struct l3 *l, const struct cni_ip *ip)
{
	return (struct rt_route){ .dst = { ip->gateway,
					   ip_bits(ip->gateway.family) },
				  .src = ip->address.addr,
				  .oif = l->index,
				  .scope = RT_SCOPE_LINK };
}

/* The address's subnet, by the gateway. */
static struct rt_route to_subnet(const struct l3 *l, const struct cni_ip *ip)
{
	return (struct rt_route){ .dst = ip->address,
				  .gw = ip->gateway,
				  .src = ip->address.addr,
				  .oif = l->index };
}

static bool same_dst(const struct ip_net *a, const struct ip_net *b)
{
	struct ip_addr x = ip_net_first(a), y = ip_net_first(b);

	return a->plen == b->plen && ip_cmp(&x, &y) == 0;
}

/*
 * Calls fn for each route, in the order in which they can be added; of
 * addresses of one gateway, or of one subnet, for the first one's. A subnet of
 * a single address has no others in it.
 */
static int each(const struct l3 *l,
		int (*fn)(const struct l3 *l, const struct rt_route *route,
			  struct cni_err *err),
		struct cni_err *err)
{
	const struct cni_ip *ips = l->own->ips;

	for (size_t i = 0; i < l->own->n_ips; i++) {
		struct rt_route gw = to_gateway(l, &ips[i]);
		struct rt_route subnet = to_subnet(l, &ips[i]);
		bool alone = ips[i].address.plen == gw.dst.plen;
		bool gw_seen = false, subnet_seen = false;

		for (size_t k = 0; k < i; k++) {
			gw_seen |=
				ip_cmp(&ips[k].gateway, &ips[i].gateway) == 0;
			subnet_seen |=
				same_dst(&ips[k].address, &ips[i].address);
		}
		if (!gw_seen && fn(l, &gw, err) < 0)
			return -1;
		if (!alone && !subnet_seen && fn(l, &subnet, err) < 0)
			return -1;
	}
	return 0;
}

static int add_one(const struct l3 *l, const struct rt_route *route,
		   struct cni_err *err)
{
	int r = rt_route_add(l->s->cont, route);
	char dst[IP_STRLEN];

	if (r < 0)
		return rt_fail(err, l->s->cont, r,
			       "failed to add route to %s on \"%s\"",
			       ip_net_format(&route->dst, dst),
			       l->s->call->att.ifname);
	return 0;
}

int l3_add_gateway_routes(const struct l3 *l, struct cni_err *err)
{
	return each(l, add_one, err);
}

static int check_one(const struct l3 *l, const struct rt_route *route,
		     struct cni_err *err)
{
	int r = l3_has_route(l, route, err);
	char dst[IP_STRLEN];

	if (r < 0)
		return -1;
	if (r == 0)
		return cni_differs(err, "route to %s on %s is missing",
				   ip_net_format(&route->dst, dst),
				   l->s->call->att.ifname);
	return 0;
}

int l3_check_gateway_routes(const struct l3 *l, struct cni_err *err)
{
	return each(l, check_one, err);
}
