// SPDX-License-Identifier: GPL-2.0-or-later
/* route-addr.c - addresses, neighbours, routes, and values of /proc/sys */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/sysctl.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/kinds.h"
#include "route/route.h"
#include "route/settle.h"

static struct ip_net net_of(const char *text)
{
	struct ip_net net = { 0 };

	EQ_INT(ip_net_parse(text, &net), 0);
	return net;
}

static struct ip_addr ip_of(const char *text)
{
	struct ip_addr ip = { 0 };

	EQ_INT(ip_parse(text, &ip), 0);
	return ip;
}

/* A namespace with a bridge br0 that is up; its index in *br. */
static struct rt *with_bridge(int *br)
{
	struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };

	EQ_INT(rt_bridge_add(rt, &b), 0);
	*br = index_of(rt, "br0");
	EQ_INT(rt_link_up(rt, *br), 0);
	return rt;
}

/* The link's addresses in a line, but those the kernel gave it by itself. */
static const char *listed(struct rt *rt, int index, int family)
{
	static char line[512];
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0, len = 0;

	line[0] = '\0';
	EQ_INT(rt_addr_list(rt, index, family, &list, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (ip_is_link_local(&list[i].net.addr))
			continue;
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
					len ? " " : "",
					ip_net_format(&list[i].net, text));
	}
	return line;
}

static void addresses_come_and_go(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct ip_net a = net_of("10.9.0.1/24"), b = net_of("fd09::1/64");
	struct ip_net wide = net_of("10.9.0.1/16");

	EQ_STR(listed(rt, br, 0), "");
	EQ_INT(rt_addr_add(rt, br, &a, false), 0);
	EQ_INT(rt_addr_add(rt, br, &a, false), -EEXIST);
	EQ_INT(rt_addr_add(rt, br, &wide, false), 0);
	EQ_INT(rt_addr_add(rt, br, &b, false), 0);
	EQ_INT(rt_addr_add(rt, br, &b, false), -EEXIST);
	EQ_INT(rt_addr_add(rt, 4711, &a, false), -ENODEV);
	EQ_STR(listed(rt, br, 0), "10.9.0.1/24 10.9.0.1/16 fd09::1/64");
	EQ_STR(listed(rt, br, AF_INET), "10.9.0.1/24 10.9.0.1/16");
	EQ_STR(listed(rt, br, AF_INET6), "fd09::1/64");
	/* the one with that prefix length, and no other */
	EQ_INT(rt_addr_del(rt, br, &wide), 0);
	EQ_INT(rt_addr_del(rt, br, &wide), -EADDRNOTAVAIL);
	EQ_INT(rt_addr_del(rt, br, &b), 0);
	EQ_INT(rt_addr_del(rt, br, &b), -EADDRNOTAVAIL);
	EQ_STR(listed(rt, br, 0), "10.9.0.1/24");
}

static void only_the_links_own_addresses_are_listed(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	int lo = index_of(rt, "lo");
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 7;

	EQ_INT(rt_link_up(rt, lo), 0);
	sh("ip addr add 10.9.0.1/24 dev br0");
	sh("ip addr add 192.0.2.1 peer 192.0.2.9/24 dev br0");
	EQ_STR(listed(rt, lo, 0), "127.0.0.1/8 ::1/128");
	/* not the other end's */
	EQ_STR(listed(rt, br, AF_INET), "10.9.0.1/24 192.0.2.1/24");
	EQ_INT(rt_addr_list(rt, 4711, 0, &list, &n), -ENODEV);
	EQ_INT(n, 7);
	OK(!list);
}

static void many_addresses_are_listed(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	AUTO(addrs) struct rt_addr *list = NULL;
	struct ip_net net = net_of("10.9.0.0/32");
	size_t n = 0;

	for (int i = 0; i < 1500; i++) {
		net.addr = ip_next(net.addr);
		EQ_INT(rt_addr_add(rt, br, &net, false), 0);
	}
	EQ_INT(rt_addr_list(rt, br, AF_INET, &list, &n), 0);
	EQ_INT(n, 1500);
}

static void an_ipv6_address_is_waited_for(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);
	struct ip_net net = net_of("fd09::1/64");
	struct ip_addr *ip = &net.addr, none = ip_of("fd09::2");
	struct ip_addr v4 = ip_of("10.9.0.1");
	int lo = index_of(rt, "lo");

	EQ_INT(rt_addr_add(rt, br, &net, false), 0);
	EQ_INT(rt_route_wait_local(rt, br, ip, watch, rt_now_ms() + 30000), 0);
	sh("ip -6 route show table local dev br0 | grep -q 'local fd09::1 '");
	EQ_INT(rt_route_wait_local(rt, br, ip, -1, 0), 0);
	/* neither another address nor another link's */
	EQ_INT(rt_route_wait_local(rt, br, &none, watch, 0), -ETIMEDOUT);
	EQ_INT(rt_route_wait_local(rt, lo, ip, watch, 0), -ETIMEDOUT);
	EQ_INT(rt_route_wait_local(rt, 4711, ip, watch, 0), -ENODEV);
	/* IPv4 knows no such moment */
	EQ_INT(rt_route_wait_local(rt, br, &v4, -1, 0), 0);
}

