// SPDX-License-Identifier: GPL-2.0-or-later
/* link.c - looking at links */
#include "route/link.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "route/attr.h"

static void get_text(struct nlattr *a, char *buf, size_t size)
{
	buf[0] = '\0';
	if (a)
		nla_strlcpy(buf, a, size);
}

/* A bridge whose MAC nobody set and that never had a port has no bridge ID. */
static bool has_id(const struct nlattr *a)
{
	const struct ifla_bridge_id *id;

	if (!a || nla_len(a) < (int)sizeof(*id))
		return false;
	id = nla_data(a);
	return !mac_is_zero(id->addr);
}

/* IFLA_INFO_DATA: its attributes mean another thing in each kind of link. */
static void parse_data(struct nlattr *data, struct rt_link *l)
{
	struct nlattr *br[IFLA_BR_MAX + 1];
	struct nlattr *vlan[IFLA_VLAN_MAX + 1];
	struct nlattr *macvlan[IFLA_MACVLAN_MAX + 1];

	if (strcmp(l->kind, "bridge") == 0 &&
	    attr_parse(br, IFLA_BR_MAX, data) == 0) {
		l->vlan_filtering = attr_u8(br[IFLA_BR_VLAN_FILTERING]);
		l->bridge_id = has_id(br[IFLA_BR_BRIDGE_ID]);
	} else if (strcmp(l->kind, "vlan") == 0 &&
		   attr_parse(vlan, IFLA_VLAN_MAX, data) == 0)
		l->vlan = attr_u16(vlan[IFLA_VLAN_ID]);
	else if (strcmp(l->kind, "macvlan") == 0 &&
		 attr_parse(macvlan, IFLA_MACVLAN_MAX, data) == 0)
		l->macvlan_mode = attr_u32(macvlan[IFLA_MACVLAN_MODE]);
}

static void parse_linkinfo(struct nlattr *a, struct rt_link *l)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];
	struct nlattr *port[IFLA_BRPORT_MAX + 1];
	char slave[16];

	if (!a || attr_parse(info, IFLA_INFO_MAX, a) < 0)
		return;
	get_text(info[IFLA_INFO_KIND], l->kind, sizeof(l->kind));
	if (info[IFLA_INFO_DATA])
		parse_data(info[IFLA_INFO_DATA], l);
	get_text(info[IFLA_INFO_SLAVE_KIND], slave, sizeof(slave));
	if (strcmp(slave, "bridge") != 0 || !info[IFLA_INFO_SLAVE_DATA] ||
	    attr_parse(port, IFLA_BRPORT_MAX, info[IFLA_INFO_SLAVE_DATA]) < 0)
		return;
	l->disabled = port[IFLA_BRPORT_STATE] &&
		      attr_u8(port[IFLA_BRPORT_STATE]) == BR_STATE_DISABLED;
	l->hairpin = attr_u8(port[IFLA_BRPORT_MODE]);
	l->isolated = attr_u8(port[IFLA_BRPORT_ISOLATED]);
}

/* of the kernel's <net/if_inet6.h>: set with the link-local address */
#define IF_READY 0x80000000

static bool parse_v6_pending(struct nlattr *spec)
{
	struct nlattr *inet6[IFLA_INET6_MAX + 1];
	struct nlattr *af =
		spec ? nla_find(nla_data(spec), nla_len(spec), AF_INET6) : NULL;
	int32_t conf[DEVCONF_DISABLE_IPV6 + 1] = { 0 };

	if (!af || attr_parse(inet6, IFLA_INET6_MAX, af) < 0 ||
	    !inet6[IFLA_INET6_FLAGS] || !inet6[IFLA_INET6_CONF] ||
	    nla_len(inet6[IFLA_INET6_CONF]) < (int)sizeof(conf))
		return false;
	memcpy(conf, nla_data(inet6[IFLA_INET6_CONF]), sizeof(conf));
	return !conf[DEVCONF_DISABLE_IPV6] &&
	       !(attr_u32(inet6[IFLA_INET6_FLAGS]) & IF_READY);
}

/* net.ipv4.conf.<link>.*: the value IPV4_DEVCONF_* of all, 0 if it has none. */
static uint32_t parse_conf(struct nlattr *spec, unsigned which)
{
	struct nlattr *inet[IFLA_INET_MAX + 1];
	struct nlattr *af =
		spec ? nla_find(nla_data(spec), nla_len(spec), AF_INET) : NULL;
	uint32_t conf[IPV4_DEVCONF_ROUTE_LOCALNET];
	size_t len = which * sizeof(*conf);

	if (!af || attr_parse(inet, IFLA_INET_MAX, af) < 0 ||
	    !inet[IFLA_INET_CONF] || nla_len(inet[IFLA_INET_CONF]) < (int)len)
		return 0;
	memcpy(conf, nla_data(inet[IFLA_INET_CONF]), len);
	return conf[which - 1];
}

