// SPDX-License-Identifier: GPL-2.0-or-later
/* l3-settle.c - waiting until a link's addresses are in use in the sandbox */
#include "attach/l3.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/netns.h"
#include "route/addr.h"
#include "route/settle.h"

/* as the reference: the carrier may come, but no patience brings it */
#define NO_CARRIER_TIMEOUT_MS 5000
#define READY_TIMEOUT_MS 2000

/* One ADD's waiting: all that has to come has the same deadline. */
struct patience {
	long long begin, deadline; /* in ms; 0 before the waiting */
};

/* --- what a reader of the error needs to find the cause ------------------- */

static const char *state_name(unsigned state)
{
	/* IF_OPER_*, as ip-link(8) has them */
	static const char *const names[] = {
		"unknown", "not present", "down", "lower layer down",
		"testing", "dormant",	  "up",
	};

	return state < sizeof(names) / sizeof(*names) ? names[state] : "odd";
}

void l3_tell_link(struct rt *rt, int index, const char *name,
		  struct cni_err *err)
{
	struct rt_link k;

	if (rt_link_get_index(rt, index, &k) < 0)
		return;
	cni_detail(err, "\"%s\" is %s, has %s carrier and state %s%s", name,
		   k.flags & IFF_UP ? "up" : "down",
		   k.flags & IFF_LOWER_UP ? "a" : "no", state_name(k.operstate),
		   k.disabled ? ", and its bridge does not forward yet" : "");
}

static void tell_addresses(const struct l3 *l, struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0;
	int r = rt_addr_list(l->s->cont, l->index, AF_INET6, &list, &n);

	for (size_t i = 0; i < n && r == 0; i++)
		cni_detail(err, "%s is %s (flags 0x%x)",
			   ip_format(&list[i].net.addr, text),
			   list[i].flags & IFA_F_TENTATIVE ? "tentative"
							   : "not tentative",
			   list[i].flags);
}

static void tell_routes(const struct l3 *l, struct cni_err *err)
{
	char text[IP_STRLEN];

	if (rt_route_wait_multicast(l->s->cont, l->index, -1, 0) < 0)
		cni_detail(err, "no route of the kernel's to ff00::/8");
	for (size_t i = 0; i < l->own->n_ips; i++) {
		const struct ip_addr *ip = &l->own->ips[i].address.addr;

		if (rt_route_wait_local(l->s->cont, l->index, ip, -1, 0) < 0)
			cni_detail(err, "no route of the kernel's to %s",
				   ip_format(ip, text));
	}
}

/* What has come by the deadline, and what has not. */
static void tell(const struct l3 *l, const struct patience *p, int r,
		 struct cni_err *err)
{
	if (r != -ETIMEDOUT)
		return;
	cni_detail(err, "waited for %lld s",
		   (rt_now_ms() - p->begin + 500) / 1000);
	l3_tell_link(l->s->cont, l->index, l->s->call->att.ifname, err);
	if (l->port)
		l3_tell_link(l->s->host, l->port->index, l->port->name, err);
	if (!l3_has_v6(l))
		return;
	tell_addresses(l, err);
	tell_routes(l, err);
}

/* --- what is waited for --------------------------------------------------- */

/*
 * -EAGAIN while an address is tentative, -EADDRINUSE with *bad where another
 * host answered for it.
 */
static int dad_state(const struct l3 *l, struct ip_net *bad)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;
	int r = rt_addr_list(l->s->cont, l->index, AF_INET6, &list, &n);

	for (size_t i = 0; i < n && r == 0; i++) {
		*bad = list[i].net;
		if (list[i].flags & IFA_F_DADFAILED)
			r = -EADDRINUSE;
		else if (list[i].flags & IFA_F_TENTATIVE)
			r = -EAGAIN;
	}
	return r;
}

static int watch_here(void *arg)
{
	return rt_watch(*(const unsigned *)arg);
}

/*
 * A watch in the sandbox, or -errno. It is opened where a first look was in
 * vain, and followed by another one: mostly the kernel has done all by then.
 */
static int watch_inside(const struct l3 *l, unsigned group)
{
	return ns_run(l->s->call->sandbox, watch_here, &group);
}

static int unsettled(const struct l3 *l, const struct patience *p, int r,
		     struct cni_err *err)
{
	rt_fail(err, l->s->cont, r, "failed to settle addresses for \"%s\"",
		l->s->call->att.ifname);
	tell(l, p, r, err);
	return -1;
}

static bool has_carrier(const struct rt_link *k)
{
	return k->flags & IFF_LOWER_UP;
}

