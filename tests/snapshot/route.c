// SPDX-License-Identifier: GPL-2.0-or-later
/* route.c - addresses, routes, rules and neighbours */
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"
#include "parts.h"

/* An address and the length of its prefix; without one it is all zeros. */
static void add_prefix(struct text *t, const struct nlattr *a, unsigned len)
{
	if (a)
		text_add_addr(t, netlink_data(a), netlink_len(a));
	else
		text_add(t, "default");
	text_add(t, "/%u", len);
}

static void add_addr(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "peer", IFA_ADDRESS, attr_addr },
		{ "local", IFA_LOCAL, attr_addr },
		{ "label", IFA_LABEL, attr_data },
		{ "broadcast", IFA_BROADCAST, attr_addr },
		{ "anycast", IFA_ANYCAST, attr_addr },
		{ "metric", IFA_RT_PRIORITY, attr_number },
		{ "lifetime", IFA_CACHEINFO, attr_skip },
		{ "flags", IFA_FLAGS, attr_skip },
		{ 0 },
	};
	const unsigned settled =
		IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_OPTIMISTIC;
	const struct ifaddrmsg *ifa = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ifa), IFA_LOCAL);
	const struct nlattr *f = netlink_find(h, sizeof(*ifa), IFA_FLAGS);
	uint32_t flags = ifa->ifa_flags;
	struct dump *d = arg;

	/* it comes and is settled in its own time */
	if (ifa->ifa_family == AF_INET6 && ifa->ifa_scope == RT_SCOPE_LINK)
		return;
	if (!a)
		a = netlink_find(h, sizeof(*ifa), IFA_ADDRESS);
	if (f)
		memcpy(&flags, netlink_data(f), sizeof(flags));
	text_clear(&d->text);
	add_prefix(&d->text, a, ifa->ifa_prefixlen);
	text_add(&d->text, " scope %u flags %x", ifa->ifa_scope,
		 flags & ~settled);
	attr_print_behind(&d->text, h, sizeof(*ifa), rules, d);
	lines_add(d->ret, "%s addr %s: %s", d->view->name,
		  link_name(d, ifa->ifa_index), d->text.buf);
}

/* --- routes --------------------------------------------------------------- */

/* Routes that are the kernel's own: those that PMTU discovery remembers
   (RTM_F_CLONED), and those that IPv6 has for every link by itself, fe80::/10
   and ff00::/8, and for each address of our own, which come a moment after
   it. */
static bool is_kernels_own(const struct rtmsg *rtm, const struct nlattr *dst)
{
	const unsigned char *p = dst ? netlink_data(dst) : NULL;

	if (rtm->rtm_flags & RTM_F_CLONED)
		return true;
	if (rtm->rtm_family != AF_INET6)
		return false;
	return (p && p[0] == 0xff) ||
	       (p && p[0] == 0xfe && (p[1] & 0xc0) == 0x80) ||
	       (rtm->rtm_protocol == RTPROT_KERNEL &&
		(rtm->rtm_type == RTN_LOCAL || rtm->rtm_type == RTN_ANYCAST));
}

/* A gateway of the other family */
static void attr_via(struct text *t, const char *name, const struct nlattr *a,
		     void *arg)
{
	const size_t family = sizeof(unsigned short);

	(void)arg;
	text_add(t, " %s ", name);
	if (netlink_len(a) > family)
		text_add_addr(t, (const char *)netlink_data(a) + family,
			      netlink_len(a) - family);
}

static void attr_multipath(struct text *t, const char *name,
			   const struct nlattr *a, void *arg);

static const struct rule route_rules[] = {
	{ "dst", RTA_DST, attr_skip }, /* begins the line */
	{ "from", RTA_SRC, attr_addr },
	{ "dev", RTA_OIF, attr_link },
	{ "iif", RTA_IIF, attr_link },
	{ "gateway", RTA_GATEWAY, attr_addr },
	{ "via", RTA_VIA, attr_via },
	{ "src", RTA_PREFSRC, attr_addr },
	{ "metric", RTA_PRIORITY, attr_number },
	{ "table", RTA_TABLE, attr_number },
	{ "pref", RTA_PREF, attr_number },
	{ "", RTA_MULTIPATH, attr_multipath },
	{ "times", RTA_CACHEINFO, attr_skip },
	{ "expires", RTA_EXPIRES, attr_skip },
	{ 0 },
};

static const unsigned derived_flags = RTNH_F_LINKDOWN | RTNH_F_DEAD;

static void attr_multipath(struct text *t, const char *name,
			   const struct nlattr *a, void *arg)
{
	const char *p = netlink_data(a);
	int len = (int)netlink_len(a);

	(void)name;
	while (len >= (int)sizeof(struct rtnexthop)) {
		const struct rtnexthop *hop = (const void *)p;
		int step = RTNH_ALIGN(hop->rtnh_len);

		if (!RTNH_OK(hop, len))
			return;
		text_add(t, " hop { weight %u flags %x dev %s",
			 hop->rtnh_hops + 1u, hop->rtnh_flags & ~derived_flags,
			 link_name(arg, (uint32_t)hop->rtnh_ifindex));
		attr_print_named(t, RTNH_DATA(hop),
				 hop->rtnh_len - sizeof(*hop), route_rules,
				 arg);
		attr_print_rest(t, RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop),
				route_rules);
		text_add(t, " }");
		p += step;
		len -= step;
	}
}

