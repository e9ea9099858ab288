// SPDX-License-Identifier: GPL-2.0-or-later
/* link.c - links, their VLANs and queues */
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"
#include "parts.h"

/* newer than our oldest headers */
#define IFLA_ALLMULTI_ 61
#define IFLA_BR_FDB_N_LEARNED_ 48
#define IFLA_BRPORT_MCAST_N_GROUPS_ 41

/* --- attributes ----------------------------------------------------------- */

/* The link that a veth or a VLAN is on: in another namespace its index is a new
   one each time, and may be that of a link here. */
static void attr_peer(struct text *t, const char *name, const struct nlattr *a,
		      void *arg)
{
	const struct dump *d = arg;

	if (d->elsewhere)
		text_add(t, " %s elsewhere", name);
	else
		attr_link(t, name, a, arg);
}

/* A bridge's identity: its priority, and its MAC address */
static void attr_bridge_id(struct text *t, const char *name,
			   const struct nlattr *a, void *arg)
{
	const unsigned char *p = netlink_data(a);

	(void)arg;
	text_add(t, " %s ", name);
	if (netlink_len(a) > 2)
		text_add(t, "%02x%02x.", p[0], p[1]);
	if (netlink_len(a) > 2)
		text_add_addr(t, p + 2, netlink_len(a) - 2);
	else
		text_add_data(t, p, netlink_len(a));
}

/* A port forwards or is disabled as its carrier has it. */
static void attr_port_state(struct text *t, const char *name,
			    const struct nlattr *a, void *arg)
{
	unsigned char state = 0;

	(void)arg;
	if (netlink_len(a) > 0)
		memcpy(&state, netlink_data(a), 1);
	if (state != BR_STATE_DISABLED && state != BR_STATE_FORWARDING)
		text_add(t, " %s %u", name, state);
}

static const struct rule bridge_rules[] = {
	{ "ageing", IFLA_BR_AGEING_TIME, attr_number },
	{ "stp", IFLA_BR_STP_STATE, attr_number },
	{ "priority", IFLA_BR_PRIORITY, attr_number },
	{ "vlan_filtering", IFLA_BR_VLAN_FILTERING, attr_number },
	{ "root", IFLA_BR_ROOT_ID, attr_bridge_id },
	{ "id", IFLA_BR_BRIDGE_ID, attr_bridge_id },
	{ "group", IFLA_BR_GROUP_ADDR, attr_addr },
	{ "default_pvid", IFLA_BR_VLAN_DEFAULT_PVID, attr_number },
	{ "timer", IFLA_BR_HELLO_TIMER, attr_skip },
	{ "timer", IFLA_BR_TCN_TIMER, attr_skip },
	{ "timer", IFLA_BR_TOPOLOGY_CHANGE_TIMER, attr_skip },
	{ "timer", IFLA_BR_GC_TIMER, attr_skip },
	{ "querier", IFLA_BR_MCAST_QUERIER_STATE, attr_skip },
	{ "learned", IFLA_BR_FDB_N_LEARNED_, attr_skip },
	{ 0 },
};

static const struct rule port_rules[] = {
	{ "state", IFLA_BRPORT_STATE, attr_port_state },
	{ "priority", IFLA_BRPORT_PRIORITY, attr_number },
	{ "cost", IFLA_BRPORT_COST, attr_number },
	{ "hairpin", IFLA_BRPORT_MODE, attr_number },
	{ "guard", IFLA_BRPORT_GUARD, attr_number },
	{ "learning", IFLA_BRPORT_LEARNING, attr_number },
	{ "flood", IFLA_BRPORT_UNICAST_FLOOD, attr_number },
	{ "mcast_flood", IFLA_BRPORT_MCAST_FLOOD, attr_number },
	{ "bcast_flood", IFLA_BRPORT_BCAST_FLOOD, attr_number },
	{ "neigh_suppress", IFLA_BRPORT_NEIGH_SUPPRESS, attr_number },
	{ "isolated", IFLA_BRPORT_ISOLATED, attr_number },
	{ "locked", IFLA_BRPORT_LOCKED, attr_number },
	{ "backup", IFLA_BRPORT_BACKUP_PORT, attr_link },
	{ "root", IFLA_BRPORT_ROOT_ID, attr_bridge_id },
	{ "bridge", IFLA_BRPORT_BRIDGE_ID, attr_bridge_id },
	{ "timer", IFLA_BRPORT_MESSAGE_AGE_TIMER, attr_skip },
	{ "timer", IFLA_BRPORT_FORWARD_DELAY_TIMER, attr_skip },
	{ "timer", IFLA_BRPORT_HOLD_TIMER, attr_skip },
	{ "hosts", IFLA_BRPORT_MCAST_EHT_HOSTS_CNT, attr_skip },
	{ "groups", IFLA_BRPORT_MCAST_N_GROUPS_, attr_skip },
	{ 0 },
};

