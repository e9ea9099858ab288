// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - making links, of each kind; link.c reads what they have */
#include "route/kinds.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <netlink/attr.h>

#include "route/vlan.h"

typedef int (*filler)(struct nl_msg *m, const void *arg);

static int put_info(struct nl_msg *m, const char *kind, filler data,
		    const void *arg)
{
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO), *nest;
	int bad = !info || nla_put_string(m, IFLA_INFO_KIND, kind);

	if (!bad && data) {
		nest = nla_nest_start(m, IFLA_INFO_DATA);
		bad |= !nest || data(m, arg);
		bad |= nest ? nla_nest_end(m, nest) : 0;
	}
	return bad | (info ? nla_nest_end(m, info) : 0);
}

/* The attributes that a link and a veth's other end have alike. */
static int put_link(struct nl_msg *m, const char *name, const uint8_t *mac,
		    unsigned mtu, int netns)
{
	int bad = nla_put_string(m, IFLA_IFNAME, name);

	if (mac)
		bad |= nla_put(m, IFLA_ADDRESS, MAC_LEN, mac);
	if (mtu)
		bad |= nla_put_u32(m, IFLA_MTU, mtu);
	if (netns >= 0)
		bad |= nla_put_u32(m, IFLA_NET_NS_FD, (uint32_t)netns);
	return bad;
}

int rt_link_add(struct rt *rt, const struct rt_new *link)
{
	const struct ifinfomsg ifi = { .ifi_index = link->index };
	struct nl_msg *m = rt_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi,
				  sizeof(ifi));
	int bad;

	if (!m)
		return -ENOMEM;
	bad = put_link(m, link->name, link->mac, link->mtu, link->netns);
	if (link->lower)
		bad |= nla_put_u32(m, IFLA_LINK, (uint32_t)link->lower);
	bad |= put_info(m, link->kind, link->data, link->arg);
	return rt_call(rt, m, bad);
}

/* --- bridge --------------------------------------------------------------- */

static int filter_vlans(struct nl_msg *m, const void *arg)
{
	(void)arg;
	return nla_put_u8(m, IFLA_BR_VLAN_FILTERING, 1);
}

int rt_bridge_add(struct rt *rt, const struct rt_bridge *b)
{
	const struct rt_new link = { .kind = "bridge",
				     .name = b->name,
				     .netns = -1,
				     .mtu = b->mtu,
				     .mac = b->mac,
				     .data = b->vlan_filtering ? filter_vlans
							       : NULL };

	return rt_link_add(rt, &link);
}

int rt_bridge_filter_vlans(struct rt *rt, int index)
{
	const struct ifinfomsg ifi = { .ifi_index = index };
	struct nl_msg *m = rt_msg(RTM_NEWLINK, 0, &ifi, sizeof(ifi));

	return rt_call(rt, m,
		       m ? put_info(m, "bridge", filter_vlans, NULL) : 0);
}

int rt_bridge_enter_mac(struct rt *rt, int index, const uint8_t mac[MAC_LEN])
{
	const struct ndmsg ndm = { .ndm_family = AF_BRIDGE,
				   .ndm_ifindex = index,
				   .ndm_state = NUD_PERMANENT,
				   .ndm_flags = NTF_SELF };
	struct nl_msg *m = rt_msg(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, &ndm,
				  sizeof(ndm));
	int r = rt_call(rt, m, m ? nla_put(m, NDA_LLADDR, MAC_LEN, mac) : 0);

	return r == -EEXIST ? 0 : r;
}

int rt_port_set(struct rt *rt, int index, const struct rt_port *port)
{
	const struct ifinfomsg ifi = { .ifi_index = index };
	struct nl_msg *m = rt_msg(RTM_NEWLINK, 0, &ifi, sizeof(ifi));
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

/* --- veth ----------------------------------------------------------------- */

/* VETH_INFO_PEER: an ifinfomsg and then attributes, as in a message */
static int put_peer(struct nl_msg *m, const void *arg)
{
	const struct rt_veth *veth = arg;
	const struct ifinfomsg ifi = { .ifi_index = veth->peer_index };
	struct nlattr *peer = nla_nest_start(m, VETH_INFO_PEER);
	int bad = !peer;

	if (!peer)
		return bad;
	bad |= nlmsg_append(m, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO);
	bad |= put_link(m, veth->peer_name, veth->peer_mac, veth->mtu,
			veth->peer_netns);
	return bad | nla_nest_end(m, peer);
}

int rt_veth_add(struct rt *rt, const struct rt_veth *veth)
{
	const struct rt_new link = { .kind = "veth",
				     .name = veth->name,
				     .index = veth->index,
				     .netns = -1,
				     .mtu = veth->mtu,
				     .mac = veth->mac,
				     .data = put_peer,
				     .arg = veth };

	return rt_link_add(rt, &link);
}

/* --- vlan ----------------------------------------------------------------- */

static int put_vlan_id(struct nl_msg *m, const void *arg)
{
	return nla_put_u16(m, IFLA_VLAN_ID, *(const uint16_t *)arg);
}

int rt_vlan_link_add(struct rt *rt, const char *name, int bridge, unsigned vid)
{
	const uint16_t id = (uint16_t)vid;
	const struct rt_new link = { .kind = "vlan",
				     .name = name,
				     .lower = bridge,
				     .netns = -1,
				     .data = put_vlan_id,
				     .arg = &id };

	return rt_link_add(rt, &link);
}

/* --- macvlan -------------------------------------------------------------- */

int rt_macvlan_data(struct nl_msg *m, const void *arg)
{
	const struct rt_macvlan *macvlan = arg;
	int bad = nla_put_u32(m, IFLA_MACVLAN_MODE, macvlan->mode);

	if (macvlan->bc_queue_len)
		bad |= nla_put_u32(m, IFLA_MACVLAN_BC_QUEUE_LEN,
				   macvlan->bc_queue_len);
	return bad;
}
