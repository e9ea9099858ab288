/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - links: look at one, make bridge and veth, attach, delete */
#ifndef CNI_LINK_H
#define CNI_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "base/name.h"
#include "route/rt.h"

struct rt_link {
	int index;
	int lower;	/* IFLA_LINK: the link below, or a veth's other end; an
			   index in that one's namespace */
	int peer_netns; /* that one's namespace, by its number here; -1: ours */
	int master;	/* index, 0: none */
	unsigned flags; /* IFF_UP, ... */
	unsigned mtu;
	uint8_t operstate;    /* IF_OPER_UP, ... */
	uint8_t mac[MAC_LEN]; /* zero where the link has none */
	bool disabled;	      /* a bridge's port that does not take part yet */
	bool v6_pending; /* IPv6 is on, and has not noticed yet that it is up */
	bool hairpin, isolated; /* of a bridge's port */
	bool vlan_filtering;	/* of a bridge */
	bool bridge_id; /* of a bridge: it has one, which is from a MAC */
	unsigned vlan;	/* the ID, of a VLAN interface */
	uint32_t tag;	/* net.ipv4.conf.<name>.tag: anybody's number */
	unsigned macvlan_mode; /* MACVLAN_MODE_BRIDGE, ... of a macvlan */
	char name[IFNAMSIZ];
	char kind[16];		   /* "bridge", "veth", "" for hardware */
	char alias[CNI_OWNER_LEN]; /* see cni_owner() */
};

/*
 * One link by name or index. Returns 0, -ENODEV where there is none, or
 * -errno. *ret is untouched on failure.
 */
int rt_link_get(struct rt *rt, const char *name, struct rt_link *ret);
int rt_link_get_index(struct rt *rt, int index, struct rt_link *ret);

/*
 * Gives every link of that kind to fn, until that returns something else than
 * 0, which is returned; else 0 or -errno. A dump may be interrupted and started
 * anew, so fn may see a link several times. How busy others are with links
 * makes no difference to what is returned.
 */
typedef int (*rt_link_fn)(const struct rt_link *link, void *arg);
int rt_link_each(struct rt *rt, const char *kind, rt_link_fn fn, void *arg);

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
 * Both ends of a veth. Explicit MACs are NET_ADDR_SET, so neither udev nor
 * the bridge changes them.
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

/* What of a link is to change: what is zero stays as it is. */
struct rt_change {
	unsigned mask, flags; /* flags, IFF_UP and so on, of those in mask */
	int master;	      /* index */
	unsigned group;
	uint32_t tag;	    /* -EAFNOSUPPORT where IPv4 is not on it */
	const uint8_t *mac; /* MAC_LEN bytes */
	const char *name, *alias;
};

/*
 * Changes the link, all in one message. Returns 0 or -errno: -ENODEV where it
 * is gone, -EEXIST where the name is taken, -EXFULL where the master, a bridge,
 * has 1023 ports. A new name is for a link that is down.
 *
 * The kernel ignores an alias while it creates a link; with a master and an
 * alias in one message, no port of a bridge is ever without its owner. Setting
 * the MAC, also to the one it has, pins a floating one (a bridge follows its
 * ports until told) and makes the kernel announce the link's addresses where
 * arp_notify and ndisc_notify are set.
 */
int rt_link_set(struct rt *rt, int index, const struct rt_change *change);

static inline int rt_link_up(struct rt *rt, int index)
{
	return rt_link_set(rt, index,
			   &(struct rt_change){ .mask = IFF_UP,
						.flags = IFF_UP });
}

static inline int rt_link_down(struct rt *rt, int index)
{
	return rt_link_set(rt, index, &(struct rt_change){ .mask = IFF_UP });
}

static inline int rt_link_set_mac(struct rt *rt, int index,
				  const uint8_t mac[MAC_LEN])
{
	return rt_link_set(rt, index, &(struct rt_change){ .mac = mac });
}

/* Its owner text, its master (0: none), and up. */
static inline int rt_link_attach(struct rt *rt, int index, int master,
				 const char *alias)
{
	return rt_link_set(rt, index,
			   &(struct rt_change){ .mask = IFF_UP,
						.flags = IFF_UP,
						.master = master,
						.alias = alias });
}

/*
 * A bridge's port. What comes in by one that is locked is dropped, but from a
 * MAC that somebody entered in its table; kernels before 5.18 do not.
 */
struct rt_port {
	bool hairpin, isolated, locked;
};

/* Sets all of these. Returns 0 or -errno. */
int rt_port_set(struct rt *rt, int index, const struct rt_port *port);

/* Deletes a link. -ENODEV where it is gone already. */
int rt_link_del(struct rt *rt, int index);

/*
 * Many at once: put each into a group first. 100 veths take
 * about as long as three deleted one by one.
 */
int rt_link_del_group(struct rt *rt, unsigned group);

/*
 * Waits until the link's operational state is up and, if it is a bridge's
 * port, the bridge has noticed: a moment later. watch is from
 * rt_watch(RTNLGRP_LINK) and was opened before the link was brought up.
 * Returns 0, -ETIMEDOUT at the deadline, -ENODEV, or -errno.
 */
int rt_link_wait_up(struct rt *rt, int index, int watch, long long deadline_ms);

/*
 * Waits until the kernel has noticed the link's carrier, which it has already:
 * its state is up, and IPv6, where it is on, has given it a link-local address.
 * One without a carrier is not waited for. watch is from the socket's
 * namespace, and the rest as above.
 */
int rt_link_wait_ready(struct rt *rt, int index, int watch,
		       long long deadline_ms);

#endif
