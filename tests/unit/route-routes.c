// SPDX-License-Identifier: GPL-2.0-or-later
/* route-routes.c - routes: added once, and told from others */
#include <linux/rtnetlink.h>

#include "base/auto.h"
#include "route-test.h"
#include "route/route.h"

/* A route by its text; the metrics and so on are for the caller to add. */
static struct rt_route route_of(const char *dst, const char *gw, int oif)
{
	struct rt_route r = { .dst = net_of(dst), .oif = oif };

	if (gw)
		r.gw = ip_of(gw);
	return r;
}

static void routes_are_added_once(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct rt_route r = route_of("192.0.2.77/24", "10.9.0.9", br);
	struct rt_route link = route_of("198.51.100.0/24", NULL, br);
	struct rt_route far = route_of("203.0.113.0/24", "10.77.0.1", br);
	struct rt_route v6 = route_of("2001:db8::/32", "fd09::9", br);

	sh("ip addr add 10.9.0.1/24 dev br0");
	sh("ip addr add fd09::1/64 dev br0 nodad");
	link.scope = RT_SCOPE_LINK;
	EQ_INT(rt_route_has(rt, &r), 0);
	EQ_INT(rt_route_add(rt, &r), 0);
	EQ_INT(rt_route_add(rt, &r), -EEXIST);
	EQ_INT(rt_route_has(rt, &r), 1);
	EQ_INT(rt_route_add(rt, &link), 0);
	EQ_INT(rt_route_has(rt, &link), 1);
	EQ_INT(rt_route_add(rt, &far), -ENETUNREACH);
	EQ_STR(rt_reason(rt), "Nexthop has invalid gateway");
	EQ_INT(rt_route_has(rt, &far), 0);
	EQ_INT(rt_route_add(rt, &v6), 0);
	EQ_INT(rt_route_add(rt, &v6), -EEXIST);
	EQ_INT(rt_route_has(rt, &v6), 1);
}

static void the_gateway_0_0_0_0_is_none(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct rt_route none = route_of("192.0.2.0/24", "0.0.0.0", br);
	struct rt_route other = route_of("198.51.100.0/24", "10.9.0.9", br);

	sh("ip addr add 10.9.0.1/24 dev br0");
	EQ_INT(rt_route_add(rt, &none), 0);
	EQ_INT(rt_route_has(rt, &none), 1);
	EQ_INT(rt_route_add(rt, &other), 0);
	other.gw = ip_of("0.0.0.0");
	EQ_INT(rt_route_has(rt, &other), 0);
}

static void a_route_is_told_from_others(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct rt_route r = route_of("192.0.2.0/24", "10.9.0.9", br);
	struct rt_route any = { .dst = r.dst };
	struct rt_route w;

	sh("ip addr add 10.9.0.1/24 dev br0");
	r.mtu = 1300;
	r.advmss = 1200;
	r.priority = 7;
	r.table = 100;
	any.table = 100;
	EQ_INT(rt_route_has(rt, &r), 0); /* there is no such table yet */
	EQ_INT(rt_route_add(rt, &r), 0);
	EQ_INT(rt_route_has(rt, &r), 1);
	EQ_INT(rt_route_has(rt, &any), 1);
	w = r, w.table = 0;
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.dst.plen = 25;
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.dst = net_of("192.0.3.0/24");
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.gw = ip_of("10.9.0.8");
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.oif = index_of(rt, "lo");
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.mtu = 1301;
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.advmss = 1;
	EQ_INT(rt_route_has(rt, &w), 0);
	w = r, w.priority = 8;
	EQ_INT(rt_route_has(rt, &w), 0);
	/* one without metrics has not got those either */
	sh("ip route replace 192.0.2.0/24 via 10.9.0.9 metric 7 table 100");
	EQ_INT(rt_route_has(rt, &r), 0);
	sh("ip route replace blackhole 192.0.2.0/24 table 100 metric 7");
	EQ_INT(rt_route_has(rt, &any), 0);
}

static void default_routes_are_found(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct rt_route v4 = route_of("0.0.0.0/0", "10.9.0.9", br);
	struct rt_route v6 = route_of("::/0", "fd09::9", br);

	sh("ip addr add 10.9.0.1/24 dev br0");
	sh("ip addr add fd09::1/64 dev br0 nodad");
	EQ_INT(rt_route_add(rt, &v4), 0);
	EQ_INT(rt_route_has(rt, &v4), 1);
	EQ_INT(rt_route_has(rt, &v6), 0);
	EQ_INT(rt_route_add(rt, &v6), 0);
	EQ_INT(rt_route_has(rt, &v6), 1);
}

static void a_hop_of_several_counts(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	static const char *const dst[] = { "192.0.2.0/24", "2001:db8::/32" };
	static const char *const gw[2][3] = {
		{ "10.9.0.8", "10.9.0.9", "10.9.0.7" },
		{ "fd09::8", "fd09::9", "fd09::7" },
	};

	sh("ip addr add 10.9.0.1/24 dev br0");
	sh("ip addr add fd09::1/64 dev br0 nodad");
	for (int i = 0; i < 2; i++) {
		struct rt_route r = route_of(dst[i], NULL, br);

		sh("ip %s route add %s nexthop via %s dev br0 "
		   "nexthop via %s dev br0",
		   i ? "-6" : "-4", dst[i], gw[i][0], gw[i][1]);
		EQ_INT(rt_route_has(rt, &r), 1);
		for (int k = 0; k < 3; k++) {
			r.gw = ip_of(gw[i][k]);
			EQ_INT(rt_route_has(rt, &r), k < 2);
		}
		r.gw = ip_of(gw[i][0]);
		r.oif = index_of(rt, "lo");
		EQ_INT(rt_route_has(rt, &r), 0);
		r.oif = 0;
		EQ_INT(rt_route_has(rt, &r), 1);
	}
}

TAP_MAIN(TEST(routes_are_added_once), TEST(the_gateway_0_0_0_0_is_none),
	 TEST(a_route_is_told_from_others), TEST(default_routes_are_found),
	 TEST(a_hop_of_several_counts))
