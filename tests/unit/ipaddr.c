// SPDX-License-Identifier: GPL-2.0-or-later
/* ipaddr.c - addresses and prefixes: reading, writing, arithmetic */
#include "base/ipaddr.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "tap.h"

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	if (ip_parse(s, &a) < 0)
		abort();
	return a;
}

static struct ip_net net(const char *s)
{
	struct ip_net n = { 0 };

	if (ip_net_parse(s, &n) < 0)
		abort();
	return n;
}

/* canonical text; good for two calls in one statement */
static const char *text(struct ip_addr a)
{
	static char buf[2][IP_STRLEN];
	static unsigned i;

	return ip_format(&a, buf[i++ % 2]);
}

static void reads_and_writes_addresses(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "10.1.2.3", "10.1.2.3" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "FD09::00A", "fd09::a" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
		{ "1:0:0:2:3:0:0:4", "1::2:3:0:0:4" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		/* what libc would write with dots */
		{ "::1:2", "::1:2" },
		{ "::ffff:1", "::ffff:1" },
		{ "::1:0", "::1:0" },
		{ "::1.2.3.4", "::102:304" },
		{ "64:ff9b::1.2.3.4", "64:ff9b::102:304" },
		{ "::ffff:0:1.2.3.4", "::ffff:0:102:304" },
		/* IPv4-mapped is IPv4 */
		{ "::ffff:1.2.3.4", "1.2.3.4" },
		{ "::FFFF:102:304", "1.2.3.4" },
		{ "::ffff:0.0.0.0", "0.0.0.0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		EQ_STR(text(ip(t[i].in)), t[i].out);
	EQ_INT(ip("::ffff:1.2.3.4").family, AF_INET);
	EQ_INT(ip_cmp(&(struct ip_addr){ AF_INET, { 1, 2, 3, 4 } },
		      &(struct ip_addr){ 0 }),
	       1);
}

static void mapped_leaves_no_bytes_behind(void)
{
	struct ip_addr a = ip("::ffff:1.2.3.4"), b = ip("1.2.3.4");

	EQ_INT(memcmp(&a, &b, sizeof(a)), 0);
}

static void refuses_what_is_no_address(void)
{
	static const char *const bad[] = { "",
					   " ",
					   "1",
					   "1.2.3",
					   "1.2.3.4.5",
					   "1.2.3.256",
					   "1.2.3.04",
					   "01.2.3.4",
					   "0x1.2.3.4",
					   "1.2.3.4 ",
					   " 1.2.3.4",
					   "1.2.3.-4",
					   "1.2.3.4/8",
					   "1..3.4",
					   "localhost",
					   ":",
					   ":::",
					   "1::2::3",
					   "12345::",
					   "00001::",
					   "1:2:3:4:5:6:7",
					   "g::",
					   "1:2:3:4:5:6:7:8:9",
					   "1:2:3:4:5:6:7:8::",
					   "fe80::1%lo",
					   "[::1]",
					   "::1/64",
					   "::1.2.3",
					   "::1.2.3.04",
					   "1.2.3.4::",
					   "::ffff:1.2.3.400" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ip_addr a = { AF_INET, { 9, 9, 9, 9 } };

		EQ_INT(ip_parse(bad[i], &a), -EINVAL);
		EQ_STR(text(a), "9.9.9.9");
	}
}

static void reads_and_writes_prefixes(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "10.1.2.3/24", "10.1.2.3/24" },
		{ "0.0.0.0/0", "0.0.0.0/0" },
		{ "10.0.0.1/32", "10.0.0.1/32" },
		{ "10.0.0.1/032", "10.0.0.1/32" },
		{ "::/0", "::/0" },
		{ "FD09::5/64", "fd09::5/64" },
		{ "fd09::5/128", "fd09::5/128" },
	};
	char buf[IP_STRLEN];

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct ip_net n = net(t[i].in);

		EQ_STR(ip_net_format(&n, buf), t[i].out);
	}
	EQ_STR(ip_net_format(&(struct ip_net){ 0 }, buf), "");
}

static void a_mapped_prefix_stays_as_it_is(void)
{
	struct ip_net n = net("::ffff:10.0.0.1/120");

	EQ_INT(n.addr.family, AF_INET6);
	EQ_INT(n.plen, 120);
	OK(ip_is_mapped(&n.addr));
	OK(!ip_is_mapped(&(struct ip_addr){ AF_INET, { 0 } }));
	n = net("::fffe:10.0.0.1/120");
	OK(!ip_is_mapped(&n.addr));
}