static void ipv6_multicast_is_waited_for(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);

	/* whatever was set, a bridge without a port is not up */
	EQ_INT(rt_route_wait_multicast(rt, br, watch, 0), -ETIMEDOUT);
	sh("ip link add p type veth peer name q");
	sh("ip link set p master br0 up");
	sh("ip link set q up");
	EQ_INT(rt_route_wait_multicast(rt, br, watch, rt_now_ms() + 30000), 0);
	sh("ip -6 route show table local dev br0 | grep -q 'ff00::/8 '");
	EQ_INT(rt_route_wait_multicast(rt, br, -1, 0), 0);
	EQ_INT(rt_route_wait_multicast(rt, index_of(rt, "lo"), watch, 0),
	       -ETIMEDOUT);
	EQ_INT(rt_route_wait_multicast(rt, 4711, watch, 0), -ENODEV);
}

static void an_ipv6_address_is_tentative_only_where_dad_is_wanted(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct ip_net now = net_of("fd09::1/64"), later = net_of("fd09::2/64");
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;
	unsigned found = 0;

	EQ_INT(rt_addr_add(rt, br, &now, false), 0);
	EQ_INT(rt_addr_add(rt, br, &later, true), 0);
	EQ_INT(rt_addr_list(rt, br, AF_INET6, &list, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (ip_net_equal(&list[i].net, &now)) {
			OK(!(list[i].flags & IFA_F_TENTATIVE));
			OK(list[i].flags & IFA_F_NODAD);
			found |= 1;
		}
		if (ip_net_equal(&list[i].net, &later)) {
			OK(list[i].flags & IFA_F_TENTATIVE);
			found |= 2;
		}
	}
	EQ_INT(found, 3);
}

static void a_broadcast_address_where_there_is_one(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	static const struct {
		const char *net, *broadcast;
	} t[] = {
		{ "10.9.0.1/24", "10.9.0.255" },
		{ "10.10.0.1/30", "10.10.0.3" },
		{ "10.11.0.1/31", "null" },
		{ "10.12.0.1/32", "null" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct ip_net net = net_of(t[i].net);

		EQ_INT(rt_addr_add(rt, br, &net, false), 0);
		sh("test \"$(ip -j addr show dev br0 to %s | sed -n "
		   "'s/.*\"broadcast\":\"\\([0-9.]*\\)\",\"scope.*/\\1/p')\" "
		   "= \"%s\"",
		   t[i].net, t[i].broadcast[0] == 'n' ? "" : t[i].broadcast);
	}
}

/* The MAC by which it is known. */
static const char *neighbour(struct rt *rt, int index, const struct ip_addr *ip)
{
	static char text[MAC_STRLEN];
	uint8_t mac[MAC_LEN] = { 7 };
	int r = rt_neigh_get(rt, index, ip, mac);

	if (r == -ENOENT)
		return "none";
	EQ_INT(r, 0);
	return mac_format(mac, text);
}

static void neighbours_are_looked_at_and_forgotten(void)
{
	int br;
	AUTO(rt) struct rt *rt = with_bridge(&br);
	struct ip_addr v4 = ip_of("10.9.0.7"), v6 = ip_of("fd09::7");
	struct ip_addr other = ip_of("10.9.0.8");
	uint8_t mac[MAC_LEN];

	EQ_INT(rt_neigh_del(rt, br, &v4), -ENOENT);
	EQ_STR(neighbour(rt, br, &v4), "none");
	EQ_STR(neighbour(rt, br, &v6), "none");
	sh("ip neigh add 10.9.0.7 lladdr 02:00:00:00:00:07 dev br0 nud stale");
	sh("ip neigh add fd09::7 lladdr 02:00:00:00:00:08 dev br0 nud stale");
	EQ_STR(neighbour(rt, br, &v4), "02:00:00:00:00:07");
	EQ_STR(neighbour(rt, br, &v6), "02:00:00:00:00:08");
	EQ_STR(neighbour(rt, br, &other), "none");
	EQ_INT(rt_neigh_del(rt, br, &v4), 0);
	EQ_INT(rt_neigh_del(rt, br, &v6), 0);
	sh("test -z \"$(ip neigh show dev br0 | grep -v FAILED)\"");
	/* one that did not answer is known by no MAC */
	sh("ip neigh replace 10.9.0.7 dev br0 nud failed");
	EQ_STR(neighbour(rt, br, &v4), "00:00:00:00:00:00");
	EQ_INT(rt_neigh_get(rt, 4711, &v4, mac), -ENODEV);
}

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

static const char *value(const char *name)
{
	static char now[64];

	EQ_INT(sysctl_get(name, now, sizeof(now)), 0);
	return now;
}

static void sysctls_are_of_the_own_namespace(void)
{
	const struct rt_bridge b = { .name = "br.0", .mac = { 2 } };
	AUTO(rt) struct rt *rt = fresh();
	AUTO(fd) int sys = sysctl_open();
	char now[64] = "before";

	EQ_INT(rt_bridge_add(rt, &b), 0);
	EQ_INT(sysctl_set_conf(sys, "ipv6", "br.0", "accept_ra", "0"), 0);
	EQ_STR(value("net/ipv6/conf/br.0/accept_ra"), "0");
	EQ_INT(sysctl_set_conf(sys, "ipv6", "br.0", "accept_ra", "2"), 0);
	EQ_STR(value("net/ipv6/conf/br.0/accept_ra"), "2");
	EQ_INT(sysctl_set_conf(sys, "ipv6", "nope", "accept_ra", "0"), -ENOENT);
	EQ_INT(sysctl_get("net/ipv6/conf/nope/accept_ra", now, sizeof(now)),
	       -ENOENT);
	EQ_STR(now, "before");
	EQ_INT(sysctl_set_conf(-EMFILE, "ipv6", "br.0", "accept_ra", "1"),
	       -EMFILE);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "x"), -EINVAL);
	EQ_INT(sysctl_get("net/ipv4", now, sizeof(now)), -EISDIR);
}

