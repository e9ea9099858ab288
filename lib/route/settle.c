// SPDX-License-Identifier: GPL-2.0-or-later
/* settle.c - waiting until the kernel has noticed what it was told */
#include "route/settle.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "route/attr.h"

static bool is_up(const struct rt_link *l)
{
	return l->operstate == IF_OPER_UP && !l->disabled;
}

static bool is_ready(const struct rt_link *l)
{
	return !(l->flags & IFF_LOWER_UP) ||
	       (l->operstate != IF_OPER_DOWN && !l->v6_pending);
}

static int wait_for(struct rt *rt, int index,
		    bool (*done)(const struct rt_link *l), int watch,
		    long long deadline_ms)
{
	struct rt_link l;
	int r;

	for (;;) {
		r = rt_link_get_index(rt, index, &l);
		if (r < 0 || done(&l))
			return r;
		r = rt_await(watch, deadline_ms);
		if (r < 0)
			return r;
	}
}

int rt_link_wait_up(struct rt *rt, int index, int watch, long long deadline_ms)
{
	return wait_for(rt, index, is_up, watch, deadline_ms);
}

int rt_link_wait_ready(struct rt *rt, int index, int watch,
		       long long deadline_ms)
{
	return wait_for(rt, index, is_ready, watch, deadline_ms);
}

/* A route that the kernel makes of its own accord for a link. */
struct own {
	struct ip_net dst;
	int index;
	unsigned char type; /* RTN_UNSPEC: any */
	bool found;
};

static int find_own(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct own *o = arg;

	if (attr_parse_route(h, tb) < 0)
		return -EBADMSG;
	if ((!o->type || rtm->rtm_type == o->type) &&
	    rtm->rtm_dst_len == o->dst.plen &&
	    (int)attr_u32(tb[RTA_OIF]) == o->index &&
	    attr_same_ip(tb[RTA_DST], &o->dst.addr))
		o->found = true;
	return 0;
}

/*
 * The kernel gives the link's routes of that type alone, of whichever table:
 * that of a VRF, say. A lookup would ask the rules, and those are the host's.
 */
static int has_own(struct rt *rt, struct own *o)
{
	struct rtmsg rtm = { .rtm_family = o->dst.addr.family,
			     .rtm_type = o->type };
	unsigned round = 0;
	int r;

	do {
		struct nl_msg *m =
			rt_msg(RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));

		r = rt_get(rt, m,
			   m ? nla_put_u32(m, RTA_OIF, (uint32_t)o->index) : 0,
			   find_own, o);
	} while (!o->found && rt_retry(r, &round));
	return o->found ? 1 : r;
}

static int wait_own(struct rt *rt, struct own *o, int watch,
		    long long deadline_ms)
{
	int r;

	while ((r = has_own(rt, o)) == 0) {
		r = rt_await(watch, deadline_ms);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : 0;
}

int rt_route_wait_local(struct rt *rt, int index, const struct ip_addr *ip,
			int watch, long long deadline_ms)
{
	struct own local = { .dst = { *ip, 128 },
			     .index = index,
			     .type = RTN_LOCAL };

	if (ip->family != AF_INET6)
		return 0;
	return wait_own(rt, &local, watch, deadline_ms);
}

int rt_route_wait_multicast(struct rt *rt, int index, int watch,
			    long long deadline_ms)
{
	/* ff00::/8, of any type: for old kernels it is a unicast route */
	struct own multicast = {
		.dst = { { .family = AF_INET6, .b = { 0xff } }, 8 },
		.index = index,
	};

	return wait_own(rt, &multicast, watch, deadline_ms);
}
