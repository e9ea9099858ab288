// SPDX-License-Identifier: GPL-2.0-or-later
/* vlan.c - VLANs of a bridge: of its ports, and of the host */
#include "route/vlan.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/attr.h>

static int put_vlan(struct nl_msg *m, unsigned vid, unsigned flags)
{
	struct bridge_vlan_info info = { .flags = (uint16_t)flags,
					 .vid = (uint16_t)vid };

	return nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

struct vlan_change {
	int type;
	int index;
	unsigned first, last;
	unsigned flags;
	bool self; /* the bridge's own VLANs, not a port's */
};

static int change_vlans(struct rt *rt, const struct vlan_change *c)
{
	struct ifinfomsg ifi = { .ifi_family = AF_BRIDGE,
				 .ifi_index = c->index };
	struct nl_msg *m = rt_msg(c->type, 0, &ifi, sizeof(ifi));
	struct nlattr *spec;
	int bad = 0;

	if (!m)
		return -ENOMEM;
	spec = nla_nest_start(m, IFLA_AF_SPEC);
	bad |= !spec;
	if (c->self)
		bad |= nla_put_u16(m, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
	if (c->first == c->last) {
		bad |= put_vlan(m, c->first, c->flags);
	} else {
		bad |= put_vlan(m, c->first,
				c->flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
		bad |= put_vlan(m, c->last,
				c->flags | BRIDGE_VLAN_INFO_RANGE_END);
	}
	bad |= spec ? nla_nest_end(m, spec) : 0;
	return rt_call(rt, m, bad);
}

int rt_vlan_add(struct rt *rt, int index, unsigned first, unsigned last,
		bool pvid)
{
	unsigned flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED;
	struct vlan_change c = { RTM_SETLINK,	   index, first, last,
				 pvid ? flags : 0, false };

	return change_vlans(rt, &c);
}

int rt_vlan_del(struct rt *rt, int index, unsigned first, unsigned last)
{
	struct vlan_change c = { RTM_DELLINK, index, first, last, 0, false };

	return change_vlans(rt, &c);
}

int rt_vlan_add_self(struct rt *rt, int bridge, unsigned vid)
{
	struct vlan_change c = { RTM_SETLINK, bridge, vid, vid, 0, true };

	return change_vlans(rt, &c);
}

struct vlan_search {
	int index;
	struct rt_vlans *found;
};

/* The kernel compresses runs of VLANs into a begin and an end. */
static void add_run(struct vlan_search *s, const struct bridge_vlan_info *v,
		    unsigned *begin)
{
	if (v->vid < 1 || v->vid > VLAN_MAX)
		return;
	if (v->flags & BRIDGE_VLAN_INFO_PVID)
		s->found->pvid = v->vid;
	if (v->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
		*begin = v->vid;
		return;
	}
	if (!(v->flags & BRIDGE_VLAN_INFO_RANGE_END))
		*begin = v->vid;
	for (unsigned vid = *begin; vid <= v->vid; vid++) {
		vlan_set_add(&s->found->all, vid);
		if (v->flags & BRIDGE_VLAN_INFO_UNTAGGED)
			vlan_set_add(&s->found->untagged, vid);
	}
}

static int collect(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = nlmsg_data(h);
	struct vlan_search *s = arg;
	struct nlattr *spec, *a;
	unsigned begin = 1;
	int left;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_datalen(h) < (int)sizeof(*ifi))
		return -EBADMSG;
	spec = nlmsg_find_attr((struct nlmsghdr *)h, sizeof(*ifi),
			       IFLA_AF_SPEC);
	if (ifi->ifi_index != s->index || !spec)
		return 0;
	nla_for_each_nested (a, spec, left)
		if (nla_type(a) == IFLA_BRIDGE_VLAN_INFO &&
		    nla_len(a) >= (int)sizeof(struct bridge_vlan_info))
			add_run(s, nla_data(a), &begin);
	/* which is true whether or not the dump is interrupted */
	return 1;
}

int rt_vlan_list(struct rt *rt, int index, struct rt_vlans *ret)
{
	/* AF_BRIDGE has no request for one port: dump, and keep ours */
	struct ifinfomsg ifi = { .ifi_family = AF_BRIDGE };
	struct vlan_search s = { index, ret };
	unsigned round = 0;
	int r;

	do {
		struct nl_msg *m =
			rt_msg(RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));

		*ret = (struct rt_vlans){ 0 };
		r = rt_get(rt, m,
			   m ? nla_put_u32(m, IFLA_EXT_MASK,
					   RTEXT_FILTER_BRVLAN_COMPRESSED)
			     : 0,
			   collect, &s);
	} while (rt_retry(r, &round));
	return r > 0 ? 0 : r;
}
