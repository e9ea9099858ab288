// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_range.c - which addresses a range set hands out, and in what
 * order
 *
 * unit: plugins/host-local/range.c
 */
#include "../../plugins/host-local/range.h"

#include <stdlib.h>

#include "tap.h"

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	if (*s && ip_parse(s, &a) < 0)
		abort();
	return a;
}

static struct range range(const char *subnet, const char *start,
			  const char *end, const char *gateway)
{
	struct range r = { 0 };

	if (*subnet && ip_net_parse(subnet, &r.subnet) < 0)
		abort();
	r.start = ip(start);
	r.end = ip(end);
	r.gateway = ip(gateway);
	return r;
}

/* "start end gateway" of the completed range, or the message */
static const char *completed(struct range r)
{
	static char text[1024];
	struct cni_err err = { 0 };
	char s[IP_STRLEN], e[IP_STRLEN], g[IP_STRLEN];

	if (range_complete(&r, &err) < 0) {
		EQ_INT(err.code, CNI_ECONF);
		snprintf(text, sizeof(text), "%s", err.msg);
		return text;
	}
	OK(!err.set);
	snprintf(text, sizeof(text), "%s %s %s", ip_format(&r.start, s),
		 ip_format(&r.end, e), ip_format(&r.gateway, g));
	return text;
}

static void defaults(void)
{
	EQ_STR(completed(range("10.1.2.0/24", "", "", "")),
	       "10.1.2.1 10.1.2.254 10.1.2.1");
	EQ_STR(completed(range("10.1.2.0/30", "", "", "")),
	       "10.1.2.1 10.1.2.2 10.1.2.1");
	EQ_STR(completed(range("10.1.2.8/29", "10.1.2.10", "10.1.2.12", "")),
	       "10.1.2.10 10.1.2.12 10.1.2.9");
	EQ_STR(completed(range("fd00::/64", "", "", "")),
	       "fd00::1 fd00::ffff:ffff:ffff:ffff fd00::1");
	EQ_STR(completed(range("0.0.0.0/0", "", "", "")),
	       "0.0.0.1 255.255.255.254 0.0.0.1");
	/* the gateway is taken as it is, wherever it may be */
	EQ_STR(completed(range("10.1.2.0/24", "", "", "192.0.2.9")),
	       "10.1.2.1 10.1.2.254 192.0.2.9");
	EQ_STR(completed(range("10.1.2.0/24", "", "", "fd00::1")),
	       "10.1.2.1 10.1.2.254 fd00::1");
	/* as in the reference, both ends may be named explicitly */
	EQ_STR(completed(range("10.1.2.0/24", "10.1.2.0", "10.1.2.255", "")),
	       "10.1.2.0 10.1.2.255 10.1.2.1");
}

static void smallest_subnets(void)
{
	EQ_STR(completed(range("10.1.2.6/31", "", "", "")),
	       "10.1.2.6 10.1.2.7 ");
	EQ_STR(completed(range("10.1.2.6/31", "", "", "10.1.2.6")),
	       "10.1.2.6 10.1.2.7 10.1.2.6");
	EQ_STR(completed(range("10.1.2.7/32", "", "", "")),
	       "10.1.2.7 10.1.2.7 ");
	EQ_STR(completed(range("fd00::8/127", "", "", "")), "fd00::8 fd00::9 ");
	EQ_STR(completed(range("fd00::8/128", "", "", "")), "fd00::8 fd00::8 ");
	EQ_STR(completed(range("255.255.255.255/32", "", "", "")),
	       "255.255.255.255 255.255.255.255 ");
}

