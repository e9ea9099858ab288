// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route-kernel.c - kernels that are older than this one, which send more than
 * was asked for, and those whose dumps are interrupted: the answer is the same
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "base/auto.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/route.h"
#include "route/settle.h"

/* --- the kernel, as it is told to be ---------------------------------------
 */

static bool old;	/* it does not know of strict checks */
static int interrupted; /* so many datagrams of dumps are marked so */
static int dumped;	/* datagrams of dumps so far */

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (old && level == SOL_NETLINK && name == NETLINK_GET_STRICT_CHK) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *h = msg->msg_iov[0].iov_base;

	if (n < (ssize_t)sizeof(*h) || !(h->nlmsg_flags & NLM_F_MULTI))
		return n;
	dumped++;
	if (interrupted > 0) {
		interrupted--;
		h->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	return n;
}

/* --- what is looked at -----------------------------------------------------
 */

static void add_address(struct rt *rt, const char *link, const char *text)
{
	struct ip_net net = net_of(text);

	EQ_INT(rt_addr_add(rt, index_of(rt, link), &net, false), 0);
}

/* Two bridges that differ in all that is listed. */
static struct rt *with_two(void)
{
	struct rt *rt = fresh();

	sh("ip link add br0 type bridge");
	sh("ip link add br1 type bridge");
	sh("ip link set br0 up && ip link set br1 up");
	sh("ip link add v0 type veth peer name v1");
	sh("ip link set v0 master br0 up && ip link set v1 master br1 up");
	add_address(rt, "br0", "10.9.0.1/24");
	add_address(rt, "br1", "10.8.0.1/24");
	add_address(rt, "br1", "10.7.0.1/24");
	add_address(rt, "br0", "fd09::1/64");
	add_address(rt, "br1", "fd08::1/64");
	sh("ip route add 192.0.2.0/24 dev br1 table 100");
	return rt;
}

static int count_link(const struct rt_link *l, void *arg)
{
	OK(strcmp(l->kind, "bridge") == 0);
	++*(int *)arg;
	return 0;
}

static void links_are_those_of_the_kind(struct rt *rt)
{
	int n = 0;

	EQ_INT(rt_link_each(rt, "bridge", count_link, &n), 0);
	OK(n == 2 || (n > 2 && n % 2 == 0)); /* each dump tells both */
}

static void addresses_are_those_of_the_link(struct rt *rt)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0;

	EQ_INT(rt_addr_list(rt, index_of(rt, "br0"), AF_INET, &list, &n), 0);
	EQ_INT(n, 1);
	if (n == 1)
		EQ_STR(ip_net_format(&list[0].net, text), "10.9.0.1/24");
}

static void routes_are_those_of_the_table(struct rt *rt)
{
	struct rt_route in_main = { .dst = net_of("192.0.2.0/24") };
	struct rt_route other = in_main;

	other.table = 100;
	EQ_INT(rt_route_has(rt, &in_main), 0);
	EQ_INT(rt_route_has(rt, &other), 1);
	other.oif = index_of(rt, "br0");
	EQ_INT(rt_route_has(rt, &other), 0);
}

static void a_local_address_is_that_of_the_link(struct rt *rt)
{
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);
	struct ip_addr ip = net_of("fd08::1/64").addr;
	long long soon = rt_now_ms() + 30000;

	EQ_INT(rt_route_wait_local(rt, index_of(rt, "br1"), &ip, watch, soon),
	       0);
	EQ_INT(rt_route_wait_local(rt, index_of(rt, "br0"), &ip, watch, 0),
	       -ETIMEDOUT);
}

static void (*const questions[])(struct rt *rt) = {
	links_are_those_of_the_kind,
	addresses_are_those_of_the_link,
	routes_are_those_of_the_table,
	a_local_address_is_that_of_the_link,
};

/* --- the tests -------------------------------------------------------------
 */

static void an_old_kernel_filters_nothing(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		AUTO(rt) struct rt *rt = NULL;

		old = true;
		rt = with_two();
		old = false;
		if (rt)
			questions[i](rt);
	}
}

static void what_is_interrupted_is_asked_again(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		AUTO(rt) struct rt *rt = with_two();

		for (int n = 1; rt && n < 4; n++) {
			interrupted = n;
			dumped = 0;
			questions[i](rt);
			EQ_INT(interrupted, 0);
			OK(dumped > n);
			interrupted = 0;
		}
	}
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A signal is neither an event nor the deadline. */
static void a_signal_does_not_end_the_waiting(void)
{
	const struct itimerval tick = { { 0, 3000 }, { 0, 3000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm };
	AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);
	long long deadline = rt_now_ms() + 50;

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	EQ_INT(rt_await(watch, deadline), 0);
	OK(rt_now_ms() >= deadline);
	EQ_INT(rt_await(watch, deadline), -ETIMEDOUT);
	setitimer(ITIMER_REAL, &off, NULL);
}

/* A local route may be there for a whole subnet, by somebody's wish. */
static void a_local_route_of_more_is_not_the_address(void)
{
	AUTO(rt) struct rt *rt = with_two();
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);
	struct ip_addr ip = net_of("fd07::/64").addr;
	int br = index_of(rt, "br0");

	sh("ip -6 route add local fd07::/64 dev br0");
	EQ_INT(rt_route_wait_local(rt, br, &ip, watch, 0), -ETIMEDOUT);
	sh("ip -6 route add local fd07::/128 dev br0");
	EQ_INT(rt_route_wait_local(rt, br, &ip, watch, 0), 0);
}

TAP_MAIN(TEST(an_old_kernel_filters_nothing),
	 TEST(what_is_interrupted_is_asked_again),
	 TEST(a_signal_does_not_end_the_waiting),
	 TEST(a_local_route_of_more_is_not_the_address))
