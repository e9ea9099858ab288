// SPDX-License-Identifier: GPL-2.0-or-later
/* link-set.c - changing and deleting links */
#include "route/link.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/attr.h>

static struct nl_msg *link_msg(int type, int flags, struct ifinfomsg ifi)
{
	return rt_msg(type, flags, &ifi, sizeof(ifi));
}

static struct nl_msg *change_msg(int index, const struct rt_change *change)
{
	return link_msg(RTM_NEWLINK, 0,
			(struct ifinfomsg){ .ifi_index = index,
					    .ifi_flags = change->flags,
					    .ifi_change = change->mask });
}

static int put_tag(struct nl_msg *m, uint32_t tag)
{
	struct nlattr *spec = nla_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *inet = spec ? nla_nest_start(m, AF_INET) : NULL;
	struct nlattr *conf = inet ? nla_nest_start(m, IFLA_INET_CONF) : NULL;
	int bad = !conf || nla_put_u32(m, IPV4_DEVCONF_TAG, tag);

	bad |= conf ? nla_nest_end(m, conf) : 0;
	bad |= inet ? nla_nest_end(m, inet) : 0;
	bad |= spec ? nla_nest_end(m, spec) : 0;
	return bad;
}

int rt_link_set(struct rt *rt, int index, const struct rt_change *change)
{
	struct nl_msg *m = change_msg(index, change);
	int bad = 0;

	if (!m)
		return -ENOMEM;
	/* with its NUL, the longest that a link can have is refused */
	if (change->alias)
		bad |= nla_put(m, IFLA_IFALIAS, (int)strlen(change->alias),
			       change->alias);
	if (change->master)
		bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)change->master);
	if (change->mac)
		bad |= nla_put(m, IFLA_ADDRESS, MAC_LEN, change->mac);
	if (change->name)
		bad |= nla_put_string(m, IFLA_IFNAME, change->name);
	if (change->group)
		bad |= nla_put_u32(m, IFLA_GROUP, change->group);
	if (change->mtu)
		bad |= nla_put_u32(m, IFLA_MTU, change->mtu);
	if (change->txqlen)
		bad |= nla_put_u32(m, IFLA_TXQLEN, *change->txqlen);
	if (change->tag || change->no_tag)
		bad |= put_tag(m, change->tag);
	return rt_call(rt, m, bad);
}

int rt_link_del(struct rt *rt, int index)
{
	return rt_call(rt,
		       link_msg(RTM_DELLINK, 0,
				(struct ifinfomsg){ .ifi_index = index }),
		       0);
}

int rt_link_del_group(struct rt *rt, unsigned group)
{
	struct nl_msg *m = link_msg(RTM_DELLINK, 0, (struct ifinfomsg){ 0 });

	return rt_call(rt, m, m ? nla_put_u32(m, IFLA_GROUP, group) : 0);
}
