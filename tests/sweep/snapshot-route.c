// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot-route.c - what rtnetlink shows of a namespace */
#include "snapshot.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

#define LINKS_MAX 256
/* newer than our oldest headers */
#define IFLA_BR_FDB_N_LEARNED_ 48
#define IFLA_BRPORT_MCAST_N_GROUPS_ 41

struct link_name {
	uint32_t index;
	char name[IFNAMSIZ];
};

struct dump {
	const struct view *view;
	struct lines *ret;
	struct link_name link[LINKS_MAX];
	unsigned n_links;
	char text[16384];
};

#define IN_LINKINFO(a, b) (IFLA_LINKINFO << 16 | (a) << 8 | (b))
#define IN_BRIDGE(t) IN_LINKINFO(IFLA_INFO_DATA, t)
#define IN_PORT(t) IN_LINKINFO(IFLA_INFO_SLAVE_DATA, t)

static const struct rule link_rules[] = {
	{ IFLA_STATS, RULE_SKIP },
	{ IFLA_STATS64, RULE_SKIP },
	{ IFLA_AF_SPEC, RULE_SKIP }, /* those are the sysctls */
	{ IFLA_OPERSTATE, RULE_SKIP },
	{ IFLA_CARRIER, RULE_SKIP },
	{ IFLA_CARRIER_CHANGES, RULE_SKIP },
	{ IFLA_CARRIER_UP_COUNT, RULE_SKIP },
	{ IFLA_CARRIER_DOWN_COUNT, RULE_SKIP },
	{ IFLA_LINK, RULE_LINK },
	{ IFLA_MASTER, RULE_LINK },
	{ IFLA_LINKINFO, RULE_NEST },
	{ IFLA_LINKINFO << 8 | IFLA_INFO_XSTATS, RULE_SKIP },
	{ IFLA_LINKINFO << 8 | IFLA_INFO_DATA, RULE_NEST },
	{ IFLA_LINKINFO << 8 | IFLA_INFO_SLAVE_DATA, RULE_NEST },
	{ IN_BRIDGE(IFLA_BR_HELLO_TIMER), RULE_SKIP },
	{ IN_BRIDGE(IFLA_BR_TCN_TIMER), RULE_SKIP },
	{ IN_BRIDGE(IFLA_BR_TOPOLOGY_CHANGE_TIMER), RULE_SKIP },
	{ IN_BRIDGE(IFLA_BR_GC_TIMER), RULE_SKIP },
	{ IN_BRIDGE(IFLA_BR_MCAST_QUERIER_STATE), RULE_SKIP },
	{ IN_BRIDGE(IFLA_BR_FDB_N_LEARNED_), RULE_SKIP },
	{ IN_PORT(IFLA_BRPORT_MESSAGE_AGE_TIMER), RULE_SKIP },
	{ IN_PORT(IFLA_BRPORT_FORWARD_DELAY_TIMER), RULE_SKIP },
	{ IN_PORT(IFLA_BRPORT_HOLD_TIMER), RULE_SKIP },
	{ IN_PORT(IFLA_BRPORT_MCAST_N_GROUPS_), RULE_SKIP },
	{ 0 },
};

static const char *name_of(uint32_t index, void *arg)
{
	struct dump *d = arg;

	for (unsigned i = 0; i < d->n_links; i++)
		if (d->link[i].index == index)
			return d->link[i].name;
	return "?";
}

static void note_name(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ifi), IFLA_IFNAME);
	struct dump *d = arg;

	if (!a || d->n_links == LINKS_MAX)
		return;
	d->link[d->n_links].index = (uint32_t)ifi->ifi_index;
	snprintf(d->link[d->n_links++].name, IFNAMSIZ, "%s",
		 (const char *)netlink_data(a));
}

static void format(struct dump *d, const struct rule *rules,
		   const struct nlmsghdr *h, size_t header)
{
	const struct format f = { rules, name_of, d };

	netlink_format(&f, h, header, d->text, sizeof(d->text));
}

static void add_link(const struct nlmsghdr *h, void *arg)
{
	const unsigned derived = IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	struct dump *d = arg;

	format(d, link_rules, h, sizeof(*ifi));
	lines_add(d->ret, "%s link %s: type %u flags %x%s", d->view->name,
		  name_of((uint32_t)ifi->ifi_index, d), ifi->ifi_type,
		  ifi->ifi_flags & ~derived, d->text);
}

static void add_addr(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = { { IFA_CACHEINFO, RULE_SKIP },
					     { IFA_FLAGS, RULE_SKIP },
					     { 0 } };
	const struct ifaddrmsg *ifa = NLMSG_DATA(h);
	struct dump *d = arg;

	/* it comes and is settled in its own time */
	if (ifa->ifa_family == AF_INET6 && ifa->ifa_scope == RT_SCOPE_LINK)
		return;
	format(d, rules, h, sizeof(*ifa));
	lines_add(d->ret, "%s addr %s: family %u /%u scope %u%s", d->view->name,
		  name_of(ifa->ifa_index, d), ifa->ifa_family,
		  ifa->ifa_prefixlen, ifa->ifa_scope, d->text);
}

/*
 * What IPv6 has for every link by itself, fe80::/10 and ff00::/8, and the
 * route to each address of our own, which comes a moment after it.
 */
static bool is_kernels_own(const struct rtmsg *rtm, const struct nlattr *dst)
{
	const unsigned char *p = dst ? netlink_data(dst) : NULL;

	if (rtm->rtm_family != AF_INET6)
		return false;
	return (p && p[0] == 0xff) ||
	       (p && p[0] == 0xfe && (p[1] & 0xc0) == 0x80) ||
	       (rtm->rtm_protocol == RTPROT_KERNEL &&
		(rtm->rtm_type == RTN_LOCAL || rtm->rtm_type == RTN_ANYCAST));
}

