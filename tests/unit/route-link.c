// SPDX-License-Identifier: GPL-2.0-or-later
/* route-link.c - links: make, look at, change, delete; MACs; sets of VLANs */
#include "base/auto.h"
#include "base/netns.h"
#include "route-test.h"
#include "route/kinds.h"
#include "route/settle.h"
#include "route/vlan.h"

#include <linux/if.h> /* after net/if.h, or they do not agree */
#include <linux/rtnetlink.h>

static void mac_text(void)
{
	static const struct {
		const char *text, *mac; /* mac NULL: none */
	} t[] = {
		{ "02:00:00:00:00:01", "02:00:00:00:00:01" },
		{ "0A:1b:Cd:eF:90:ff", "0a:1b:cd:ef:90:ff" },
		{ "0a-1b-cd-ef-90-ff", "0a:1b:cd:ef:90:ff" },
		{ "0a1b.cdef.90FF", "0a:1b:cd:ef:90:ff" },
		{ "00:00:00:00:00:00", "00:00:00:00:00:00" },
		{ "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff" },
		{ "", NULL },
		{ "0", NULL },
		{ "02", NULL },
		{ "02:00:00:00:00", NULL },
		{ "02:00:00:00:00:0", NULL },
		{ "02:00:00:00:00:01:", NULL },
		{ "02:00:00:00:00:001", NULL },
		{ "2:00:00:00:00:0001", NULL },
		{ "02:00:00:00:00:01:02:03", NULL },
		{ "02:00:00:00:00-01", NULL },
		{ "02-00:00:00:00:01", NULL },
		{ "02.00.00.00.00.01", NULL },
		{ "02 00 00 00 00 01", NULL },
		{ "0g:00:00:00:00:01", NULL },
		{ "02:00:00:00:00:@1", NULL },
		{ "02:00:00:00:00:0\xc1", NULL },
		{ "020000000001", NULL },
		{ "0a1b:cdef:90ff", NULL },
		{ "0a1.bcde.f90ff", NULL },
		{ "0a1b.cdef.90f", NULL },
		{ "0a1bc.def.90ff", NULL },
		{ " 2:00:00:00:00:01", NULL },
		{ "+2:00:00:00:00:01", NULL },
	};
	char text[MAC_STRLEN];

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		uint8_t mac[MAC_LEN] = { 7, 7, 7, 7, 7, 7 };
		int r = mac_parse(t[i].text, mac);

		EQ_INT(r, t[i].mac ? 0 : -EINVAL);
		if (r != (t[i].mac ? 0 : -EINVAL))
			printf("# of \"%s\"\n", t[i].text);
		EQ_STR(mac_format(mac, text),
		       t[i].mac ? t[i].mac : "07:07:07:07:07:07");
	}
}

static void random_macs_are_local_and_differ(void)
{
	uint8_t last[MAC_LEN] = { 0 };

	OK(mac_is_zero(last));
	for (int i = 0; i < 100; i++) {
		uint8_t mac[MAC_LEN] = { 0 };

		EQ_INT(mac_random(mac), 0);
		OK(!mac_is_zero(mac));
		EQ_INT(mac[0] & 3, 2); /* local, and not of a group */
		OK(memcmp(mac, last, MAC_LEN) != 0);
		memcpy(last, mac, MAC_LEN);
	}
	OK(!mac_is_zero((uint8_t[MAC_LEN]){ 0, 0, 0, 0, 0, 1 }));
}

static const char *mac_of(const char *ip)
{
	static char text[MAC_STRLEN];
	struct ip_addr a;
	uint8_t mac[MAC_LEN];

	EQ_INT(ip_parse(ip, &a), 0);
	mac_of_ip(&a, mac);
	return mac_format(mac, text);
}

/* An address has the same MAC for ever: its last link's neighbours know it. */
static void a_mac_follows_from_an_address(void)
{
	EQ_STR(mac_of("10.9.0.2"), "0a:58:0a:09:00:02");
	EQ_STR(mac_of("255.254.253.252"), "0a:58:ff:fe:fd:fc");
	/* the hash of the first twelve bytes, and the others */
	EQ_STR(mac_of("fd09::"), "0a:58:a0:76:10:2c");
	EQ_STR(mac_of("fd09::2"), "0a:58:a0:76:10:2e");
	EQ_STR(mac_of("fd09::ffff:ffff"), "0a:58:a0:76:10:2b");
	EQ_STR(mac_of("fd08::2"), "0a:58:69:d0:14:42");
}

