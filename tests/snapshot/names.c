// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - of links by their indexes, and of protocol families */
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "die.h"
#include "netlink.h"
#include "parts.h"

struct link_name {
	uint32_t index;
	char name[IFNAMSIZ];
};

const char *link_name(const struct dump *d, uint32_t index)
{
	for (unsigned i = 0; i < d->links.n; i++)
		if (d->links.v[i].index == index)
			return d->links.v[i].name;
	return "?";
}

void attr_link(struct text *t, const char *name, const struct nlattr *a,
	       void *dump)
{
	uint32_t index = 0;

	if (netlink_len(a) >= sizeof(index))
		memcpy(&index, netlink_data(a), sizeof(index));
	text_add(t, " %s %s", name, link_name(dump, index));
}

static void note_name(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const struct nlattr *a = netlink_find(h, sizeof(*ifi), IFLA_IFNAME);
	struct link_names *l = &((struct dump *)arg)->links;

	if (!a)
		return;
	if (l->n == l->size) {
		l->size = 2 * l->size + 16;
		l->v = realloc(l->v, l->size * sizeof(*l->v));
		if (!l->v)
			die("realloc: %m");
	}
	l->v[l->n].index = (uint32_t)ifi->ifi_index;
	snprintf(l->v[l->n++].name, IFNAMSIZ, "%s",
		 (const char *)netlink_data(a));
}

void snapshot_names(struct dump *d)
{
	const struct ifinfomsg ifi = { 0 };

	netlink_dump(d->view->route, RTM_GETLINK, &ifi, sizeof(ifi), note_name,
		     d);
}

const char *family_name(unsigned family)
{
	static char number[16];

	switch (family) {
	case AF_INET:
		return "inet";
	case AF_INET6:
		return "inet6";
	case AF_BRIDGE:
		return "bridge";
	default:
		snprintf(number, sizeof(number), "family %u", family);
		return number;
	}
}