static void a_mapped_prefix_becomes_ipv4(void)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "::ffff:10.1.2.3/120", "10.1.2.3/24" },
		{ "::ffff:10.1.2.3/96", "10.1.2.3/0" },
		{ "::ffff:10.1.2.3/128", "10.1.2.3/32" },
		{ "10.1.2.3/24", "10.1.2.3/24" },
		{ "fd00::1/64", "fd00::1/64" },
		{ "::10.1.2.3/64", "::a01:203/64" },
	};
	char buf[IP_STRLEN];
	struct ip_net n, same;

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		EQ_INT(ip_net_parse(t[i].text, &n), 0);
		EQ_INT(ip_net_unmap(&n), 0);
		EQ_STR(ip_net_format(&n, buf), t[i].want);
		OK(ip_is_set(&n.addr));
		EQ_INT(ip_net_parse(t[i].want, &same), 0);
		OK(ip_net_equal(&n, &same));
	}
	EQ_INT(ip_net_parse("::ffff:10.1.2.3/95", &n), 0);
	same = n;
	EQ_INT(ip_net_unmap(&n), -EINVAL);
	OK(memcmp(&n, &same, sizeof(n)) == 0);
}

static void refuses_what_is_no_prefix(void)
{
	static const char *const bad[] = {
		"",
		"/",
		"/24",
		"10.0.0.0",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/256",
		"10.0.0.0/4294967304",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/ 8",
		"10.0.0.0/8 ",
		"10.0.0.0/8/8",
		"10.0.0.0/0x8",
		"10.0.0.0/255.0.0.0",
		"10.0.0/8",
		"::/129",
		"fe80::1%lo/64",
		"00000000000000000000000000000000000000000000000000001::/64",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ip_net n = { { AF_INET, { 9, 9, 9, 9 } }, 7 };

		EQ_INT(ip_net_parse(bad[i], &n), -EINVAL);
		EQ_STR(text(n.addr), "9.9.9.9");
		EQ_INT(n.plen, 7);
	}
}

static bool is(bool (*what)(const struct ip_addr *), const char *s)
{
	struct ip_addr a = ip(s);

	return what(&a);
}

static void classifies(void)
{
	struct ip_addr none = { 0 };

	OK(is(ip_is_loopback, "127.0.0.1") && is(ip_is_loopback, "127.9.9.9"));
	OK(is(ip_is_loopback, "::1"));
	OK(!is(ip_is_loopback, "128.0.0.1") && !is(ip_is_loopback, "::"));
	OK(is(ip_is_link_local, "169.254.1.1") &&
	   is(ip_is_link_local, "fe80::1") && is(ip_is_link_local, "febf::1"));
	OK(!is(ip_is_link_local, "169.253.1.1") &&
	   !is(ip_is_link_local, "fec0::1") && !is(ip_is_link_local, "fd00::"));
	OK(is(ip_is_zero, "0.0.0.0") && is(ip_is_zero, "::"));
	OK(!is(ip_is_zero, "0.0.0.1") && !is(ip_is_zero, "::1"));
	OK(ip_is_set(&(struct ip_addr){ AF_INET, { 0 } }));
	OK(!ip_is_set(&none) && !ip_is_zero(&none) && !ip_is_loopback(&none) &&
	   !ip_is_link_local(&none) && !ip_is_mapped(&none));
	EQ_STR(text(none), "");
	EQ_INT(ip_bytes(AF_INET), 4);
	EQ_INT(ip_bytes(AF_INET6), 16);
	EQ_INT(ip_bytes(0), 0);
	EQ_INT(ip_bits(AF_INET), 32);
	EQ_INT(ip_bits(AF_INET6), 128);
	EQ_INT(ip_bits(AF_UNIX), 0);
}

static int order(const char *x, const char *y)
{
	struct ip_addr a = ip(x), b = ip(y);
	int r = ip_cmp(&a, &b);

	return (r > 0) - (r < 0);
}

static void orders(void)
{
	EQ_INT(order("10.0.0.1", "10.0.0.1"), 0);
	EQ_INT(order("10.0.0.1", "10.0.0.2"), -1);
	EQ_INT(order("10.0.0.200", "10.0.0.3"), 1);
	EQ_INT(order("200.0.0.0", "10.0.0.0"), 1);
	EQ_INT(order("255.255.255.255", "::"), -1);
	EQ_INT(order("::", "0.0.0.0"), 1);
	EQ_INT(order("fd00::ffff", "fd00::1:0"), -1);
	OK(ip_net_equal(&(struct ip_net){ ip("10.0.0.1"), 8 },
			&(struct ip_net){ ip("10.0.0.1"), 8 }));
	OK(!ip_net_equal(&(struct ip_net){ ip("10.0.0.1"), 8 },
			 &(struct ip_net){ ip("10.0.0.1"), 9 }));
	OK(!ip_net_equal(&(struct ip_net){ ip("10.0.0.1"), 8 },
			 &(struct ip_net){ ip("10.0.0.2"), 8 }));
}

