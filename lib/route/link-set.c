// SPDX-License-Identifier: GPL-2.0-or-later
/* link-set.c - making, changing and deleting links */
#include "route/link.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include <netlink/attr.h>

static struct nl_msg *link_msg(int type, int flags, struct ifinfomsg ifi)
{
	return rt_msg(type, flags, &ifi, sizeof(ifi));
}

static int put_mtu(struct nl_msg *m, unsigned mtu)
{
	return mtu ? nla_put_u32(m, IFLA_MTU, mtu) : 0;
}

/* IFLA_LINKINFO of a bridge, with VLAN filtering on or left alone */
static int put_bridge(struct nl_msg *m, bool vlan_filtering)
{
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO);
	struct nlattr *data;
	int bad = !info || nla_put_string(m, IFLA_INFO_KIND, "bridge");

	if (!bad && vlan_filtering) {
		data = nla_nest_start(m, IFLA_INFO_DATA);
		bad |= !data || nla_put_u8(m, IFLA_BR_VLAN_FILTERING, 1);
		bad |= data ? nla_nest_end(m, data) : 0;
	}
	return bad | (info ? nla_nest_end(m, info) : 0);
}

int rt_bridge_add(struct rt *rt, const struct rt_bridge *b)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
				    (struct ifinfomsg){ 0 });
	int bad = 0;

	if (!m)
		return -ENOMEM;
	bad |= nla_put_string(m, IFLA_IFNAME, b->name);
	bad |= nla_put(m, IFLA_ADDRESS, MAC_LEN, b->mac);
	bad |= put_mtu(m, b->mtu);
	bad |= put_bridge(m, b->vlan_filtering);
	return rt_call(rt, m, bad);
}

int rt_bridge_filter_vlans(struct rt *rt, int index)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0,
				    (struct ifinfomsg){ .ifi_index = index });

	return rt_call(rt, m, m ? put_bridge(m, true) : 0);
}

/* VETH_INFO_PEER: an ifinfomsg and then attributes, as in a message */
static int put_peer(struct nl_msg *m, const struct rt_veth *veth)
{
	static const struct ifinfomsg ifi;
	struct nlattr *peer = nla_nest_start(m, VETH_INFO_PEER);
	int bad = !peer;

	if (!peer)
		return bad;
	bad |= nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO);
	bad |= nla_put_string(m, IFLA_IFNAME, veth->peer_name);
	bad |= nla_put(m, IFLA_ADDRESS, MAC_LEN, veth->peer_mac);
	bad |= put_mtu(m, veth->mtu);
	if (veth->peer_netns >= 0)
		bad |= nla_put_u32(m, IFLA_NET_NS_FD,
				   (uint32_t)veth->peer_netns);
	return bad | nla_nest_end(m, peer);
}

int rt_veth_add(struct rt *rt, const struct rt_veth *veth)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
				    (struct ifinfomsg){ 0 });
	struct nlattr *info, *data;
	int bad = 0;

	if (!m)
		return -ENOMEM;
	bad |= nla_put_string(m, IFLA_IFNAME, veth->name);
	bad |= nla_put(m, IFLA_ADDRESS, MAC_LEN, veth->mac);
	bad |= put_mtu(m, veth->mtu);
	info = nla_nest_start(m, IFLA_LINKINFO);
	bad |= !info || nla_put_string(m, IFLA_INFO_KIND, "veth");
	data = info ? nla_nest_start(m, IFLA_INFO_DATA) : NULL;
	bad |= !data || put_peer(m, veth);
	bad |= data ? nla_nest_end(m, data) : 0;
	bad |= info ? nla_nest_end(m, info) : 0;
	return rt_call(rt, m, bad);
}

int rt_link_attach(struct rt *rt, int index, int master, const char *alias)
{
	struct nl_msg *m = link_msg(RTM_NEWLINK, 0,
				    (struct ifinfomsg){ .ifi_index = index,
							.ifi_flags = IFF_UP,
							.ifi_change = IFF_UP });
	int bad = 0;

	if (m) {
		/* with its NUL, the longest that a link can have is refused */
		bad |= nla_put(m, IFLA_IFALIAS, (int)strlen(alias), alias);
		if (master)
			bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)master);
	}
	return rt_call(rt, m, bad);
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

int rt_link_set_group(struct rt *rt, int index, unsigned group)
{
	struct nl_msg *m = change(index);

	return rt_call(rt, m, m ? nla_put_u32(m, IFLA_GROUP, group) : 0);
}

int rt_port_set(struct rt *rt, int index, bool hairpin, bool isolated)
{
	struct nl_msg *m = change(index);
	struct nlattr *info, *data;
	int bad = 0;

	if (!m)
		return -ENOMEM;
	info = nla_nest_start(m, IFLA_LINKINFO);
	bad |= !info || nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge");
	data = info ? nla_nest_start(m, IFLA_INFO_SLAVE_DATA) : NULL;
	bad |= !data || nla_put_u8(m, IFLA_BRPORT_MODE, hairpin);
	bad |= nla_put_u8(m, IFLA_BRPORT_ISOLATED, isolated);
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
