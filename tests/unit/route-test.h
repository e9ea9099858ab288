/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route-test.h - for the tests of lib/route: an own namespace, links in it */
#ifndef ROUTE_TEST_H
#define ROUTE_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "base/mac.h"
#include "route/kinds.h"
#include "route/link.h"
#include "route/rt.h"
#include "tap.h"

/* Before main(), so that nothing here ever runs in the root namespace. */
__attribute__((constructor)) static void require_namespace(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
		skip_all("root (CAP_SYS_ADMIN)");
	if (system("command -v ip >/dev/null && "
		   "mount --make-rprivate / 2>/dev/null") != 0)
		skip_all("ip");
}

/* Runs a shell command that must succeed. */
__attribute__((format(printf, 1, 2))) static inline void sh(const char *fmt,
							    ...)
{
	char cmd[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	fflush(stdout);
	if (system(cmd) != 0) {
		tap_failed++;
		printf("# failed: %s\n", cmd);
	}
}

/* A new namespace and a socket in it; owned. */
static inline struct rt *fresh(void)
{
	struct rt *rt = NULL;

	EQ_INT(unshare(CLONE_NEWNET), 0);
	EQ_INT(rt_open(&rt), 0);
	return rt;
}

/* The descriptor that rt_open() used, which it keeps to itself. */
static inline struct rt *fresh_fd(int *fd)
{
	struct rt *rt;

	EQ_INT(unshare(CLONE_NEWNET), 0);
	/* the kernel gives the lowest number that is free */
	*fd = dup(0);
	close(*fd);
	rt = NULL;
	EQ_INT(rt_open(&rt), 0);
	return rt;
}

static inline int index_of(struct rt *rt, const char *name)
{
	struct rt_link l = { 0 };

	EQ_INT(rt_link_get(rt, name, &l), 0);
	return l.index;
}

static inline struct ip_net net_of(const char *text)
{
	struct ip_net net = { 0 };

	EQ_INT(ip_net_parse(text, &net), 0);
	return net;
}

static inline struct ip_addr ip_of(const char *text)
{
	struct ip_addr ip = { 0 };

	EQ_INT(ip_parse(text, &ip), 0);
	return ip;
}

/* A namespace with a bridge br0 that is up; its index in *br. */
static inline struct rt *with_bridge(int *br)
{
	struct rt *rt = fresh();
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };

	EQ_INT(rt_bridge_add(rt, &b), 0);
	*br = index_of(rt, "br0");
	EQ_INT(rt_link_up(rt, *br), 0);
	return rt;
}

/* Makes both ends of a pair in this namespace. */
static inline void make_pair(struct rt *rt, const char *name, const char *peer)
{
	struct rt_veth veth = { .name = name,
				.peer_name = peer,
				.peer_netns = -1 };

	EQ_INT(mac_random(veth.mac), 0);
	EQ_INT(mac_random(veth.peer_mac), 0);
	EQ_INT(rt_veth_add(rt, &veth), 0);
}

#endif
