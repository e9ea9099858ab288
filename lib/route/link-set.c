// SPDX-License-Identifier: GPL-2.0-or-later
/* link-set.c - changing and deleting links */
#include "route/link.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <netlink/attr.h>

static struct nl_msg *link_msg(int type, int flags, struct ifinfomsg ifi)
{
	return rt_msg(type, flags, &ifi, sizeof(ifi));
}

static int attach(struct rt *rt, struct ifinfomsg ifi, int master,
		  const char *alias)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0, ifi);
	int bad = 0;

	if (m) {
		/* with its NUL, the longest that a link can have is refused */
		bad |= nla_put(m, IFLA_IFALIAS, (int)strlen(alias), alias);
		if (master)
			bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)master);
	}
	return rt_call(rt, m, bad);
}

int rt_link_attach(struct rt *rt, int index, int master, const char *alias)
{
	const struct ifinfomsg ifi = { .ifi_index = index,
				       .ifi_flags = IFF_UP,
				       .ifi_change = IFF_UP };

	return attach(rt, ifi, master, alias);
}

int rt_link_join(struct rt *rt, int index, int master, const char *alias)
{
	const struct ifinfomsg ifi = { .ifi_index = index };

	return attach(rt, ifi, master, alias);
}

static int set_flag(struct rt *rt, int index, unsigned flag, bool on)
{
	return rt_call(rt,
		       link_msg(RTM_NEWLINK, 0,
				(struct ifinfomsg){ .ifi_index = index,
						    .ifi_flags = on ? flag : 0,
						    .ifi_change = flag }),
		       0);
}

int rt_link_up(struct rt *rt, int index)
{
	return set_flag(rt, index, IFF_UP, true);
}

int rt_link_down(struct rt *rt, int index)
{
	return set_flag(rt, index, IFF_UP, false);
}

int rt_link_set_promisc(struct rt *rt, int index)
{
	return set_flag(rt, index, IFF_PROMISC, true);
}

static struct nl_msg *change(int index)
{
	return link_msg(RTM_NEWLINK, 0,
			(struct ifinfomsg){ .ifi_index = index });
}

int rt_link_set_mac(struct rt *rt, int index, const uint8_t mac[MAC_LEN])
{
	struct nl_msg *m = change(index);

	return rt_call(rt, m, m ? nla_put(m, IFLA_ADDRESS, MAC_LEN, mac) : 0);
}

int rt_link_rename(struct rt *rt, int index, const char *name)
{
	struct nl_msg *m = change(index);

	return rt_call(rt, m, m ? nla_put_string(m, IFLA_IFNAME, name) : 0);
}

int rt_link_set_group(struct rt *rt, int index, unsigned group)
{
	struct nl_msg *m = change(index);

	return rt_call(rt, m, m ? nla_put_u32(m, IFLA_GROUP, group) : 0);
}

int rt_port_set(struct rt *rt, int index, const struct rt_port *port)
{
	struct nl_msg *m = change(index);
	struct nlattr *info, *data;
	int bad = 0;

	if (!m)
		return -ENOMEM;
	info = nla_nest_start(m, IFLA_LINKINFO);
	bad |= !info || nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge");
	data = info ? nla_nest_start(m, IFLA_INFO_SLAVE_DATA) : NULL;
	bad |= !data || nla_put_u8(m, IFLA_BRPORT_LOCKED, port->locked);
	bad |= nla_put_u8(m, IFLA_BRPORT_MODE, port->hairpin);
	bad |= nla_put_u8(m, IFLA_BRPORT_ISOLATED, port->isolated);
	bad |= data ? nla_nest_end(m, data) : 0;
	bad |= info ? nla_nest_end(m, info) : 0;
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
