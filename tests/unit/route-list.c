// SPDX-License-Identifier: GPL-2.0-or-later
/* route-list.c - many links: listed while others come and go, deleted as a
 * group */
#include "base/auto.h"
#include "route-test.h"
#include "route/kinds.h"

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

TAP_MAIN(TEST(each_link_of_a_kind_and_no_other),
	 TEST(each_port_of_a_bridge_whatever_its_kind),
	 TEST(links_are_listed_however_many_come_and_go),
	 TEST(a_group_is_deleted_at_once_and_nothing_else))
