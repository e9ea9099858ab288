// SPDX-License-Identifier: GPL-2.0-or-later
/* route-link.c - links: make, look at, change, delete */
#include "base/auto.h"
#include "base/netns.h"
#include "route-test.h"
#include "route/kinds.h"
#include "route/settle.h"

#include <linux/if.h> /* after net/if.h, or they do not agree */
#include <linux/rtnetlink.h>

static void a_bridge_is_as_it_was_ordered(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br.0",
				     .mac = { 2, 0, 0, 0, 0, 7 },
				     .mtu = 1400 };
	struct rt_link l = { 0 };
	char text[MAC_STRLEN];

	EQ_INT(rt_bridge_add(rt, &b), 0);
	EQ_INT(rt_link_get(rt, "br.0", &l), 0);
	EQ_STR(l.name, "br.0");
	EQ_STR(l.kind, "bridge");
	EQ_STR(l.alias, "");
	EQ_STR(mac_format(l.mac, text), "02:00:00:00:00:07");
	EQ_INT(l.mtu, 1400);
	EQ_INT(l.master, 0);
	OK(!(l.flags & (IFF_UP | IFF_PROMISC)));
	OK(!l.vlan_filtering && !l.hairpin && !l.isolated);
	EQ_INT(rt_link_up(rt, l.index), 0);
	EQ_INT(rt_link_set(rt, l.index,
			   &(struct rt_change){ .mask = IFF_PROMISC,
						.flags = IFF_PROMISC }),
	       0);
	EQ_INT(rt_link_get_index(rt, l.index, &l), 0);
	OK(l.flags & IFF_UP && l.flags & IFF_PROMISC);
	EQ_INT(rt_link_down(rt, l.index), 0);
	EQ_INT(rt_link_get_index(rt, l.index, &l), 0);
	OK(!(l.flags & IFF_UP) && l.flags & IFF_PROMISC);
}

/* The kernel enters one that is set; that it has by chance, old ones do not. */
static void a_bridge_has_its_mac_for_its_own(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const uint8_t other[MAC_LEN] = { 2, 0, 0, 0, 0, 8 };
	struct rt_link l = { 0 };
	char text[MAC_STRLEN];

	sh("ip link add br0 type bridge");
	EQ_INT(rt_link_get(rt, "br0", &l), 0);
	for (int i = 0; i < 2; i++)
		EQ_INT(rt_bridge_enter_mac(rt, l.index, l.mac), 0);
	sh("bridge fdb show br br0 | grep -q '%s dev br0 master br0'",
	   mac_format(l.mac, text));
	EQ_INT(rt_bridge_enter_mac(rt, l.index, other), 0);
	sh("bridge fdb show br br0 | "
	   "grep -q '02:00:00:00:00:08 dev br0 .*permanent'");
	EQ_INT(rt_bridge_enter_mac(rt, 1, other), -EINVAL);
	EQ_INT(rt_bridge_enter_mac(rt, 4711, other), -ENODEV);
}

static void a_veth_is_born_with_names_macs_and_mtu_on_both_sides(void)
{
	AUTO(rt) struct rt *there = fresh();
	AUTO(rt) struct rt *rt = NULL;
	AUTO(fd) int netns = -1;
	struct rt_veth veth = { .name = "v0",
				.peer_name = "eth0",
				.mac = { 2, 0, 0, 0, 0, 1 },
				.peer_mac = { 2, 0, 0, 0, 0, 2 },
				.mtu = 1300 };
	struct rt_link a = { 0 }, b = { 0 };

	EQ_INT(ns_open("/proc/thread-self/ns/net", &netns), 0);
	veth.peer_netns = netns;
	rt = fresh();
	EQ_INT(rt_veth_add(rt, &veth), 0);
	EQ_INT(rt_link_get(rt, "v0", &a), 0);
	EQ_INT(rt_link_get(there, "eth0", &b), 0);
	EQ_INT(a.lower, b.index);
	EQ_INT(b.lower, a.index);
	EQ_INT(memcmp(a.mac, veth.mac, MAC_LEN), 0);
	EQ_INT(memcmp(b.mac, veth.peer_mac, MAC_LEN), 0);
	EQ_INT(a.mtu, 1300);
	EQ_INT(b.mtu, 1300);
	EQ_STR(a.kind, "veth");
	EQ_STR(b.kind, "veth");
	/* either name taken: nothing is made of the other one */
	EQ_INT(rt_veth_add(rt, &veth), -EEXIST);
	veth.name = "v1";
	EQ_INT(rt_veth_add(rt, &veth), -EEXIST);
	EQ_INT(rt_link_get(rt, "v1", &a), -ENODEV);
	veth.name = "v0";
	veth.peer_name = "eth1";
	EQ_INT(rt_veth_add(rt, &veth), -EEXIST);
	EQ_INT(rt_link_get(there, "eth1", &b), -ENODEV);
	veth.name = "v2";
	veth.mtu = 70000;
	EQ_INT(rt_veth_add(rt, &veth), -EINVAL);
	EQ_INT(rt_link_del(rt, index_of(rt, "v0")), 0);
	EQ_INT(rt_link_get(there, "eth0", &b), -ENODEV);
}