static const struct rule vlan_rules[] = {
	{ "id", IFLA_VLAN_ID, attr_number },
	{ "protocol", IFLA_VLAN_PROTOCOL, attr_data },
	{ "flags", IFLA_VLAN_FLAGS, attr_data },
	{ 0 },
};

static const struct rule macvlan_rules[] = {
	{ "mode", IFLA_MACVLAN_MODE, attr_number },
	{ "flags", IFLA_MACVLAN_FLAGS, attr_number },
	{ 0 },
};

/* The attributes of a kind of link, or of a port of such a link */
static const struct rule *kind_rules(const char *kind, bool port)
{
	if (strcmp(kind, "bridge") == 0)
		return port ? port_rules : bridge_rules;
	if (!port && strcmp(kind, "vlan") == 0)
		return vlan_rules;
	if (!port && strcmp(kind, "macvlan") == 0)
		return macvlan_rules;
	return NULL;
}

static void attr_info(struct text *t, const char *name, const struct nlattr *a,
		      void *arg)
{
	static const struct rule rules[] = {
		{ "kind", IFLA_INFO_KIND, attr_data },
		{ "port of", IFLA_INFO_SLAVE_KIND, attr_data },
		/* these have lines of their own */
		{ "data", IFLA_INFO_DATA, attr_skip },
		{ "port", IFLA_INFO_SLAVE_DATA, attr_skip },
		{ "xstats", IFLA_INFO_XSTATS, attr_skip },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

static void attr_props(struct text *t, const char *name, const struct nlattr *a,
		       void *arg)
{
	static const struct rule rules[] = {
		{ "altname", IFLA_ALT_IFNAME, attr_data },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

static const struct rule link_rules[] = {
	{ "name", IFLA_IFNAME, attr_skip }, /* begins the line */
	{ "", IFLA_LINKINFO, attr_info },
	{ "alias", IFLA_IFALIAS, attr_data },
	{ "", IFLA_PROP_LIST, attr_props },
	{ "link", IFLA_LINK, attr_peer },
	{ "netnsid", IFLA_LINK_NETNSID, attr_number },
	{ "master", IFLA_MASTER, attr_link },
	{ "mtu", IFLA_MTU, attr_number },
	{ "address", IFLA_ADDRESS, attr_addr },
	{ "broadcast", IFLA_BROADCAST, attr_addr },
	{ "permaddr", IFLA_PERM_ADDRESS, attr_addr },
	{ "group", IFLA_GROUP, attr_number },
	{ "qlen", IFLA_TXQLEN, attr_number },
	{ "qdisc", IFLA_QDISC, attr_skip }, /* has a line of its own */
	/* how many listen; what was asked of the link is among its flags */
	{ "promiscuity", IFLA_PROMISCUITY, attr_skip },
	{ "allmulti", IFLA_ALLMULTI_, attr_skip },
	{ "stats", IFLA_STATS, attr_skip },
	{ "stats64", IFLA_STATS64, attr_skip },
	{ "af", IFLA_AF_SPEC, attr_skip }, /* those are the sysctls */
	{ "operstate", IFLA_OPERSTATE, attr_skip },
	{ "carrier", IFLA_CARRIER, attr_skip },
	{ "carrier", IFLA_CARRIER_CHANGES, attr_skip },
	{ "carrier", IFLA_CARRIER_UP_COUNT, attr_skip },
	{ "carrier", IFLA_CARRIER_DOWN_COUNT, attr_skip },
	{ 0 },
};

/* --- objects -------------------------------------------------------------- */

static void add_flags(struct text *t, unsigned flags)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ IFF_UP, "UP" },
		{ IFF_BROADCAST, "BROADCAST" },
		{ IFF_LOOPBACK, "LOOPBACK" },
		{ IFF_POINTOPOINT, "POINTOPOINT" },
		{ IFF_NOARP, "NOARP" },
		{ IFF_PROMISC, "PROMISC" },
		{ IFF_ALLMULTI, "ALLMULTI" },
		{ IFF_MASTER, "MASTER" },
		{ IFF_SLAVE, "SLAVE" },
		{ IFF_MULTICAST, "MULTICAST" },
	};

	flags &= ~(unsigned)(IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (flags & names[i].bit)
			text_add(t, " %s", names[i].name);
		flags &= ~names[i].bit;
	}
	if (flags)
		text_add(t, " flags %x", flags);
}

static const char *text_of(const struct nlattr *a)
{
	return a ? netlink_data(a) : "";
}

/* Lines that a reader can do without, so that the others are short */
static void add_part(struct dump *d, const char *link, const char *part)
{
	if (d->text.len)
		lines_add(d->ret, "%s link %s %s:%s", d->view->name, link, part,
			  d->text.buf);
	text_clear(&d->text);
}

static void add_kind(struct dump *d, const char *link, const struct nlattr *a,
		     const struct nlattr *kind, bool port)
{
	if (a)
		attr_nest(&d->text, "", a, kind_rules(text_of(kind), port), d);
	add_part(d, link, port ? "as a port" : text_of(kind));
}

static void add_link(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const char *link = text_of(netlink_find(h, sizeof(*ifi), IFLA_IFNAME));
	const struct nlattr *info =
		netlink_find(h, sizeof(*ifi), IFLA_LINKINFO);
	struct dump *d = arg;
	struct text *t = &d->text;
	size_t len;
	const void *p = netlink_behind(h, sizeof(*ifi), &len);

	d->elsewhere = netlink_find(h, sizeof(*ifi), IFLA_LINK_NETNSID);
	text_clear(t);
	add_flags(t, ifi->ifi_flags);
	attr_print_named(t, p, len, link_rules, d);
	lines_add(d->ret, "%s link %s:%s type %u", d->view->name, link, t->buf,
		  ifi->ifi_type);
	text_clear(t);
	attr_print_rest(t, p, len, link_rules);
	add_part(d, link, "besides");
	add_kind(d, link, netlink_find_in(info, IFLA_INFO_DATA),
		 netlink_find_in(info, IFLA_INFO_KIND), false);
	add_kind(d, link, netlink_find_in(info, IFLA_INFO_SLAVE_DATA),
		 netlink_find_in(info, IFLA_INFO_SLAVE_KIND), true);
}

struct vlans {
	struct dump *dump;
	const char *link;
	unsigned first;
};

/* A VLAN, or the first or last one of a range */
static void add_vlan(struct vlans *v, const struct bridge_vlan_info *info)
{
	unsigned flags =
		info->flags &
		~(BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END |
		  BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
	bool pvid = info->flags & BRIDGE_VLAN_INFO_PVID;
	bool untagged = info->flags & BRIDGE_VLAN_INFO_UNTAGGED;
	struct text *t = &v->dump->text;

	if (info->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
		v->first = info->vid;
		return;
	}
	text_clear(t);
	if (info->flags & BRIDGE_VLAN_INFO_RANGE_END)
		text_add(t, "%u-", v->first);
	text_add(t, "%u%s%s", info->vid, pvid ? " pvid" : "",
		 untagged ? " untagged" : "");
	if (flags)
		text_add(t, " flags %x", flags);
	lines_add(v->dump->ret, "%s vlan %s: %s", v->dump->view->name, v->link,
		  t->buf);
}

static void attr_vlan(struct text *t, const char *name, const struct nlattr *a,
		      void *arg)
{
	struct bridge_vlan_info info;

	(void)t;
	(void)name;
	if (netlink_len(a) < sizeof(info))
		return;
	memcpy(&info, netlink_data(a), sizeof(info));
	add_vlan(arg, &info);
}

static void add_vlans(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "", IFLA_BRIDGE_VLAN_INFO, attr_vlan },
		{ 0 },
	};
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ifi), IFLA_AF_SPEC);
	static struct text rest;
	struct dump *d = arg;
	struct vlans v = { d, link_name(d, (uint32_t)ifi->ifi_index), 0 };

	if (!a)
		return;
	text_clear(&rest);
	attr_nest(&rest, "", a, rules, &v);
	if (rest.len)
		lines_add(d->ret, "%s vlan %s:%s", d->view->name, v.link,
			  rest.buf);
}

