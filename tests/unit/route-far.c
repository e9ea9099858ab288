// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route-far.c - addresses on the other end of a veth, in its namespace; routes
 * of a link without neighbours; the link of the default route
 */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "base/auto.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/route.h"
#include "scratch.h"

/* A host with v0, whose other end is in a namespace that a process holds. */
static struct rt *with_far_end(struct rt_link *v0)
{
	struct rt *rt = fresh();

	sh("ip link add v0 type veth peer name v1 && "
	   "{ unshare -n sleep 30 >/dev/null & echo $! >%s; } && "
	   "until [ \"$(readlink /proc/$(cat %s)/ns/net)\" != "
	   "\"$(readlink /proc/$$/ns/net)\" ]; do sleep 0.01; done && "
	   "ip link set v1 netns $(cat %s)",
	   path_of("pid"), path_of("pid"), path_of("pid"));
	EQ_INT(rt_link_get(rt, "v0", v0), 0);
	return rt;
}

static void there(const char *cmd)
{
	sh("nsenter -t $(cat %s) -n %s", path_of("pid"), cmd);
}

static void end_there(void)
{
	sh("kill $(cat %s)", path_of("pid"));
}

static void addresses_are_listed_where_they_are(void)
{
	struct rt_link v0;
	AUTO(rt) struct rt *rt = with_far_end(&v0);
	AUTO(addrs) struct rt_addr *list = NULL;
	struct ip_net one = net_of("10.9.0.2/24"), other = net_of("fd09::2/64");
	size_t n = 0;

	OK(v0.peer_netns >= 0);
	there("ip addr add 10.9.0.2/24 dev v1");
	there("ip addr add fd09::2/64 dev v1 nodad");
	there("ip addr add 10.8.0.2/24 dev lo");
	EQ_INT(rt_addr_list_in(rt, v0.peer_netns, v0.lower, 0, &list, &n), 0);
	EQ_INT(n, 2);
	OK(rt_addr_has(list, n, &one) && rt_addr_has(list, n, &other));
	free(TAKE(list));
	EQ_INT(rt_addr_list_in(rt, 4711, v0.lower, 0, &list, &n), -EINVAL);
	end_there();
}

static void a_peer_that_is_here_has_no_other_namespace(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct rt_link v0;

	sh("ip link add v0 type veth peer name v1");
	EQ_INT(rt_link_get(rt, "v0", &v0), 0);
	EQ_INT(v0.peer_netns, -1);
}

static void an_address_may_do_without_its_route(void)
{
	AUTO(rt) struct rt *rt = fresh();
	static const char *const nets[] = { "10.9.0.2/24", "fd09::2/64" };
	struct rt_route to = { 0 };
	int v0;

	sh("ip link add v0 up type veth peer name v1 && ip link set v1 up");
	v0 = index_of(rt, "v0");
	for (int i = 0; i < 2; i++) {
		struct ip_net net = net_of(nets[i]);

		to.dst = net;
		EQ_INT(rt_addr_add(rt, v0, &net, RT_ADDR_NO_ROUTE), 0);
		EQ_INT(rt_route_has(rt, &to), 0);
		EQ_INT(rt_addr_del(rt, v0, &net), 0);
		EQ_INT(rt_addr_add(rt, v0, &net, 0), 0);
		EQ_INT(rt_route_has(rt, &to), 1);
	}
}

static void a_route_has_its_source_and_is_alone(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct rt_route to = { .scope = RT_SCOPE_LINK };
	int v0;

	sh("ip link add v0 up type veth peer name v1 && ip link set v1 up && "
	   "ip addr add 10.9.0.2/32 dev v0 && "
	   "ip addr add fd09::2/128 dev v0 nodad");
	v0 = index_of(rt, "v0");
	for (int i = 0; i < 2; i++) {
		to.dst = net_of(i ? "fd09::1/128" : "10.9.0.1/32");
		to.src = ip_of(i ? "fd09::2" : "10.9.0.2");
		to.oif = v0;
		to.alone = false;
		EQ_INT(rt_route_add(rt, &to), 0);
		sh("ip %s route show exact %s | grep 'src %s'", i ? "-6" : "-4",
		   i ? "fd09::1" : "10.9.0.1", i ? "fd09::2" : "10.9.0.2");
		/* by whatever link */
		to.src = (struct ip_addr){ 0 };
		to.oif = index_of(rt, "v1");
		to.alone = true;
		EQ_INT(rt_route_add(rt, &to), -EEXIST);
	}
}

static void the_first_default_route_tells_its_link(void)
{
	AUTO(rt) struct rt *rt = fresh();
	int index = 0;

	EQ_INT(rt_route_default(rt, &index), -ENOENT);
	sh("ip link add v0 up type veth peer name v1 && ip link set v1 up && "
	   "ip route add 192.0.2.0/24 dev v1 && "
	   "ip route add default dev v1 table 7");
	EQ_INT(rt_route_default(rt, &index), -ENOENT);
	sh("ip -6 route add default dev v0");
	EQ_INT(rt_route_default(rt, &index), 0);
	EQ_INT(index, index_of(rt, "v0"));
	sh("ip route add default dev v1");
	EQ_INT(rt_route_default(rt, &index), 0);
	EQ_INT(index, index_of(rt, "v1"));
}

TAP_MAIN(TEST(addresses_are_listed_where_they_are),
	 TEST(a_peer_that_is_here_has_no_other_namespace),
	 TEST(an_address_may_do_without_its_route),
	 TEST(a_route_has_its_source_and_is_alone),
	 TEST(the_first_default_route_tells_its_link))
