/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route.h - routes of a link */
#ifndef CNI_ROUTE_H
#define CNI_ROUTE_H

#include "base/ipaddr.h"
#include "route/rt.h"

struct rt_route {
	struct ip_net dst;		/* host bits are ignored */
	struct ip_addr gw;		/* unset: on the link itself */
	struct ip_addr src;		/* of packets sent by it; unset: any */
	int oif;			/* index of the link */
	unsigned mtu, advmss, priority; /* 0: not given */
	unsigned table;			/* 0: main */
	uint8_t scope;			/* RT_SCOPE_UNIVERSE, ... */
	bool alone;   /* there may be no other one of that dst and priority */
	bool on_link; /* the gateway is a neighbour, whatever routes say */
};

/*
 * Adds a route. Returns 0, -EEXIST where it is there already, -ENETUNREACH
 * where its gateway is on none of the link's networks and not on_link, or
 * -errno.
 */
int rt_route_add(struct rt *rt, const struct rt_route *route);

/*
 * Whether there is a route with that dst, table and, where given, oif, gw
 * (0.0.0.0: none), mtu, advmss and priority; src does not count; a hop of a
 * multipath route counts. Returns 1, 0 or -errno.
 */
int rt_route_has(struct rt *rt, const struct rt_route *route);

/*
 * The link of the first default route in the main table, IPv4's before IPv6's.
 * Returns 0 and its index, -ENOENT where there is none, or -errno.
 */
int rt_route_default(struct rt *rt, int *ret_oif);

/*
 * How the host sends to an address: the link it goes out by, the type of the
 * route, RTN_UNICAST, RTN_LOCAL and so on, and the address it sends from, unset
 * where the kernel does not say. Returns 0 or -errno:
 * -ENETUNREACH, -EHOSTUNREACH where there is no way.
 */
struct rt_way {
	int oif;
	unsigned type;
	struct ip_addr src;
};
int rt_route_lookup(struct rt *rt, const struct ip_addr *to,
		    struct rt_way *ret);

/*
 * rt_get() of all routes of that family and table; a kernel that does not
 * filter by table gives more. -ENOENT where there is no such table.
 */
int rt_route_dump(struct rt *rt, unsigned family, unsigned table,
		  rt_answer_fn fn, void *arg);

#endif