static void add_route(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = { { RTA_CACHEINFO, RULE_SKIP },
					     { RTA_EXPIRES, RULE_SKIP },
					     { RTA_OIF, RULE_LINK },
					     { RTA_IIF, RULE_LINK },
					     { 0 } };
	const unsigned derived = RTNH_F_LINKDOWN | RTNH_F_DEAD;
	const struct rtmsg *rtm = NLMSG_DATA(h);
	struct dump *d = arg;

	if (is_kernels_own(rtm, netlink_find(h, sizeof(*rtm), RTA_DST)))
		return;
	format(d, rules, h, sizeof(*rtm));
	lines_add(d->ret,
		  "%s route family %u /%u tos %u table %u protocol %u scope "
		  "%u type %u flags %x:%s",
		  d->view->name, rtm->rtm_family, rtm->rtm_dst_len,
		  rtm->rtm_tos, rtm->rtm_table, rtm->rtm_protocol,
		  rtm->rtm_scope, rtm->rtm_type, rtm->rtm_flags & ~derived,
		  d->text);
}

static void add_rule(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = { { 0 } };
	const struct fib_rule_hdr *frh = NLMSG_DATA(h);
	struct dump *d = arg;

	format(d, rules, h, sizeof(*frh));
	lines_add(d->ret, "%s rule family %u /%u /%u table %u action %u:%s",
		  d->view->name, frh->family, frh->dst_len, frh->src_len,
		  frh->table, frh->action, d->text);
}

static const struct rule neighbour_rules[] = { { NDA_CACHEINFO, RULE_SKIP },
					       { NDA_PROBES, RULE_SKIP },
					       { NDA_MASTER, RULE_LINK },
					       { 0 } };

static void add_neighbour(const struct nlmsghdr *h, void *arg)
{
	const struct ndmsg *ndm = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ndm), NDA_LLADDR);
	const unsigned char *mac = a ? netlink_data(a) : NULL;
	struct dump *d = arg;

	if (!(ndm->ndm_state & NUD_PERMANENT))
		return;
	/* the groups a link listens to follow from its addresses */
	if (ndm->ndm_family == AF_BRIDGE && mac && mac[0] & 1)
		return;
	format(d, neighbour_rules, h, sizeof(*ndm));
	lines_add(d->ret, "%s neighbour %s: family %u flags %x type %u%s",
		  d->view->name, name_of((uint32_t)ndm->ndm_ifindex, d),
		  ndm->ndm_family, ndm->ndm_flags, ndm->ndm_type, d->text);
}

static void add_vlans(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ifi), IFLA_AF_SPEC);
	const unsigned char *p = a ? netlink_data(a) : NULL;
	struct dump *d = arg;
	size_t at = 0;

	for (size_t i = 0; a && i < netlink_len(a) && i < 4096; i++)
		at += (size_t)sprintf(d->text + at, "%02x", p[i]);
	if (at)
		lines_add(d->ret, "%s vlans %s: %s", d->view->name,
			  name_of((uint32_t)ifi->ifi_index, d), d->text);
}

static void add_queue(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = { { TCA_STATS, RULE_SKIP },
					     { TCA_STATS2, RULE_SKIP },
					     { TCA_XSTATS, RULE_SKIP },
					     { 0 } };
	const struct tcmsg *tcm = NLMSG_DATA(h);
	struct dump *d = arg;

	format(d, rules, h, sizeof(*tcm));
	lines_add(d->ret, "%s queue %s: parent %x%s", d->view->name,
		  name_of((uint32_t)tcm->tcm_ifindex, d), tcm->tcm_parent,
		  d->text);
}

void snapshot_route(const struct view *v, struct lines *ret)
{
	static const struct {
		struct ifinfomsg ifi;
		struct nlattr a;
		uint32_t mask;
	} vlans = { .ifi.ifi_family = AF_BRIDGE,
		    .a = { sizeof(struct nlattr) + 4, IFLA_EXT_MASK },
		    .mask = RTEXT_FILTER_BRVLAN };
	const struct ifinfomsg ifi = { 0 };
	const struct ifaddrmsg ifa = { 0 };
	const struct rtmsg rtm = { 0 };
	const struct fib_rule_hdr frh = { 0 };
	const struct ndmsg ndm = { 0 }, fdb = { .ndm_family = AF_BRIDGE };
	const struct tcmsg tcm = { 0 };
	static struct dump d;
	int fd = v->route;

	d = (struct dump){ .view = v, .ret = ret };
	netlink_dump(fd, RTM_GETLINK, &ifi, sizeof(ifi), note_name, &d);
	netlink_dump(fd, RTM_GETLINK, &ifi, sizeof(ifi), add_link, &d);
	netlink_dump(fd, RTM_GETADDR, &ifa, sizeof(ifa), add_addr, &d);
	netlink_dump(fd, RTM_GETROUTE, &rtm, sizeof(rtm), add_route, &d);
	netlink_dump(fd, RTM_GETRULE, &frh, sizeof(frh), add_rule, &d);
	netlink_dump(fd, RTM_GETNEIGH, &ndm, sizeof(ndm), add_neighbour, &d);
	netlink_dump(fd, RTM_GETNEIGH, &fdb, sizeof(fdb), add_neighbour, &d);
	netlink_dump(fd, RTM_GETLINK, &vlans, sizeof(vlans), add_vlans, &d);
	netlink_dump(fd, RTM_GETQDISC, &tcm, sizeof(tcm), add_queue, &d);
}
