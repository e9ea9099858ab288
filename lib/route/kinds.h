/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - making links, of each kind, and setting what it alone has */
#ifndef CNI_KINDS_H
#define CNI_KINDS_H

#include "route/link.h"

/*
 * A link to be made. data adds the attributes of IFLA_INFO_DATA that its kind
 * alone has: 0, or not 0 where one does not fit; NULL for none.
 */
struct rt_new {
	const char *kind, *name;
	int index;    /* 0: the kernel's choice */
	int lower;    /* index of the link below, in the socket's
			 namespace; 0: none */
	int netns;    /* a descriptor: where it is born; -1: with the socket */
	unsigned mtu; /* 0: the kernel's default */
	const uint8_t *mac; /* MAC_LEN bytes; NULL: the kernel's choice */
	int (*data)(struct nl_msg *m, const void *arg);
	const void *arg;
};

/*
 * Makes a link, down. Returns 0, -EEXIST where its name is taken (or its
 * index), -EBUSY where its index is, or -errno.
 */
int rt_link_add(struct rt *rt, const struct rt_new *link);

/* The new bridge's properties; mtu 0: the kernel's default */
struct rt_bridge {
	const char *name;
	uint8_t mac[MAC_LEN];
	unsigned mtu;
	bool vlan_filtering;
};

/* Makes a bridge, down. Returns 0, -EEXIST, or -errno. */
int rt_bridge_add(struct rt *rt, const struct rt_bridge *b);

/*
 * Turns VLAN filtering on. -EOPNOTSUPP without CONFIG_BRIDGE_VLAN_FILTERING,
 * from rt_bridge_add() too; an old kernel ignores it: look at the link after.
 */
int rt_bridge_filter_vlans(struct rt *rt, int index);

/*
 * Enters a MAC in the bridge's forwarding table as its own, without a VLAN:
 * frames to it are the host's. What is entered already, by the kernel or by
 * somebody, stays as it is. Returns 0 or -errno.
 */
int rt_bridge_enter_mac(struct rt *rt, int index, const uint8_t mac[MAC_LEN]);

/*
 * A bridge's port. What comes in by one that is locked is dropped, but from a
 * MAC that somebody entered in its table; kernels before 5.18 do not.
 */
struct rt_port {
	bool hairpin, isolated, locked;
};

/* Sets all of these. Returns 0 or -errno. */
int rt_port_set(struct rt *rt, int index, const struct rt_port *port);

/*
 * A veth to be made, both ends of it. Explicit MACs are NET_ADDR_SET, so
 * neither udev nor the bridge changes them.
 */
struct rt_veth {
	const char *name, *peer_name;
	uint8_t mac[MAC_LEN], peer_mac[MAC_LEN];
	unsigned mtu;	       /* of both, 0: the kernel's default */
	int peer_netns;	       /* descriptor; -1: the socket's namespace */
	int index, peer_index; /* 0: the kernel's choice; both or none */
};

/*
 * Makes both ends in one message, the peer born in its namespace: moving it
 * later costs 15 ms or more. Returns as rt_link_add(), of either.
 */
int rt_veth_add(struct rt *rt, const struct rt_veth *veth);

/*
 * IFLA_INFO_DATA of a macvlan, for rt_link_add(). mode is MACVLAN_MODE_*, of
 * <linux/if_link.h>; bc_queue_len 0: the kernel's default.
 */
struct rt_macvlan {
	uint32_t mode, bc_queue_len;
};
int rt_macvlan_data(struct nl_msg *m, const void *macvlan);

#endif