static void counts(void)
{
	static const struct {
		const char *a, *b;
	} t[] = {
		{ "10.0.0.1", "10.0.0.2" },
		{ "10.0.0.255", "10.0.1.0" },
		{ "10.255.255.255", "11.0.0.0" },
		{ "255.255.255.255", "0.0.0.0" },
		{ "fd00::ff", "fd00::100" },
		{ "fd00::ffff:ffff", "fd00::1:0:0" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		EQ_STR(text(ip_next(ip(t[i].a))), t[i].b);
		EQ_STR(text(ip_prev(ip(t[i].b))), t[i].a);
	}
	/* an IPv4 address touches none of the bytes behind it */
	EQ_INT(ip_next(ip("255.255.255.255")).b[4], 0);
	EQ_INT(ip_prev(ip("0.0.0.0")).b[4], 0);
}

static void ends_of_a_prefix(void)
{
	static const struct {
		const char *net, *first, *last;
	} t[] = {
		{ "10.1.2.3/24", "10.1.2.0", "10.1.2.255" },
		{ "10.1.2.3/22", "10.1.0.0", "10.1.3.255" },
		{ "10.1.2.3/31", "10.1.2.2", "10.1.2.3" },
		{ "10.1.2.3/32", "10.1.2.3", "10.1.2.3" },
		{ "10.1.2.3/0", "0.0.0.0", "255.255.255.255" },
		{ "10.1.2.3/7", "10.0.0.0", "11.255.255.255" },
		{ "fd09::5/64", "fd09::", "fd09::ffff:ffff:ffff:ffff" },
		{ "fd09::5/127", "fd09::4", "fd09::5" },
		{ "fd09::5/128", "fd09::5", "fd09::5" },
		{ "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct ip_net n = net(t[i].net);

		EQ_STR(text(ip_net_first(&n)), t[i].first);
		EQ_STR(text(ip_net_last(&n)), t[i].last);
	}
}

static bool has(const char *n, const char *a)
{
	struct ip_net x = net(n);
	struct ip_addr y = ip(a);

	return ip_net_contains(&x, &y);
}

static bool overlap(const char *a, const char *b)
{
	struct ip_net x = net(a), y = net(b);

	EQ_INT(ip_net_overlaps(&x, &y), ip_net_overlaps(&y, &x));
	return ip_net_overlaps(&x, &y);
}

static void contains_and_overlaps(void)
{
	struct ip_net n = net("0.0.0.0/0");

	OK(has("10.1.2.9/24", "10.1.2.0") && has("10.1.2.9/24", "10.1.2.255"));
	OK(!has("10.1.2.9/24", "10.1.3.0") &&
	   !has("10.1.2.9/24", "10.1.1.255"));
	OK(has("0.0.0.0/0", "9.9.9.9") && has("::/0", "fd00::1"));
	OK(!has("0.0.0.0/0", "::") && !has("::/0", "0.0.0.0"));
	OK(has("10.0.0.1/32", "10.0.0.1") && !has("10.0.0.1/32", "10.0.0.2"));
	OK(has("fd00::/9", "fd7f::") && !has("fd00::/9", "fd80::"));
	OK(!ip_net_contains(&n, &(struct ip_addr){ 0 }));

	OK(overlap("10.0.0.0/8", "10.200.0.0/16"));
	OK(overlap("10.200.3.4/8", "10.1.0.0/16"));
	OK(overlap("10.0.0.0/24", "10.0.0.128/25"));
	OK(!overlap("10.0.0.0/25", "10.0.0.128/25"));
	OK(overlap("10.0.0.0/24", "10.0.0.7/24"));
	OK(!overlap("10.0.0.0/8", "fd00::/8"));
	OK(!overlap("0.0.0.0/0", "::/0"));
	OK(overlap("fd00::/64", "fd00::1/128"));
}

TAP_MAIN(TEST(reads_and_writes_addresses), TEST(mapped_leaves_no_bytes_behind),
	 TEST(refuses_what_is_no_address), TEST(reads_and_writes_prefixes),
	 TEST(a_mapped_prefix_stays_as_it_is),
	 TEST(a_mapped_prefix_becomes_ipv4), TEST(refuses_what_is_no_prefix),
	 TEST(classifies), TEST(orders), TEST(counts), TEST(ends_of_a_prefix),
	 TEST(contains_and_overlaps))
