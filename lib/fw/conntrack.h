/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack.h - connections that lead to what a port was mapped to before */
#ifndef CNI_FW_CONNTRACK_H
#define CNI_FW_CONNTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "fw/fw.h"

/* A connection of UDP: where it was sent to, and who answers. */
struct fw_flow {
	struct ip_addr to, from;
	uint16_t to_port, from_port;
};

/* Whether that one is to go. */
typedef bool (*fw_flow_fn)(const struct fw_flow *flow, void *arg);

/*
 * Forgets the connections of UDP of a family that fn says, of those sent to
 * that port (0: any) or answered by that address (NULL: any): the kernel gives
 * fn no others from Linux 5.8 on, and before it all. A connection that ends by
 * itself meanwhile is fine, as is a kernel without ctnetlink. Returns their
 * number or -errno.
 */
int fw_flows_forget(struct fw *fw, unsigned family, uint16_t to_port,
		    const struct ip_addr *from, fw_flow_fn fn, void *arg);

#endif
