/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attr.h - inside lib/route: attributes that messages of several kinds have */
#ifndef CNI_ROUTE_ATTR_H
#define CNI_ROUTE_ATTR_H

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdint.h>
#include <string.h>

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

static inline bool attr_same_ip(struct nlattr *a, const struct ip_addr *ip)
{
	return a && (unsigned)nla_len(a) == ip_bytes(ip->family) &&
	       memcmp(nla_data(a), ip->b, ip_bytes(ip->family)) == 0;
}

/* Parses a nest. The kernel may be newer, and send what is not expected: 0, or
   less where it cannot be parsed. */
static inline int attr_parse(struct nlattr **tb, int max, struct nlattr *a)
{
	return nla_parse(tb, max, nla_data(a), nla_len(a), NULL);
}

/* Parses the attributes of a route. Returns 0, or less, -EBADMSG where the
   message is no route. */
static inline int attr_parse_route(const struct nlmsghdr *h,
				   struct nlattr *tb[RTA_MAX + 1])
{
	if (h->nlmsg_type != RTM_NEWROUTE)
		return -EBADMSG;
	return nlmsg_parse((struct nlmsghdr *)h, sizeof(struct rtmsg), tb,
			   RTA_MAX, NULL);
}

#endif