static void refused(void)
{
	EQ_STR(completed(range("", "", "", "")), "IP <nil> not v4 nor v6");
	EQ_STR(completed(range("::ffff:10.1.2.0/120", "", "", "")),
	       "IPNet IP and Mask version mismatch");
	EQ_STR(completed(range("10.1.2.3/24", "", "", "")),
	       "Network has host bits set. For a subnet mask of length 24 the "
	       "network address is 10.1.2.0");
	EQ_STR(completed(range("10.1.2.0/24", "10.1.3.1", "", "")),
	       "RangeStart 10.1.3.1 not in network 10.1.2.0/24");
	EQ_STR(completed(range("10.1.2.0/24", "fd00::1", "", "")),
	       "RangeStart fd00::1 not in network 10.1.2.0/24");
	EQ_STR(completed(range("10.1.2.0/24", "10.1.2.9", "10.1.2.3", "")),
	       "RangeStart 10.1.2.9 not in network 10.1.2.0/24");
	EQ_STR(completed(range("10.1.2.0/24", "", "10.1.3.1", "")),
	       "RangeEnd 10.1.3.1 not in network 10.1.2.0/24");
	EQ_STR(completed(range("10.1.2.0/24", "", "10.1.2.0", "")),
	       "RangeEnd 10.1.2.0 not in network 10.1.2.0/24");
	EQ_STR(completed(range("10.1.2.0/24", "10.1.2.255", "", "")),
	       "RangeStart 10.1.2.255 is the broadcast address of "
	       "10.1.2.0/24, which needs a RangeEnd");
}

/* A set of completed ranges; NULL ends the list of subnet, start, end. */
static struct range_set set(const char *const text[][3])
{
	struct cni_err err = { 0 };
	struct range_set s = { 0 };

	for (; text[0][0]; text++) {
		struct range r = range(text[0][0], text[0][1], text[0][2], "");

		if (range_complete(&r, &err) < 0 || range_set_add(&s, &r) < 0)
			abort();
	}
	return s;
}

static const char *checked(const struct range_set *s)
{
	static struct cni_err err;

	err = (struct cni_err){ 0 };
	return range_set_check(s, &err) < 0 ? err.msg : "good";
}

static void whole_sets(void)
{
	struct range_set none = { 0 };
	struct range_set one = set((const char *const[][3]){
		{ "10.4.0.0/24", "10.4.0.2", "10.4.0.99" },
		{ "10.4.0.0/24", "10.4.0.101", "10.4.0.200" },
		{ 0 } });
	struct range_set two =
		set((const char *const[][3]){ { "10.3.0.0/24", "", "" },
					      { "10.1.0.0/16", "", "" },
					      { "10.1.2.0/24", "", "" },
					      { 0 } });
	struct range_set mixed = set((const char *const[][3]){
		{ "10.1.2.0/24", "", "" }, { "fd00::/64", "", "" }, { 0 } });
	char text[64];

	EQ_STR(checked(&none), "empty range set");
	EQ_STR(checked(&one), "good");
	EQ_STR(checked(&two), "subnets 10.1.0.1-10.1.255.254 and "
			      "10.1.2.1-10.1.2.254 overlap");
	EQ_STR(checked(&mixed), "mixed address families");
	OK(range_set_overlaps(&two, &mixed));
	OK(range_set_overlaps(&mixed, &two));
	OK(!range_set_overlaps(&one, &two));
	EQ_STR(range_set_format(&one, text, sizeof(text)),
	       "10.4.0.2-10.4.0.99,10.4.0.101-10.4.0.200");
	EQ_STR(range_set_format(&one, text, 21), "10.4.0.2-10.4.0.99,1");
	range_set_done(&one);
	range_set_done(&two);
	range_set_done(&mixed);
}

static void sizes(void)
{
	static const struct {
		const char *subnet, *start, *end, *gateway;
		uint64_t size;
	} t[] = {
		{ "10.1.2.0/24", "", "", "", 253 },
		{ "10.1.2.0/24", "", "", "192.0.2.1", 254 },
		{ "10.1.2.0/24", "10.1.2.0", "10.1.2.255", "", 255 },
		{ "10.1.2.0/24", "10.1.2.5", "10.1.2.5", "", 1 },
		{ "10.1.2.0/24", "10.1.2.5", "10.1.2.5", "10.1.2.5", 0 },
		{ "10.1.2.0/31", "", "", "", 2 },
		{ "10.1.2.0/32", "", "", "10.1.2.0", 0 },
		{ "0.0.0.0/0", "", "", "", 0xfffffffd },
		{ "fd00::/120", "", "", "", 254 },
		{ "fd00::/120", "fd00::10", "fd00::1f", "", 16 },
		{ "fd00::/64", "fd00::2", "", "", 0xfffffffffffffffe },
		{ "fd00::/64", "", "", "", UINT64_MAX },
		{ "fd00::/63", "", "", "", UINT64_MAX },
		{ "::/0", "", "", "", UINT64_MAX },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct range r =
			range(t[i].subnet, t[i].start, t[i].end, t[i].gateway);
		struct range_set s = { &r, 1 };
		struct cni_err err = { 0 };

		EQ_INT(range_complete(&r, &err), 0);
		if (range_set_size(&s) != t[i].size)
			printf("# %s\n", t[i].subnet);
		OK(range_set_size(&s) == t[i].size);
	}
}