static void attaching_gives_owner_master_and_up_at_once(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };
	static const struct rt_port all = { true, true, true };
	static const struct rt_port hairpin = { .hairpin = true };
	static const struct rt_port isolated = { .isolated = true };
	static const struct rt_port locked = { .locked = true };
	char owner[CNI_OWNER_LEN];
	struct rt_link l = { 0 };
	int br, v0;

	memset(owner, 'x', sizeof(owner) - 1);
	owner[sizeof(owner) - 1] = '\0';
	EQ_INT(rt_bridge_add(rt, &b), 0);
	make_pair(rt, "v0", "v1");
	br = index_of(rt, "br0");
	v0 = index_of(rt, "v0");
	EQ_INT(rt_port_set(rt, v0, &all), -EOPNOTSUPP); /* no port yet */
	EQ_INT(rt_link_attach(rt, v0, br, owner), 0);
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	EQ_INT(l.master, br);
	EQ_STR(l.alias, owner);
	OK(l.flags & IFF_UP);
	OK(!l.hairpin && !l.isolated);
	EQ_INT(rt_port_set(rt, v0, &hairpin), 0);
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	OK(l.hairpin && !l.isolated);
	EQ_INT(rt_port_set(rt, v0, &isolated), 0);
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	OK(!l.hairpin && l.isolated);
	sh("ip -d link show dev v0 | grep -q 'locked off'");
	EQ_INT(rt_port_set(rt, v0, &locked), 0);
	sh("ip -d link show dev v0 | grep -q 'locked on'");
	EQ_INT(rt_port_set(rt, v0, &hairpin), 0);
	sh("ip -d link show dev v0 | grep -q 'locked off'");
	/* without a master: only the text, and up */
	EQ_INT(rt_link_attach(rt, br, 0, "cni:bridge"), 0);
	EQ_INT(rt_link_get_index(rt, br, &l), 0);
	EQ_STR(l.alias, "cni:bridge");
	OK(l.flags & IFF_UP);
	EQ_INT(rt_link_attach(rt, v0, 4711, "x"), -EINVAL);
	EQ_INT(rt_link_attach(rt, 4711, br, "x"), -ENODEV);
}

static void a_link_has_a_tag(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct rt_link l = { 0 };
	int v0;

	make_pair(rt, "v0", "v1");
	v0 = index_of(rt, "v0");
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	EQ_INT(l.tag, 0);
	EQ_INT(rt_link_set(rt, v0, &(struct rt_change){ .tag = 0x6d617371 }),
	       0);
	sh("test $(cat /proc/sys/net/ipv4/conf/v0/tag) = 1835103089");
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	EQ_INT(l.tag, 0x6d617371);
	OK(!(l.flags & IFF_UP));
	/* and stays with what else changes */
	EQ_INT(rt_link_up(rt, v0), 0);
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	EQ_INT(l.tag, 0x6d617371);
	/* too narrow for IPv4 */
	sh("ip link add d0 type ifb && ip link set d0 mtu 60");
	EQ_INT(rt_link_get(rt, "d0", &l), 0);
	EQ_INT(l.tag, 0);
	EQ_INT(rt_link_set(rt, l.index, &(struct rt_change){ .tag = 1 }),
	       -EAFNOSUPPORT);
}