/* A link that has no queue says so from the first time that it was up. */
static void add_queue(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "kind", TCA_KIND, attr_data },
		{ "stats", TCA_STATS, attr_skip },
		{ "stats", TCA_STATS2, attr_skip },
		{ "stats", TCA_XSTATS, attr_skip },
		{ 0 },
	};
	const struct tcmsg *tcm = NLMSG_DATA(h);
	const struct nlattr *kind = netlink_find(h, sizeof(*tcm), TCA_KIND);
	struct dump *d = arg;

	if (strcmp(text_of(kind), "noqueue") == 0)
		return;
	text_clear(&d->text);
	attr_print_behind(&d->text, h, sizeof(*tcm), rules, d);
	lines_add(d->ret, "%s queue %s: parent %x%s", d->view->name,
		  link_name(d, (uint32_t)tcm->tcm_ifindex), tcm->tcm_parent,
		  d->text.buf);
}

void snapshot_links(struct dump *d)
{
	static const struct {
		struct ifinfomsg ifi;
		struct nlattr a;
		uint32_t mask;
	} vlans = { .ifi.ifi_family = AF_BRIDGE,
		    .a = { sizeof(struct nlattr) + 4, IFLA_EXT_MASK },
		    .mask = RTEXT_FILTER_BRVLAN_COMPRESSED };
	const struct ifinfomsg ifi = { 0 };
	const struct tcmsg tcm = { 0 };
	int fd = d->view->route;

	netlink_dump(fd, RTM_GETLINK, &ifi, sizeof(ifi), add_link, d);
	netlink_dump(fd, RTM_GETLINK, &vlans, sizeof(vlans), add_vlans, d);
	netlink_dump(fd, RTM_GETQDISC, &tcm, sizeof(tcm), add_queue, d);
}