static void a_sysctl_that_leads_elsewhere_is_refused(void)
{
	char dir[] = "/tmp/cnic-route.XXXXXX", outside[64];

	EQ_INT(unshare(CLONE_NEWNET), 0);
	OK(mkdtemp(dir) != NULL);
	/* a file outside, which is there and could be written */
	sh("echo 7 >%s/trap", dir);
	snprintf(outside, sizeof(outside), "../..%s/trap", dir);
	EQ_INT(sysctl_set(outside, "0"), -EXDEV);
	EQ_INT(sysctl_set(outside + strlen("../.."), "0"), -EXDEV);
	/* a file of another file system in its place */
	sh("test \"$(cat %s/trap)\" = 7 && "
	   "mount --bind %s/trap /proc/sys/net/ipv4/ip_forward",
	   dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/trap)\" = 7 && umount /proc/sys/net/ipv4/ip_forward",
	   dir);
	/* another folder of procfs in the place of net */
	sh("mount --bind /proc/sys/net/ipv4/conf /proc/sys/net");
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("umount /proc/sys/net");
	/* a net that is none, a whole /proc/sys that is none */
	sh("mkdir -p %s/net/ipv4 && cp %s/trap %s/net/ipv4/ip_forward && "
	   "mount --bind %s/net /proc/sys/net",
	   dir, dir, dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/net/ipv4/ip_forward)\" = 7 && "
	   "umount /proc/sys/net && mount --bind %s /proc/sys",
	   dir, dir);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), -EXDEV);
	sh("test \"$(cat %s/net/ipv4/ip_forward)\" = 7 && umount /proc/sys",
	   dir);
	/* a procfs, but not that part of it: it has symbolic links */
	sh("mount --bind /proc /proc/sys");
	EQ_INT(sysctl_set("self/oom_score_adj", "0"), -ELOOP);
	EQ_INT(sysctl_set("self", "0"), -ELOOP);
	sh("umount /proc/sys && rm -r %s", dir);
}

static void a_read_only_value_that_is_right_will_do(void)
{
	EQ_INT(unshare(CLONE_NEWNET), 0);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), 0);
	sh("mount -o bind,ro /proc/sys /proc/sys");
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "1"), 0);
	EQ_INT(sysctl_set("net/ipv4/ip_forward", "0"), -EROFS);
	EQ_STR(value("net/ipv4/ip_forward"), "1");
	sh("umount /proc/sys");
}

TAP_MAIN(TEST(addresses_come_and_go),
	 TEST(only_the_links_own_addresses_are_listed),
	 TEST(many_addresses_are_listed), TEST(an_ipv6_address_is_waited_for),
	 TEST(ipv6_multicast_is_waited_for),
	 TEST(an_ipv6_address_is_tentative_only_where_dad_is_wanted),
	 TEST(a_broadcast_address_where_there_is_one),
	 TEST(neighbours_are_looked_at_and_forgotten),
	 TEST(routes_are_added_once), TEST(a_route_is_told_from_others),
	 TEST(default_routes_are_found), TEST(a_hop_of_several_counts),
	 TEST(sysctls_are_of_the_own_namespace),
	 TEST(a_sysctl_that_leads_elsewhere_is_refused),
	 TEST(a_read_only_value_that_is_right_will_do))