static void add_scope(struct text *t, unsigned scope)
{
	if (scope == RT_SCOPE_LINK)
		text_add(t, " scope link");
	else if (scope == RT_SCOPE_HOST)
		text_add(t, " scope host");
	else
		text_add(t, " scope %u", scope);
}

static void add_route(const struct nlmsghdr *h, void *arg)
{
	static const char *const types[] = {
		"unspec",    "unicast",	  "local",	 "broadcast", "anycast",
		"multicast", "blackhole", "unreachable", "prohibit",  "throw"
	};
	const struct rtmsg *rtm = NLMSG_DATA(h);
	const struct nlattr *dst = netlink_find(h, sizeof(*rtm), RTA_DST);
	struct dump *d = arg;
	struct text *t = &d->text;

	if (is_kernels_own(rtm, dst))
		return;
	text_clear(t);
	add_prefix(t, dst, rtm->rtm_dst_len);
	if (rtm->rtm_type < sizeof(types) / sizeof(types[0]))
		text_add(t, " %s", types[rtm->rtm_type]);
	else
		text_add(t, " type %u", rtm->rtm_type);
	add_scope(t, rtm->rtm_scope);
	text_add(t, " protocol %u tos %u from/%u flags %x", rtm->rtm_protocol,
		 rtm->rtm_tos, rtm->rtm_src_len,
		 rtm->rtm_flags & ~derived_flags);
	attr_print_behind(t, h, sizeof(*rtm), route_rules, d);
	lines_add(d->ret, "%s route %s %s", d->view->name,
		  family_name(rtm->rtm_family), t->buf);
}

/* --- rules and neighbours ------------------------------------------------- */

static void add_rule(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "to", FRA_DST, attr_addr },
		{ "from", FRA_SRC, attr_addr },
		{ "iif", FRA_IIFNAME, attr_data },
		{ "oif", FRA_OIFNAME, attr_data },
		{ "goto", FRA_GOTO, attr_number },
		{ "priority", FRA_PRIORITY, attr_number },
		{ "fwmark", FRA_FWMARK, attr_number },
		{ "fwmask", FRA_FWMASK, attr_number },
		{ "table", FRA_TABLE, attr_number },
		{ "protocol", FRA_PROTOCOL, attr_number },
		{ "suppress_prefixlen", FRA_SUPPRESS_PREFIXLEN, attr_data },
		{ 0 },
	};
	const struct fib_rule_hdr *frh = NLMSG_DATA(h);
	struct dump *d = arg;

	text_clear(&d->text);
	attr_print_behind(&d->text, h, sizeof(*frh), rules, d);
	lines_add(d->ret,
		  "%s rule %s: action %u to/%u from/%u tos %u flags %x%s",
		  d->view->name, family_name(frh->family), frh->action,
		  frh->dst_len, frh->src_len, frh->tos, frh->flags,
		  d->text.buf);
}

/* An entry of a bridge that does not age has no state but NOARP. */
static bool is_permanent(const struct ndmsg *ndm, const struct nlattr *lladdr)
{
	const unsigned char *mac = lladdr ? netlink_data(lladdr) : NULL;

	if (ndm->ndm_family != AF_BRIDGE)
		return (ndm->ndm_state & NUD_PERMANENT) ||
		       (ndm->ndm_flags & NTF_PROXY);
	/* the groups a link listens to follow from its addresses */
	if (mac && mac[0] & 1)
		return false;
	return ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP);
}

static void add_neighbour(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "dst", NDA_DST, attr_addr },
		{ "lladdr", NDA_LLADDR, attr_addr },
		{ "vlan", NDA_VLAN, attr_number },
		{ "master", NDA_MASTER, attr_link },
		{ "protocol", NDA_PROTOCOL, attr_number },
		{ "times", NDA_CACHEINFO, attr_skip },
		{ "probes", NDA_PROBES, attr_skip },
		{ 0 },
	};
	const struct ndmsg *ndm = NLMSG_DATA(h);
	struct dump *d = arg;

	if (!is_permanent(ndm, netlink_find(h, sizeof(*ndm), NDA_LLADDR)))
		return;
	text_clear(&d->text);
	attr_print_behind(&d->text, h, sizeof(*ndm), rules, d);
	lines_add(d->ret, "%s neighbour %s: %s%s state %x flags %x type %u",
		  d->view->name, link_name(d, (uint32_t)ndm->ndm_ifindex),
		  family_name(ndm->ndm_family), d->text.buf, ndm->ndm_state,
		  ndm->ndm_flags, ndm->ndm_type);
}

void snapshot_routes(struct dump *d)
{
	const struct ifaddrmsg ifa = { 0 };
	const struct rtmsg rtm = { 0 };
	const struct fib_rule_hdr frh = { 0 };
	const struct ndmsg ndm = { 0 }, fdb = { .ndm_family = AF_BRIDGE };
	const struct ndmsg proxy = { .ndm_flags = NTF_PROXY };
	int fd = d->view->route;

	netlink_dump(fd, RTM_GETADDR, &ifa, sizeof(ifa), add_addr, d);
	netlink_dump(fd, RTM_GETROUTE, &rtm, sizeof(rtm), add_route, d);
	netlink_dump(fd, RTM_GETRULE, &frh, sizeof(frh), add_rule, d);
	netlink_dump(fd, RTM_GETNEIGH, &ndm, sizeof(ndm), add_neighbour, d);
	netlink_dump(fd, RTM_GETNEIGH, &proxy, sizeof(proxy), add_neighbour, d);
	netlink_dump(fd, RTM_GETNEIGH, &fdb, sizeof(fdb), add_neighbour, d);
}
