// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route-full.c - an attribute that does not fit into a request, each one in its
 * turn: nothing is sent, as the kernel would do what was not meant
 */
#include <dlfcn.h>
#include <linux/if_addr.h>

#include "route-test.h"
#include "route/addr.h"
#include "route/kinds.h"
#include "route/route.h"
#include "route/vlan.h"

/* --- a message that is full ------------------------------------------------
 */

static int left; /* so many attributes fit, then one does not; -1: all */
static bool full;

/* A smaller one may fit after it. */
static bool fits(void)
{
	if (left != 0)
		return left < 0 || left-- > 0;
	left = -1;
	full = true;
	return false;
}

#define REAL(name, ...)                                                        \
	((__typeof__(name) *)dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

int nla_put(struct nl_msg *m, int type, int len, const void *data)
{
	return fits() ? REAL(nla_put, m, type, len, data) : -1;
}

int nla_put_u32(struct nl_msg *m, int type, uint32_t v)
{
	return fits() ? REAL(nla_put, m, type, sizeof(v), &v) : -1;
}

int nla_put_u16(struct nl_msg *m, int type, uint16_t v)
{
	return fits() ? REAL(nla_put, m, type, sizeof(v), &v) : -1;
}

int nla_put_u8(struct nl_msg *m, int type, uint8_t v)
{
	return fits() ? REAL(nla_put, m, type, sizeof(v), &v) : -1;
}

int nla_put_string(struct nl_msg *m, int type, const char *s)
{
	return fits() ? REAL(nla_put, m, type, (int)strlen(s) + 1, s) : -1;
}

/* --- the requests ----------------------------------------------------------
 */

static struct rt *rt;
static int br, v0;

static int add_v4(void)
{
	struct ip_net net = net_of("10.9.0.1/24");

	return rt_addr_add(rt, br, &net, false);
}

static int add_v6(void)
{
	struct ip_net net = net_of("fd09::1/64");

	return rt_addr_add(rt, br, &net, false);
}

static int restore(void)
{
	struct rt_addr a = { .net = net_of("10.8.0.1/24"),
			     .flags = IFA_F_NOPREFIXROUTE,
			     .brd = net_of("10.8.0.255/32").addr,
			     .label = "br0:x" };

	return rt_addr_restore(rt, br, &a);
}

static int del_v4(void)
{
	struct ip_net net = net_of("10.9.0.1/24");

	return rt_addr_del(rt, br, &net);
}

static int add_route(void)
{
	struct rt_route r = { .dst = net_of("192.0.2.0/24"),
			      .gw = net_of("10.7.0.9/32").addr,
			      .oif = br,
			      .mtu = 1300,
			      .advmss = 1200,
			      .priority = 7,
			      .table = 100 };

	return rt_route_add(rt, &r);
}

static int add_pair(void)
{
	static const struct rt_veth v = { .name = "v0",
					  .peer_name = "v1",
					  .mac = { 2, 1 },
					  .peer_mac = { 2, 2 },
					  .mtu = 1400,
					  .peer_netns = -1 };

	return rt_veth_add(rt, &v);
}

static int attach(void)
{
	return rt_link_attach(rt, v0, br, "mine");
}

static int join(void)
{
	return rt_link_set(rt, v0,
			   &(struct rt_change){ .master = br,
						.alias = "mine" });
}

static int set_port(void)
{
	static const struct rt_port all = { true, true, true };

	return rt_port_set(rt, v0, &all);
}

static int (*const requests[])(void) = {
	add_v4,	  add_v6, restore, add_route, del_v4,
	add_pair, attach, join,	   set_port,
};

/* --- the test --------------------------------------------------------------
 */

static void what_does_not_fit_is_not_sent(void)
{
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };

	left = -1;
	rt = fresh();
	EQ_INT(rt_bridge_add(rt, &b), 0);
	br = index_of(rt, "br0");
	EQ_INT(rt_link_up(rt, br), 0);
	sh("ip addr add 10.7.0.1/24 dev br0");
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		int n = 0, r;

		do {
			left = n++;
			full = false;
			r = requests[i]();
			if (full && r != -EMSGSIZE)
				printf("# request %zu, attribute %d\n", i, n);
			EQ_INT(r, full ? -EMSGSIZE : 0);
		} while (full && !tap_failed);
		OK(n > 1);
		left = -1;
		if (requests[i] == add_pair)
			v0 = index_of(rt, "v0");
	}
	rt_close(rt);
}

TAP_MAIN(TEST(what_does_not_fit_is_not_sent))
