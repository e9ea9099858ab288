// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route.c - lib/route and whatever the kernel answers: links, addresses,
 * routes, VLANs
 *
 * The first byte chooses what is asked for; the rest is the kernel's, see
 * kernel.h.
 *
 * fuzz: tests/fuzz/kernel.c
 */
#include "route/route.h"

#include <linux/rtnetlink.h>

#include "base/auto.h"
#include "kernel.h"
#include "route/addr.h"
#include "route/link.h"
#include "route/ra.h"
#include "route/settle.h"
#include "route/vlan.h"

static void check_link(const struct rt_link *l)
{
	MUST(memchr(l->name, '\0', sizeof(l->name)));
	MUST(memchr(l->kind, '\0', sizeof(l->kind)));
	MUST(memchr(l->alias, '\0', sizeof(l->alias)));
}

static int see_link(const struct rt_link *l, void *arg)
{
	unsigned *n = arg;

	check_link(l);
	return ++*n == 3 ? 7 : 0;
}

static int ask_link(struct rt *rt)
{
	struct rt_link l;
	int r = rt_link_get(rt, "eth0", &l);

	if (r == 0)
		check_link(&l);
	return r;
}

static int ask_links(struct rt *rt)
{
	unsigned n = 0;
	int r = rt_link_each(rt, "veth", see_link, &n);

	MUST(r <= 0 || r == 7);
	return r < 0 ? r : 0;
}

static int ask_addresses(struct rt *rt)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0;
	int r = rt_addr_list(rt, 2, 0, &list, &n);

	for (size_t i = 0; i < n; i++) {
		MUST(ip_is_set(&list[i].net.addr));
		MUST(list[i].net.plen <= ip_bits(list[i].net.addr.family));
		MUST(*ip_net_format(&list[i].net, text));
	}
	return r;
}

static int ask_route(struct rt *rt)
{
	struct rt_route want = { .oif = 2, .mtu = 1400, .priority = 5 };
	int r;

	MUST(ip_net_parse("10.9.0.0/24", &want.dst) == 0);
	MUST(ip_parse("10.1.0.1", &want.gw) == 0);
	r = rt_route_has(rt, &want);
	MUST(r <= 1);
	return r < 0 ? r : 0;
}

static int ask_vlans(struct rt *rt)
{
	struct rt_vlans vlans;
	int r = rt_vlan_list(rt, 2, &vlans);

	MUST(!vlan_set_has(&vlans.all, 0) && !vlan_set_has(&vlans.all, 4095));
	MUST(vlans.pvid <= VLAN_MAX);
	return r;
}

static int ask_nothing(struct rt *rt)
{
	return rt_link_up(rt, 2);
}

static int wait_for_link(struct rt *rt)
{
	return rt_link_wait_up(rt, 2, -1, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const ask[])(struct rt *) = {
		ask_link,    ask_links,	    ask_addresses,
		ask_route,   ask_vlans,	    rt_keep_accepting_ra,
		ask_nothing, wait_for_link,
	};
	struct input in = { data, size };
	uint8_t what = input_byte(&in) % ARRAY_SIZE(ask);
	AUTO(rt) struct rt *rt = NULL;
	int r;

	MUST(rt_open(&rt) == 0);
	kernel_start(in.p, in.n);
	r = ask[what](rt);
	/* a positive error number is what no kernel sends */
	MUST(r <= 0);
	MUST(memchr(rt_reason(rt), '\0', 256));
	return 0;
}