static void sizes_add_up(void)
{
	struct range_set s = set((const char *const[][3]){
		{ "10.1.2.0/24", "", "" }, { "10.1.3.0/31", "", "" }, { 0 } });
	struct range_set huge = set((const char *const[][3]){
		{ "fd00::/64", "", "" }, { "fd01::/64", "", "" }, { 0 } });
	struct ip_addr gateway = ip("10.1.2.1"), other = ip("10.1.3.1");

	EQ_INT((long long)range_set_size(&s), 255);
	OK(range_set_size(&huge) == UINT64_MAX);
	OK(!range_set_offers(&s, &gateway));
	OK(range_set_find(&s, &gateway) == &s.v[0]);
	OK(range_set_offers(&s, &other));
	other = ip("10.1.4.1");
	OK(!range_set_offers(&s, &other));
	range_set_done(&s);
	range_set_done(&huge);
}

/* the last parts of the addresses handed out after last */
static const char *walked(const struct range_set *s, const char *last)
{
	static char text[256];
	struct ip_addr from = ip(last), at;
	const struct range *r;
	struct range_walk w;
	char a[IP_STRLEN];
	size_t len = 0;

	text[0] = '\0';
	range_walk_start(&w, s, &from);
	while ((r = range_walk_next(&w, &at)) && len < sizeof(text) - 8) {
		OK(range_contains(r, &at));
		ip_format(&at, a);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? " " : "", strrchr(a, '.') + 1);
	}
	return text;
}

static void round_robin(void)
{
	struct range_set s = set((const char *const[][3]){
		{ "10.1.2.0/29", "", "" },
		{ "10.1.3.16/29", "10.1.3.19", "10.1.3.21" },
		{ 0 } });

	EQ_STR(walked(&s, ""), "2 3 4 5 6 19 20 21");
	EQ_STR(walked(&s, "10.9.9.9"), "2 3 4 5 6 19 20 21");
	EQ_STR(walked(&s, "fd00::1"), "2 3 4 5 6 19 20 21");
	EQ_STR(walked(&s, "10.1.2.4"), "5 6 19 20 21 2 3 4");
	EQ_STR(walked(&s, "10.1.2.6"), "19 20 21 2 3 4 5 6");
	EQ_STR(walked(&s, "10.1.3.21"), "2 3 4 5 6 19 20 21");
	/* the gateway may have been the last one under another configuration */
	EQ_STR(walked(&s, "10.1.2.1"), "2 3 4 5 6 19 20 21");
	/* only its own range leaves a gateway out */
	s.v[1].gateway = ip("10.1.2.3");
	EQ_STR(walked(&s, "10.1.2.2"), "3 4 5 6 19 20 21 2");
	range_set_done(&s);
}

static void walks_of_one(void)
{
	struct range_set s = set((const char *const[][3]){
		{ "10.1.2.0/24", "10.1.2.7", "10.1.2.7" }, { 0 } });

	EQ_STR(walked(&s, ""), "7");
	EQ_STR(walked(&s, "10.1.2.7"), "7");
	s.v[0].gateway = ip("10.1.2.7");
	EQ_STR(walked(&s, ""), "");
	EQ_STR(walked(&s, "10.1.2.7"), "");
	range_set_done(&s);
}

static void end_of_the_family(void)
{
	struct range_set s = set((const char *const[][3]){
		{ "255.255.255.254/31", "", "" }, { 0 } });

	EQ_STR(walked(&s, ""), "254 255");
	EQ_STR(walked(&s, "255.255.255.254"), "255 254");
	range_set_done(&s);
}

TAP_MAIN(TEST(defaults), TEST(smallest_subnets), TEST(refused),
	 TEST(whole_sets), TEST(sizes), TEST(sizes_add_up), TEST(round_robin),
	 TEST(walks_of_one), TEST(end_of_the_family))