static void joining_gives_owner_and_master_alone(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };
	struct rt_link l = { 0 };
	int br, v0;

	EQ_INT(rt_bridge_add(rt, &b), 0);
	make_pair(rt, "v0", "v1");
	br = index_of(rt, "br0");
	v0 = index_of(rt, "v0");
	for (int up = 0; up < 2; up++) {
		EQ_INT(rt_link_set(rt, v0,
				   &(struct rt_change){ .master = br,
							.alias = "mine" }),
		       0);
		EQ_INT(rt_link_get_index(rt, v0, &l), 0);
		EQ_INT(l.master, br);
		EQ_STR(l.alias, "mine");
		EQ_INT(!!(l.flags & IFF_UP), up);
		EQ_INT(rt_link_up(rt, v0), 0);
	}
	EQ_INT(rt_link_set(rt, 4711,
			   &(struct rt_change){ .master = br, .alias = "x" }),
	       -ENODEV);
}

static void a_port_is_waited_for(void)
{
	AUTO(rt) struct rt *rt = fresh();
	AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);
	struct rt_link l = { 0 };
	int v0;

	make_pair(rt, "v0", "v1");
	v0 = index_of(rt, "v0");
	EQ_INT(rt_link_up(rt, v0), 0);
	EQ_INT(rt_link_wait_up(rt, v0, watch, rt_now_ms()), -ETIMEDOUT);
	EQ_INT(rt_link_up(rt, index_of(rt, "v1")), 0);
	EQ_INT(rt_link_wait_up(rt, v0, watch, rt_now_ms() + 10000), 0);
	EQ_INT(rt_link_get_index(rt, v0, &l), 0);
	EQ_INT(l.operstate, IF_OPER_UP);
	EQ_INT(rt_link_wait_up(rt, 4711, watch, rt_now_ms()), -ENODEV);
}

static void an_end_is_ready_with_its_link_local_address(void)
{
	AUTO(rt) struct rt *rt = fresh();
	AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);
	int v0, v1;

	make_pair(rt, "v0", "v1");
	v0 = index_of(rt, "v0");
	v1 = index_of(rt, "v1");
	/* without a carrier there is nothing to come */
	EQ_INT(rt_link_wait_ready(rt, v0, -1, 0), 0);
	EQ_INT(rt_link_up(rt, v0), 0);
	EQ_INT(rt_link_wait_ready(rt, v0, -1, 0), 0);
	sh("! ip -6 addr show dev v0 | grep -q fe80::");
	sh("echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6");
	EQ_INT(rt_link_up(rt, v1), 0);
	EQ_INT(rt_link_wait_ready(rt, v0, watch, rt_now_ms() + 10000), 0);
	sh("ip -6 addr show dev v0 | grep -q fe80::");
	sh("ip link show dev v0 | grep -q 'state UP'");
	/* nor is one waited for that it does not get */
	EQ_INT(rt_link_wait_ready(rt, v1, watch, rt_now_ms() + 10000), 0);
	sh("! ip -6 addr show dev v1 | grep -q fe80::");
	sh("ip link show dev v1 | grep -q 'state UP'");
	EQ_INT(rt_link_wait_ready(rt, 4711, watch, rt_now_ms()), -ENODEV);
}

static void a_pair_has_the_indexes_that_are_asked_for(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct rt_veth v = { .name = "v0",
			     .peer_name = "v1",
			     .mac = { 2, 1 },
			     .peer_mac = { 2, 2 },
			     .peer_netns = -1,
			     .index = 70,
			     .peer_index = 71 };

	EQ_INT(rt_veth_add(rt, &v), 0);
	EQ_INT(index_of(rt, "v0"), 70);
	EQ_INT(index_of(rt, "v1"), 71);
	v.name = "w0";
	v.peer_name = "w1";
	EQ_INT(rt_veth_add(rt, &v), -EEXIST);
	v.index = 72;
	EQ_INT(rt_veth_add(rt, &v), -EBUSY);
	v.peer_index = 73;
	EQ_INT(rt_veth_add(rt, &v), 0);
}

TAP_MAIN(TEST(a_bridge_is_as_it_was_ordered),
	 TEST(a_bridge_has_its_mac_for_its_own),
	 TEST(a_veth_is_born_with_names_macs_and_mtu_on_both_sides),
	 TEST(attaching_gives_owner_master_and_up_at_once),
	 TEST(joining_gives_owner_and_master_alone), TEST(a_link_has_a_tag),
	 TEST(a_port_is_waited_for),
	 TEST(an_end_is_ready_with_its_link_local_address),
	 TEST(a_pair_has_the_indexes_that_are_asked_for))