static void sets_of_vlans(void)
{
	static const unsigned ids[] = { 1, 63, 64, 127, 128, 4094 };
	struct vlan_set s = { { 0 } };
	unsigned n = 0;

	OK(vlan_set_empty(&s));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		vlan_set_add(&s, ids[i]);
	vlan_set_add(&s, 64);
	OK(!vlan_set_empty(&s));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		OK(vlan_set_has(&s, ids[i]));
	for (unsigned vid = 0; vid <= VLAN_MAX; vid++)
		n += vlan_set_has(&s, vid);
	EQ_INT(n, ARRAY_SIZE(ids));
}

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

/* Makes both ends of a pair in this namespace. */
static void make_pair(struct rt *rt, const char *name, const char *peer)
{
	struct rt_veth veth = { .name = name,
				.peer_name = peer,
				.peer_netns = -1 };

	EQ_INT(mac_random(veth.mac), 0);
	EQ_INT(mac_random(veth.peer_mac), 0);
	EQ_INT(rt_veth_add(rt, &veth), 0);
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

struct seen {
	unsigned n, stop_at;
	int in_group[8];
	unsigned n_group;
};

static int see(const struct rt_link *l, void *arg)
{
	struct seen *s = arg;

	OK(strcmp(l->kind, "veth") == 0);
	if (l->name[0] == 'd' && s->n_group < ARRAY_SIZE(s->in_group))
		s->in_group[s->n_group++] = l->index;
	return ++s->n == s->stop_at ? -EXFULL : 0;
}

static void each_link_of_a_kind_and_no_other(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };
	struct seen s = { 0 };

	EQ_INT(rt_link_each(rt, "veth", see, &s), 0);
	EQ_INT(s.n, 0);
	EQ_INT(rt_bridge_add(rt, &b), 0);
	for (int i = 0; i < 50; i++) {
		char name[IFNAMSIZ], peer[IFNAMSIZ];

		snprintf(name, sizeof(name), "v%d", i);
		snprintf(peer, sizeof(peer), "p%d", i);
		make_pair(rt, name, peer);
	}
	EQ_INT(rt_link_each(rt, "veth", see, &s), 0);
	EQ_INT(s.n, 100);
	/* what fn returns ends it, but not the socket */
	s = (struct seen){ .stop_at = 3 };
	EQ_INT(rt_link_each(rt, "veth", see, &s), -EXFULL);
	EQ_INT(s.n, 3);
	s = (struct seen){ 0 };
	EQ_INT(rt_link_each(rt, "veth", see, &s), 0);
	EQ_INT(s.n, 100);
	EQ_INT(rt_link_each(rt, "no-such-kind", see, &s), 0);
}

/* Sets the bit of that name; bit 3 is asked for to end it. */
static int see_port(const struct rt_link *l, void *arg)
{
	static const char *const names[] = { "v0", "t0", "v2" };
	unsigned *seen = arg;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(l->name, names[i]) == 0)
			*seen |= 1u << i;
	return *seen & 8 ? -EXFULL : 0;
}

static void each_port_of_a_bridge_whatever_its_kind(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rt_bridge b0 = { .name = "br0", .mac = { 2 } };
	const struct rt_bridge b1 = { .name = "br1", .mac = { 2 } };
	unsigned seen = 0;
	int br0, br1;

	EQ_INT(rt_bridge_add(rt, &b0), 0);
	EQ_INT(rt_bridge_add(rt, &b1), 0);
	br0 = index_of(rt, "br0");
	br1 = index_of(rt, "br1");
	make_pair(rt, "v0", "v1");
	make_pair(rt, "v2", "v3");
	sh("ip link add t0 type ifb");
	EQ_INT(rt_port_each(rt, br0, see_port, &seen), 0);
	EQ_INT(seen, 0);
	sh("ip link set v0 master br0 && ip link set t0 master br0 &&"
	   " ip link set v2 master br1");
	EQ_INT(rt_port_each(rt, br0, see_port, &seen), 0);
	EQ_INT(seen, 1 | 2);
	seen = 0;
	EQ_INT(rt_port_each(rt, br1, see_port, &seen), 0);
	EQ_INT(seen, 4);
	seen = 8;
	EQ_INT(rt_port_each(rt, br0, see_port, &seen), -EXFULL);
}

