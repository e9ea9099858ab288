// SPDX-License-Identifier: GPL-2.0-or-later
/* ra.c - hosts that learn their IPv6 routes from router advertisements */
#include "route/ra.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/sysctl.h"
#include "route/attr.h"
#include "route/link.h"
#include "route/route.h"

struct links {
	int *index; /* owned */
	size_t n;
};

static void links_auto(struct links *links)
{
	free(links->index);
}

static int note(struct links *links, int index)
{
	int *more;

	for (size_t i = 0; i < links->n; i++)
		if (links->index[i] == index)
			return 0;
	more = realloc(links->index, (links->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	links->index = more;
	more[links->n++] = index;
	return 0;
}

static int note_link(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rtm = nlmsg_data(h);
	struct nlattr *oif;

	if (h->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_datalen(h) < (int)sizeof(*rtm))
		return -EBADMSG;
	if (rtm->rtm_protocol != RTPROT_RA || rtm->rtm_dst_len != 0)
		return 0;
	oif = nlmsg_find_attr((struct nlmsghdr *)h, sizeof(*rtm), RTA_OIF);
	return attr_u32(oif) ? note(arg, (int)attr_u32(oif)) : 0;
}

static int raise(struct rt *rt, int index)
{
	char name[128], now[16];
	struct rt_link link;
	int r = rt_link_get_index(rt, index, &link);

	if (r == -ENODEV) /* gone, and its routes with it */
		return 0;
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "net/ipv6/conf/%s/accept_ra", link.name);
	r = sysctl_get(name, now, sizeof(now));
	if (r < 0 || strcmp(now, "1") != 0)
		return r;
	return sysctl_set(name, "2");
}

int rt_keep_accepting_ra(struct rt *rt)
{
	AUTO(links) struct links links = { 0 };
	int r = rt_route_dump(rt, AF_INET6, RT_TABLE_MAIN, note_link, &links);

	for (size_t i = 0; i < links.n && r == 0; i++)
		r = raise(rt, links.index[i]);
	return r;
}
