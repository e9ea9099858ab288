/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr.h - addresses of a link, and neighbours */
#ifndef CNI_ADDR_H
#define CNI_ADDR_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/mac.h"
#include "route/rt.h"

struct rt_addr {
	struct ip_net net;
	unsigned flags;	    /* IFA_F_TENTATIVE, IFA_F_DADFAILED, ... */
	struct ip_addr brd; /* the broadcast address; unset where it has none */
	uint8_t scope;	    /* RT_SCOPE_UNIVERSE, ... */
	char label[IFNAMSIZ]; /* of IPv4; "" where it has none */
};

DEFINE_AUTO(addrs, struct rt_addr *, free)

/* Flags of rt_addr_add(). */
enum {
	RT_ADDR_DAD = 1 << 0,	   /* duplicate address detection for IPv6 */
	RT_ADDR_NO_ROUTE = 1 << 1, /* no route to its subnet */
};

/*
 * Adds an address; IPv4 with its broadcast address where the prefix leaves
 * one, IPv6 without duplicate address detection (IFA_F_NODAD). When that is of
 * use, rt_route_wait_local() knows. Returns 0, -EEXIST, or -errno.
 */
int rt_addr_add(struct rt *rt, int index, const struct ip_net *net,
		unsigned flags);
/*
 * Adds an address that rt_addr_list() told of, with its broadcast address,
 * scope, label and the flags that somebody gave it; IPv6 without duplicate
 * address detection. Returns as rt_addr_add().
 */
int rt_addr_restore(struct rt *rt, int index, const struct rt_addr *addr);
/* -EADDRNOTAVAIL where there is no such address. */
int rt_addr_del(struct rt *rt, int index, const struct ip_net *net);

/*
 * The link's addresses of that family, 0 for both, as an owned array. Only
 * that link is asked for, so other links' churn does not interrupt it.
 * Returns 0 or -errno.
 */
int rt_addr_list(struct rt *rt, int index, int family, struct rt_addr **ret,
		 size_t *ret_n);

/*
 * The same of a link in another namespace, by that one's number here, as
 * rt_link.peer_netns is (IFA_TARGET_NETNSID, since Linux 4.20).
 */
int rt_addr_list_in(struct rt *rt, int netns, int index, int family,
		    struct rt_addr **ret, size_t *ret_n);

/* Whether the list has that one, and no other host answered for it (DAD). */
bool rt_addr_has(const struct rt_addr *list, size_t n,
		 const struct ip_net *want);

/*
 * The MAC by which the link knows a neighbour; zero where it is known by none,
 * as one that does not answer. Returns 0, -ENOENT where there is none, or
 * -errno.
 */
int rt_neigh_get(struct rt *rt, int index, const struct ip_addr *ip,
		 uint8_t mac[MAC_LEN]);

/*
 * Forgets a neighbour: a reused address must not lead to the last one's MAC.
 * Returns 0, -ENOENT where there is none, or -errno.
 */
int rt_neigh_del(struct rt *rt, int index, const struct ip_addr *ip);

#endif
