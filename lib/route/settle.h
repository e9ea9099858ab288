/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settle.h - waiting until the kernel has noticed what it was told */
#ifndef CNI_SETTLE_H
#define CNI_SETTLE_H

#include "base/ipaddr.h"
#include "route/link.h"

/*
 * Waits until the link's operational state is up and, if it is a bridge's
 * port, the bridge has noticed: a moment later. watch is from
 * rt_watch(RTNLGRP_LINK) and was opened before the link was brought up.
 * Returns 0, -ETIMEDOUT at the deadline, -ENODEV, or -errno.
 */
int rt_link_wait_up(struct rt *rt, int index, int watch, long long deadline_ms);

/*
 * Waits until the kernel has noticed the link's carrier, which it has already:
 * its state is up, and IPv6, where it is on, has given it a link-local address.
 * A link without a carrier is not waited for. watch is from the socket's
 * namespace, and the rest as above.
 */
int rt_link_wait_ready(struct rt *rt, int index, int watch,
		       long long deadline_ms);

/*
 * Waits until the kernel takes the packets for an IPv6 address of the link.
 * addrconf knows the address at once, but its worker, which all namespaces
 * share and which may have much to do, joins the multicast group and then makes
 * the local route. watch is from rt_watch(RTNLGRP_IPV6_ROUTE), opened in the
 * socket's namespace. Returns 0, at once for IPv4, -ETIMEDOUT, or -errno.
 */
int rt_route_wait_local(struct rt *rt, int index, const struct ip_addr *ip,
			int watch, long long deadline_ms);

/*
 * Waits until the kernel takes the link's IPv6 multicast packets, such as the
 * neighbours' solicitations and advertisements: when it has noticed that the
 * link is up. For an end of a veth pair whose two ends have the same index,
 * each in its namespace, kernels up to 6.1 at least put that off for up to a
 * second. watch and what is returned as above.
 */
int rt_route_wait_multicast(struct rt *rt, int index, int watch,
			    long long deadline_ms);

#endif