/* What is there at the first look needs no patience. Returns 0 or -errno. */
static int begin(const struct l3 *l, struct patience *p)
{
	struct rt_link k;
	int r = p->deadline ? 0 : rt_link_get_index(l->s->cont, l->index, &k);

	if (p->deadline || r < 0)
		return r;
	p->begin = rt_now_ms();
	p->deadline = p->begin + (has_carrier(&k) ? L3_SETTLE_TIMEOUT_MS
						  : NO_CARRIER_TIMEOUT_MS);
	return 0;
}

/*
 * Returns 1 where the link has no carrier: then the kernel detects duplicates
 * as soon as it has one, and keeps the addresses tentative until it has.
 */
static int wait_for_dad(const struct l3 *l, struct patience *p,
			struct cni_err *err)
{
	AUTO(fd) int watch = watch_inside(l, RTNLGRP_IPV6_IFADDR);
	int r = watch < 0 ? watch : -EAGAIN;
	struct ip_net bad = { 0 };
	char text[IP_STRLEN];
	struct rt_link k;

	while (r == -EAGAIN) {
		int heard = 0;

		r = dad_state(l, &bad);
		if (r == -EAGAIN)
			heard = begin(l, p);
		if (r == -EAGAIN && heard == 0)
			heard = rt_await(watch, p->deadline);
		if (heard < 0)
			r = heard;
	}
	if (r == -EADDRINUSE) {
		const char *name = l->s->call->att.ifname;

		rt_fail(err, NULL, 0,
			"failed to settle addresses for \"%s\": link %s has "
			"address %s in DADFAILED state",
			name, name, ip_format(&bad.addr, text));
		cni_detail(err, "another host has it");
		return -1;
	}
	if (r == -ETIMEDOUT &&
	    rt_link_get_index(l->s->cont, l->index, &k) == 0 &&
	    !has_carrier(&k))
		return 1;
	return r < 0 ? unsettled(l, p, r, err) : 0;
}

/* Until packets for the addresses are taken, and those to ask for them with. */
static int await_v6(const struct l3 *l, int watch, long long deadline)
{
	int r = rt_route_wait_multicast(l->s->cont, l->index, watch, deadline);

	for (size_t i = 0; i < l->own->n_ips && r == 0; i++)
		r = rt_route_wait_local(l->s->cont, l->index,
					&l->own->ips[i].address.addr, watch,
					deadline);
	return r;
}

static int wait_for_v6(const struct l3 *l, struct patience *p,
		       struct cni_err *err)
{
	int r = await_v6(l, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = watch_inside(l, RTNLGRP_IPV6_ROUTE);

		r = watch < 0 ? watch : begin(l, p);
		if (r == 0)
			r = await_v6(l, watch, p->deadline);
	}
	return r < 0 ? unsettled(l, p, r, err) : 0;
}

/*
 * The state and the link-local address are told of within a second. What has to
 * be there is waited for by itself, so this is no reason to fail.
 */
static int wait_until_ready(const struct l3 *l, struct cni_err *err)
{
	int r = rt_link_wait_ready(l->s->cont, l->index, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = watch_inside(l, RTNLGRP_LINK);

		r = watch < 0 ? watch
			      : rt_link_wait_ready(l->s->cont, l->index, watch,
						   rt_now_ms() +
							   READY_TIMEOUT_MS);
	}
	if (r < 0 && r != -ETIMEDOUT)
		return rt_fail(err, l->s->cont, r,
			       "cannot wait until \"%s\" is up",
			       l->s->call->att.ifname);
	return 0;
}

static int wait_for_port(const struct l3 *l, struct patience *p,
			 struct cni_err *err)
{
	int r = rt_link_wait_up(l->s->host, l->port->index, -1, 0);

	if (r == -ETIMEDOUT) {
		AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);

		r = watch < 0 ? watch : begin(l, p);
		if (r == 0)
			r = rt_link_wait_up(l->s->host, l->port->index, watch,
					    p->deadline);
	}
	if (r < 0) {
		rt_fail(err, l->s->host, r, "%s %s in error state: not up",
			l->by_gateway ? "link" : "bridge port", l->port->name);
		tell(l, p, r, err);
		return -1;
	}
	return 0;
}

int l3_settle(const struct l3 *l, struct cni_err *err)
{
	struct patience p = { 0 };
	int r;

	if (wait_until_ready(l, err) < 0)
		return -1;
	if (l->port && wait_for_port(l, &p, err) < 0)
		return -1;
	if (!l3_has_v6(l))
		return 0;
	r = l->dad ? wait_for_dad(l, &p, err) : 0;
	if (r == 0)
		return wait_for_v6(l, &p, err);
	return r < 0 ? -1 : 0;
}