/* No link's name is a path: it is that of a folder below /proc/sys. */
static bool is_path(const char *name)
{
	return strchr(name, '/') || strcmp(name, ".") == 0 ||
	       strcmp(name, "..") == 0;
}

static int parse_link(const struct nlmsghdr *h, struct rt_link *ret)
{
	const struct ifinfomsg *ifi = nlmsg_data(h);
	struct nlattr *tb[IFLA_MAX + 1];
	struct rt_link l = { 0 };

	if (h->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ifi), tb, IFLA_MAX,
			NULL) < 0)
		return -EBADMSG;
	l.index = ifi->ifi_index;
	l.flags = ifi->ifi_flags;
	l.lower = (int)attr_u32(tb[IFLA_LINK]);
	l.peer_netns = tb[IFLA_LINK_NETNSID]
			       ? (int)attr_u32(tb[IFLA_LINK_NETNSID])
			       : -1;
	l.master = (int)attr_u32(tb[IFLA_MASTER]);
	l.mtu = attr_u32(tb[IFLA_MTU]);
	l.txqlen = attr_u32(tb[IFLA_TXQLEN]);
	l.operstate = attr_u8(tb[IFLA_OPERSTATE]);
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) == MAC_LEN)
		memcpy(l.mac, nla_data(tb[IFLA_ADDRESS]), MAC_LEN);
	get_text(tb[IFLA_IFNAME], l.name, sizeof(l.name));
	if (is_path(l.name))
		return -EBADMSG;
	get_text(tb[IFLA_IFALIAS], l.alias, sizeof(l.alias));
	parse_linkinfo(tb[IFLA_LINKINFO], &l);
	l.v6_pending = parse_v6_pending(tb[IFLA_AF_SPEC]);
	l.tag = parse_conf(tb[IFLA_AF_SPEC], IPV4_DEVCONF_TAG);
	l.localnet = parse_conf(tb[IFLA_AF_SPEC], IPV4_DEVCONF_ROUTE_LOCALNET);
	*ret = l;
	return 0;
}

static int one_link(const struct nlmsghdr *h, void *arg)
{
	return parse_link(h, arg);
}

/* Statistics would be most of the answer. */
static int skip_stats(struct nl_msg *m)
{
	return m ? nla_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) : 0;
}

static int get_link(struct rt *rt, int index, const char *name,
		    struct rt_link *ret)
{
	struct ifinfomsg ifi = { .ifi_index = index };
	struct nl_msg *m = rt_msg(RTM_GETLINK, 0, &ifi, sizeof(ifi));
	struct rt_link l = { 0 };
	int bad = skip_stats(m);
	int r;

	if (m && name)
		bad |= nla_put_string(m, IFLA_IFNAME, name);
	r = rt_get(rt, m, bad, one_link, &l);
	if (r < 0)
		return r;
	*ret = l;
	return 0;
}

int rt_link_get(struct rt *rt, const char *name, struct rt_link *ret)
{
	return get_link(rt, 0, name, ret);
}

int rt_link_get_index(struct rt *rt, int index, struct rt_link *ret)
{
	return get_link(rt, index, NULL, ret);
}

#define EACH_DUMPS 5

struct each {
	const char *kind; /* NULL: any */
	int master;	  /* 0: any, or none */
	rt_link_fn fn;
	void *arg;
};

static int each_link(const struct nlmsghdr *h, void *arg)
{
	const struct each *e = arg;
	struct rt_link l;
	int r = parse_link(h, &l);

	if (r < 0 || (e->kind && strcmp(l.kind, e->kind) != 0) ||
	    (e->master && l.master != e->master))
		return r;
	return e->fn(&l, e->arg);
}

static int dump_links(struct rt *rt, struct each *e)
{
	struct ifinfomsg ifi = { 0 };
	struct nl_msg *m = rt_msg(RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
	int bad = skip_stats(m);

	if (m && e->master)
		bad |= nla_put_u32(m, IFLA_MASTER, (uint32_t)e->master);
	if (m && e->kind) {
		struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO);

		bad |= !info || nla_put_string(m, IFLA_INFO_KIND, e->kind);
		bad |= info ? nla_nest_end(m, info) : 0;
	}
	return rt_get(rt, m, bad, each_link, e);
}

/*
 * A dump is interrupted when any link came or went meanwhile. What it told is
 * true all the same; older kernels may only have left out a link whose place
 * in their list moved. Where links come and go all the time, no dump of many
 * is ever whole, and a few of them together are as good.
 */
static int each(struct rt *rt, struct each *e)
{
	int r = -EINTR;

	for (int i = 0; i < EACH_DUMPS && r == -EINTR; i++)
		r = dump_links(rt, e);
	return r == -EINTR ? 0 : r;
}

int rt_link_each(struct rt *rt, const char *kind, rt_link_fn fn, void *arg)
{
	return each(rt, &(struct each){ kind, 0, fn, arg });
}

int rt_port_each(struct rt *rt, int master, rt_link_fn fn, void *arg)
{
	return each(rt, &(struct each){ NULL, master, fn, arg });
}
