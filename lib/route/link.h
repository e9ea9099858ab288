/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - links: look at one, change, delete; kinds.h makes them */
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
	unsigned flags; /* IFF_UP, ...; IFF_PROMISC and IFF_ALLMULTI as somebody
			   asked for them: a capture asks in another way */
	unsigned mtu;
	uint32_t txqlen;      /* packets that its queue holds */
	uint8_t operstate;    /* IF_OPER_UP, ... */
	uint8_t mac[MAC_LEN]; /* zero where the link has none */
	bool v6_pending; /* IPv6 is on, and has not noticed yet that it is up */
	uint32_t tag;	 /* net.ipv4.conf.<name>.tag: anybody's number */
	uint32_t localnet; /* net.ipv4.conf.<name>.route_localnet */
	char name[IFNAMSIZ];
	char alias[CNI_OWNER_LEN]; /* see cni_alias_is() */
	/* of a bridge's port; disabled: it does not take part yet */
	bool disabled, hairpin, isolated;
	char kind[16]; /* "bridge", "veth", "" for hardware */
	union {	       /* what that kind alone has */
		struct {
			bool vlan_filtering;
			bool bridge_id; /* it has one, which is from a MAC */
		};
		unsigned vlan;	       /* the ID */
		unsigned macvlan_mode; /* MACVLAN_MODE_BRIDGE, ... */
	};
};

/*
 * Gets a link by name or index. Returns 0, -ENODEV where there is none, or
 * -errno. *ret is untouched on failure.
 */
int rt_link_get(struct rt *rt, const char *name, struct rt_link *ret);
int rt_link_get_index(struct rt *rt, int index, struct rt_link *ret);

/*
 * Gives every link of that kind, or of any with NULL, to fn, until that returns
 * something else than 0, which is returned; else 0 or -errno. A dump may be
 * interrupted and started anew, so fn may see a link several times. How busy
 * others are with links makes no difference to what is returned.
 */
typedef int (*rt_link_fn)(const struct rt_link *link, void *arg);
int rt_link_each(struct rt *rt, const char *kind, rt_link_fn fn, void *arg);
/* The same of every link, of whatever kind, that is a port of that master. */
int rt_port_each(struct rt *rt, int master, rt_link_fn fn, void *arg);

/* A change of a link: what is zero stays as it is. */
struct rt_change {
	unsigned mask, flags; /* flags, IFF_UP and so on, of those in mask */
	int master;	      /* index */
	unsigned group;
	unsigned mtu;
	const uint32_t *txqlen; /* 0 is a length */
	uint32_t tag;		/* -EAFNOSUPPORT where IPv4 is not on it */
	bool no_tag;		/* back to 0 */
	const uint8_t *mac;	/* MAC_LEN bytes */
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

/* Gives the link its owner text and its master (0: none), and brings it up. */
static inline int rt_link_attach(struct rt *rt, int index, int master,
				 const char *alias)
{
	return rt_link_set(rt, index,
			   &(struct rt_change){ .mask = IFF_UP,
						.flags = IFF_UP,
						.master = master,
						.alias = alias });
}

/* Deletes a link. -ENODEV where it is gone already. */
int rt_link_del(struct rt *rt, int index);

/*
 * Many at once: put each into a group first. 100 veths take
 * about as long as three deleted one by one.
 */
int rt_link_del_group(struct rt *rt, unsigned group);

#endif
