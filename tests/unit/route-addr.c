// SPDX-License-Identifier: GPL-2.0-or-later
/* route-addr.c - addresses and neighbours */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/route.h"
#include "route/settle.h"

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

TAP_MAIN(TEST(addresses_come_and_go),
	 TEST(only_the_links_own_addresses_are_listed),
	 TEST(many_addresses_are_listed), TEST(an_ipv6_address_is_waited_for),
	 TEST(ipv6_multicast_is_waited_for),
	 TEST(an_ipv6_address_is_tentative_only_where_dad_is_wanted),
	 TEST(a_broadcast_address_where_there_is_one),
	 TEST(neighbours_are_looked_at_and_forgotten))
