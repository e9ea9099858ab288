// SPDX-License-Identifier: GPL-2.0-or-later
/* route.c - routes of a link */
#include "route/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "route/attr.h"

static int put_metrics(struct nl_msg *m, const struct rt_route *route)
{
	struct nlattr *nest;
	int bad = 0;

	if (!route->mtu && !route->advmss)
		return 0;
	nest = nla_nest_start(m, RTA_METRICS);
	bad |= !nest;
	if (nest && route->mtu)
		bad |= nla_put_u32(m, RTAX_MTU, route->mtu);
	if (nest && route->advmss)
		bad |= nla_put_u32(m, RTAX_ADVMSS, route->advmss);
	return bad | (nest ? nla_nest_end(m, nest) : 0);
}

static unsigned table_of(const struct rt_route *route)
{
	return route->table ? route->table : RT_TABLE_MAIN;
}

int rt_route_add(struct rt *rt, const struct rt_route *route)
{
	struct rtmsg rtm = { .rtm_family = route->dst.addr.family,
			     .rtm_dst_len = route->dst.plen,
			     .rtm_protocol = RTPROT_BOOT,
			     .rtm_scope = route->scope,
			     .rtm_type = RTN_UNICAST,
			     .rtm_flags = route->on_link ? RTNH_F_ONLINK : 0 };
	struct ip_addr dst = ip_net_first(&route->dst);
	struct nl_msg *m;
	int bad = 0;

	m = rt_msg(RTM_NEWROUTE, NLM_F_CREATE | (route->alone ? NLM_F_EXCL : 0),
		   &rtm, sizeof(rtm));
	if (!m)
		return -ENOMEM;
	bad |= nla_put_u32(m, RTA_TABLE, table_of(route));
	bad |= nla_put_u32(m, RTA_OIF, (uint32_t)route->oif);
	bad |= attr_put_ip(m, RTA_DST, &dst);
	if (ip_is_set(&route->gw))
		bad |= attr_put_ip(m, RTA_GATEWAY, &route->gw);
	if (ip_is_set(&route->src))
		bad |= attr_put_ip(m, RTA_PREFSRC, &route->src);
	if (route->priority)
		bad |= nla_put_u32(m, RTA_PRIORITY, route->priority);
	bad |= put_metrics(m, route);
	return rt_call(rt, m, bad);
}

/* The gateway 0.0.0.0 is none to the kernel. */
static bool same_gw(struct nlattr *gw, const struct ip_addr *want)
{
	return ip_is_zero(want) ? !gw : attr_same_ip(gw, want);
}

/* Through the link, and by the gateway, that are asked for, if any are. */
static bool same_hop(int oif, struct nlattr *gw, const struct rt_route *want)
{
	return (!want->oif || oif == want->oif) &&
	       (!ip_is_set(&want->gw) || same_gw(gw, &want->gw));
}

static bool same_multipath(struct nlattr *mp, const struct rt_route *want)
{
	struct rtnexthop *nh = nla_data(mp);
	int left = nla_len(mp);

	while (left >= (int)sizeof(*nh) && RTNH_OK(nh, left)) {
		struct nlattr *gw = nla_find((struct nlattr *)RTNH_DATA(nh),
					     (int)(nh->rtnh_len - sizeof(*nh)),
					     RTA_GATEWAY);

		if (same_hop(nh->rtnh_ifindex, gw, want))
			return true;
		left -= (int)RTNH_ALIGN(nh->rtnh_len);
		nh = RTNH_NEXT(nh);
	}
	return false;
}

static bool same_metrics(struct nlattr *metrics, const struct rt_route *want)
{
	struct nlattr *tb[RTAX_MAX + 1] = { 0 };

	if (!want->mtu && !want->advmss)
		return true;
	if (!metrics || nla_parse(tb, RTAX_MAX, nla_data(metrics),
				  nla_len(metrics), NULL) < 0)
		return false;
	return (!want->mtu || attr_u32(tb[RTAX_MTU]) == want->mtu) &&
	       (!want->advmss || attr_u32(tb[RTAX_ADVMSS]) == want->advmss);
}

