/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ra.h - hosts that learn their IPv6 routes from router advertisements */
#ifndef CNI_RA_H
#define CNI_RA_H

#include "route/rt.h"

/*
 * Raises accept_ra from 1 to 2 on every link over which the kernel has learnt
 * a default route. Call it in the socket's namespace before IPv6 forwarding
 * is turned on: from then on 1 means "accept none", and the host would lose
 * its default route when that expires (Documentation/networking/ip-sysctl).
 * Returns 0 or -errno.
 */
int rt_keep_accepting_ra(struct rt *rt);

#endif
