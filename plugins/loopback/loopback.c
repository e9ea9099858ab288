// SPDX-License-Identifier: GPL-2.0-or-later
/* loopback.c - brings lo up in the sandbox */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "route/addr.h"
#include "cni/cni.h"
#include "route/link.h"
#include "base/netns.h"
#include "route/rt.h"
#include "cni/undo.h"

#define LO "lo"

/*
 * A socket inside the sandbox. *ret_none, which may be NULL, tells whether
 * there is no sandbox.
 */
static int open_sandbox(const char *netns, struct rt **ret, bool *ret_none)
{
	AUTO(fd) int fd = -1;
	int r = ns_open(netns, &fd);

	if (ret_none)
		*ret_none = ns_is_none(r);
	return r < 0 ? r : rt_open_at(fd, ret);
}

static int fail(struct cni_err *err, const struct rt *rt, int r,
		const char *step)
{
	cni_fail(err, CNI_EKERNEL, r, "cannot %s lo", step);
	if (*rt_reason(rt))
		cni_detail(err, "%s", rt_reason(rt));
	return -1;
}

static int fail_netns(const struct cni_call *call, int r, struct cni_err *err)
{
	cni_fail(err, CNI_ENETNS, r, "failed to open netns \"%s\"",
		 call->netns);
	if (r == -EINVAL)
		cni_detail(err, "it is not a network namespace");
	return -1;
}

static int find_lo(const struct cni_call *call, struct rt **rt,
		   struct rt_link *lo, struct cni_err *err)
{
	int r = open_sandbox(call->netns, rt, NULL);

	if (r < 0)
		return fail_netns(call, r, err);
	r = rt_link_get(*rt, LO, lo);
	return r < 0 ? fail(err, *rt, r, "find") : 0;
}

static char *copy(const char *s, bool *failed)
{
	char *p = strdup(s);

	*failed |= !p;
	return p;
}

/* lo itself, and its first address of each family */
static int fill_result(const struct cni_call *call, const struct rt_addr *addr,
		       size_t n, struct cni_result *res)
{
	struct cni_interface *ifc = cni_add_interface(res);
	unsigned seen = 0;
	bool failed = !ifc;

	if (failed)
		return -ENOMEM;
	ifc->name = copy(LO, &failed);
	ifc->mac = copy("00:00:00:00:00:00", &failed);
	ifc->sandbox = copy(call->netns, &failed);
	for (size_t i = 0; i < n && !failed; i++) {
		unsigned family = 1u << (addr[i].net.addr.family == AF_INET6);
		struct cni_ip *ip;

		if (seen & family)
			continue;
		seen |= family;
		ip = cni_add_ip(res);
		failed |= !ip;
		if (ip) {
			ip->address = addr[i].net;
			ip->interface = 0;
		}
	}
	return failed ? -ENOMEM : 0;
}

static int list_addresses(struct rt *rt, const struct rt_link *lo,
			  struct rt_addr **ret, size_t *n, struct cni_err *err)
{
	int r = rt_addr_list(rt, lo->index, 0, ret, n);

	return r < 0 ? fail(err, rt, r, "list the addresses of") : 0;
}

static int report(struct rt *rt, const struct cni_call *call,
		  const struct rt_link *lo, struct cni_result *res,
		  struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *addr = NULL;
	char text[IP_STRLEN];
	size_t n = 0;

	if (list_addresses(rt, lo, &addr, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!ip_is_loopback(&addr[i].net.addr))
			return cni_fail(err, CNI_EKERNEL, 0,
					"loopback interface found with "
					"non-loopback address \"%s\"",
					ip_format(&addr[i].net.addr, text));
	if ((call->conf.has_prev ? cni_result_append(res, &call->conf.prev)
				 : fill_result(call, addr, n, res)) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* undo: lo was down before this ADD */
static int set_down(void *arg, struct cni_err *err)
{
	const struct cni_call *call = arg;
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link lo;
	bool none;
	int r = open_sandbox(call->netns, &rt, &none);

	if (none)
		return 0;
	if (r < 0)
		return fail_netns(call, r, err);
	r = rt_link_get(rt, LO, &lo);
	if (r == 0)
		r = rt_link_down(rt, lo.index);
	return r < 0 ? fail(err, rt, r, "set down") : 0;
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link lo;
	int r;

	if (find_lo(call, &rt, &lo, err) < 0)
		return -1;
	if (!(lo.flags & IFF_UP)) {
		/* first, as only the kernel's answer may get lost */
		undo_push(undo, "set lo down again", set_down, (void *)call,
			  NULL);
		r = rt_link_up(rt, lo.index);
		if (r < 0)
			return fail(err, rt, r, "set up");
	}
	return report(rt, call, &lo, res, err);
}

/* A sandbox that is gone, or was never one, took its lo along. */
static int del(const struct cni_call *call, struct cni_err *err)
{
	return *call->netns ? set_down((void *)call, err) : 0;
}

/* Whether an address of prevResult is one of lo's in this sandbox. */
static bool on_lo(const struct cni_call *call, const struct cni_ip *ip)
{
	const struct cni_result *prev = &call->conf.prev;
	const struct cni_interface *ifc;

	if (ip->interface < 0 || (size_t)ip->interface >= prev->n_interfaces)
		return false;
	ifc = &prev->interfaces[ip->interface];
	return ifc->name && strcmp(ifc->name, LO) == 0 && ifc->sandbox &&
	       strcmp(ifc->sandbox, call->netns) == 0;
}

static bool has_address(const struct rt_addr *addr, size_t n,
			const struct ip_net *want)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_equal(&addr[i].net, want))
			return true;
	return false;
}

static int check(const struct cni_call *call, struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	AUTO(addrs) struct rt_addr *addr = NULL;
	AUTO(rt) struct rt *rt = NULL;
	char text[IP_STRLEN];
	struct rt_link lo;
	size_t n = 0;

	if (find_lo(call, &rt, &lo, err) < 0)
		return -1;
	if (!(lo.flags & IFF_UP))
		return cni_fail(err, CNI_ESTATE, 0,
				"loopback interface is down");
	if (list_addresses(rt, &lo, &addr, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < prev->n_ips; i++)
		if (on_lo(call, &prev->ips[i]) &&
		    !has_address(addr, n, &prev->ips[i].address))
			return cni_fail(err, CNI_ESTATE, 0,
					"lo has lost its address %s",
					ip_net_format(&prev->ips[i].address,
						      text));
	return 0;
}

const struct cni_plugin plugin_loopback = {
	.name = "loopback",
	.help = "loopback brings the interface lo up in the sandbox.\n"
		"\n"
		"A container runtime runs it with the CNI_ environment\n"
		"variables and a configuration on stdin, such as\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"name\": \"lo\",\n"
		"        \"type\": \"loopback\"\n"
		"    }\n",
	.add = add,
	.del = del,
	.check = check,
};