struct search {
	const struct rt_route *want;
	struct ip_addr dst;
	bool found;
};

static int compare(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct search *s = arg;
	const struct rt_route *want = s->want;
	bool same;

	if (attr_parse_route(h, tb) < 0)
		return -EBADMSG;
	same = rtm->rtm_family == want->dst.addr.family &&
	       rtm->rtm_type == RTN_UNICAST &&
	       rtm->rtm_dst_len == want->dst.plen &&
	       attr_u32(tb[RTA_TABLE]) == table_of(want) &&
	       (want->dst.plen == 0 || attr_same_ip(tb[RTA_DST], &s->dst)) &&
	       (!want->priority ||
		attr_u32(tb[RTA_PRIORITY]) == want->priority) &&
	       same_metrics(tb[RTA_METRICS], want);
	if (same && (tb[RTA_MULTIPATH] ? same_multipath(tb[RTA_MULTIPATH], want)
				       : same_hop((int)attr_u32(tb[RTA_OIF]),
						  tb[RTA_GATEWAY], want)))
		s->found = true;
	return 0;
}

int rt_route_dump(struct rt *rt, unsigned family, unsigned table,
		  rt_answer_fn fn, void *arg)
{
	struct rtmsg rtm = { .rtm_family = (uint8_t)family };
	unsigned round = 0;
	int r;

	do {
		struct nl_msg *m =
			rt_msg(RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));

		r = rt_get(rt, m, m ? nla_put_u32(m, RTA_TABLE, table) : 0, fn,
			   arg);
	} while (rt_retry(r, &round));
	return r;
}

int rt_route_has(struct rt *rt, const struct rt_route *route)
{
	struct search s = { route, ip_net_first(&route->dst), false };
	int r = rt_route_dump(rt, route->dst.addr.family, table_of(route),
			      compare, &s);

	if (r == -ENOENT) /* the table does not exist */
		return 0;
	return r < 0 ? r : s.found;
}

static int see_default(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	int *oif = arg;

	if (attr_parse_route(h, tb) < 0)
		return -EBADMSG;
	if (*oif == 0 && rtm->rtm_dst_len == 0 &&
	    rtm->rtm_type == RTN_UNICAST &&
	    attr_u32(tb[RTA_TABLE]) == RT_TABLE_MAIN)
		*oif = (int)attr_u32(tb[RTA_OIF]);
	return 0;
}

int rt_route_default(struct rt *rt, int *ret_oif)
{
	static const unsigned family[] = { AF_INET, AF_INET6 };
	int oif = 0, r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(family) && r == 0 && !oif; i++)
		r = rt_route_dump(rt, family[i], RT_TABLE_MAIN, see_default,
				  &oif);
	if (r < 0)
		return r;
	*ret_oif = oif;
	return oif ? 0 : -ENOENT;
}

static int take_way(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct rt_way *way = arg;
	const struct rtmsg *rtm = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*rtm), tb, RTA_MAX, NULL) <
		    0)
		return -EBADMSG;
	way->type = rtm->rtm_type;
	way->oif = tb[RTA_OIF] ? (int)nla_get_u32(tb[RTA_OIF]) : 0;
	if (tb[RTA_PREFSRC] &&
	    nla_len(tb[RTA_PREFSRC]) == (int)ip_bytes(rtm->rtm_family)) {
		way->src.family = rtm->rtm_family;
		memcpy(way->src.b, nla_data(tb[RTA_PREFSRC]),
		       ip_bytes(rtm->rtm_family));
	}
	return 0;
}

int rt_route_lookup(struct rt *rt, const struct ip_addr *to, struct rt_way *ret)
{
	const struct rtmsg header = { .rtm_family = to->family,
				      .rtm_dst_len =
					      (uint8_t)ip_bits(to->family) };
	struct nl_msg *m = rt_msg(RTM_GETROUTE, 0, &header, sizeof(header));
	int bad = m ? nla_put(m, RTA_DST, (int)ip_bytes(to->family), to->b) : 0;

	*ret = (struct rt_way){ 0 };
	return rt_get(rt, m, bad, take_way, ret);
}