struct busy {
	struct rt *other;
	unsigned n, each[100];
};

/*
 * Makes and deletes a link now and then, which interrupts the dump. Some times
 * in each datagram are enough: a deletion waits for the kernel's grace period.
 */
static int see_and_disturb(const struct rt_link *l, void *arg)
{
	const struct rt_bridge b = { .name = "br1", .mac = { 2 } };
	struct busy *busy = arg;
	int i;

	if (busy->n % 10 == 0) {
		EQ_INT(rt_bridge_add(busy->other, &b), 0);
		EQ_INT(rt_link_del(busy->other, index_of(busy->other, "br1")),
		       0);
	}
	if (sscanf(l->name, "v%d", &i) == 1 && i >= 0 && i < 100)
		busy->each[i]++;
	busy->n++;
	return 0;
}

static void links_are_listed_however_many_come_and_go(void)
{
	AUTO(rt) struct rt *rt = fresh();
	AUTO(rt) struct rt *other = NULL;
	struct busy busy = { 0 };

	EQ_INT(rt_open(&other), 0);
	busy.other = other;
	for (int i = 0; i < 50; i++) {
		char name[IFNAMSIZ], peer[IFNAMSIZ];

		snprintf(name, sizeof(name), "v%d", 2 * i);
		snprintf(peer, sizeof(peer), "v%d", 2 * i + 1);
		make_pair(rt, name, peer);
	}
	EQ_INT(rt_link_each(rt, "veth", see_and_disturb, &busy), 0);
	for (int i = 0; i < 100; i++)
		OK(busy.each[i] > 0);
	/* it was interrupted, and gave up looking for a dump that was not */
	OK(busy.n > 100);
	OK(busy.n < 1000);
}

static void a_group_is_deleted_at_once_and_nothing_else(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const unsigned group = 0x636e0001;
	struct seen s = { 0 };
	struct rt_link l;

	EQ_INT(rt_link_del_group(rt, group), -ENODEV);
	make_pair(rt, "d0", "d1");
	make_pair(rt, "d2", "d3");
	make_pair(rt, "v0", "v1");
	EQ_INT(rt_link_each(rt, "veth", see, &s), 0);
	EQ_INT(s.n_group, 4);
	/* one end is enough for a pair; with both, the second goes first */
	EQ_INT(rt_link_set(rt, index_of(rt, "d0"),
			   &(struct rt_change){ .group = group }),
	       0);
	EQ_INT(rt_link_set(rt, index_of(rt, "d2"),
			   &(struct rt_change){ .group = group }),
	       0);
	EQ_INT(rt_link_set(rt, index_of(rt, "d3"),
			   &(struct rt_change){ .group = group }),
	       0);
	EQ_INT(rt_link_set(rt, 4711, &(struct rt_change){ .group = group }),
	       -ENODEV);
	EQ_INT(rt_link_del_group(rt, group), 0);
	for (unsigned i = 0; i < s.n_group; i++)
		EQ_INT(rt_link_get_index(rt, s.in_group[i], &l), -ENODEV);
	EQ_INT(rt_link_get(rt, "v0", &l), 0);
	EQ_INT(rt_link_del_group(rt, group), -ENODEV);
	/* the group of all links that nobody put into one */
	EQ_INT(rt_link_del_group(rt, 0), -EPERM);
}

TAP_MAIN(TEST(mac_text), TEST(random_macs_are_local_and_differ),
	 TEST(a_mac_follows_from_an_address), TEST(sets_of_vlans),
	 TEST(a_bridge_is_as_it_was_ordered),
	 TEST(a_veth_is_born_with_names_macs_and_mtu_on_both_sides),
	 TEST(attaching_gives_owner_master_and_up_at_once),
	 TEST(joining_gives_owner_and_master_alone), TEST(a_link_has_a_tag),
	 TEST(a_port_is_waited_for),
	 TEST(an_end_is_ready_with_its_link_local_address),
	 TEST(a_pair_has_the_indexes_that_are_asked_for),
	 TEST(each_link_of_a_kind_and_no_other),
	 TEST(each_port_of_a_bridge_whatever_its_kind),
	 TEST(links_are_listed_however_many_come_and_go),
	 TEST(a_group_is_deleted_at_once_and_nothing_else))
