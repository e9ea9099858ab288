/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attr.h - inside lib/route: attributes that messages of several kinds have */
#ifndef CNI_ROUTE_ATTR_H
#define CNI_ROUTE_ATTR_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdint.h>

#include "base/ipaddr.h"

/*
 * The value, or 0 where there is no such attribute (a may be NULL) or it is
 * too short: libnl's own would read what comes after it.
 */
static inline uint32_t attr_u32(const struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint32_t) ? nla_get_u32(a) : 0;
}

static inline uint16_t attr_u16(const struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint16_t) ? nla_get_u16(a) : 0;
}

static inline uint8_t attr_u8(const struct nlattr *a)
{
	return a && nla_len(a) >= (int)sizeof(uint8_t) ? nla_get_u8(a) : 0;
}

/* Adds an address of either family. Returns 0, or <0 where it does not fit. */
static inline int attr_put_ip(struct nl_msg *m, int type,
			      const struct ip_addr *ip)
{
	return nla_put(m, type, (int)ip_bytes(ip->family), ip->b);
}

#endif
