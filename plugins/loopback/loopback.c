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

static int find_lo(const struct cni_call *call, struct rt **rt,
		   struct rt_link *lo, struct cni_err *err)
{
	int r = rt_open_at(call->sandbox, rt);

	if (r < 0)
		return rt_fail(err, NULL, r, "cannot open rtnetlink");
	r = rt_link_get(*rt, LO, lo);
	return r < 0 ? rt_fail(err, *rt, r, "cannot find lo") : 0;
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

	return r < 0 ? rt_fail(err, rt, r, "cannot list the addresses of lo")
		     : 0;
}

static int report(struct rt *rt, const struct cni_call *call,
		  const struct rt_link *lo, struct cni_result *own,
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
	/* as the reference: in a chain, the result is prevResult */
	if (!call->conf.has_prev && fill_result(call, addr, n, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* A sandbox that is gone, or was never one, took its lo along. */
static int set_down(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link lo;
	int r;

	if (ns_is_none(call->sandbox))
		return 0;
	if (call->sandbox < 0)
		return cni_fail(err, CNI_ENETNS, call->sandbox,
				"failed to open netns \"%s\"", call->netns);
	if (find_lo(call, &rt, &lo, err) < 0)
		return -1;
	r = rt_link_down(rt, lo.index);
	return r < 0 ? rt_fail(err, rt, r, "cannot set down lo") : 0;
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link lo;
	int r;

	if (find_lo(call, &rt, &lo, err) < 0)
		return -1;
	if (!(lo.flags & IFF_UP)) {
		/* first, as only the kernel's answer may get lost */
		undo_mark(undo, set_down);
		r = rt_link_up(rt, lo.index);
		if (r < 0)
			return rt_fail(err, rt, r, "cannot set up lo");
	}
	return report(rt, call, &lo, own, err);
}

static bool has_address(const struct rt_addr *addr, size_t n,
			const struct ip_net *want)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_equal(&addr[i].net, want))
			return true;
	return false;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
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
	for (size_t i = 0; i < own->n_ips; i++)
		if (!has_address(addr, n, &own->ips[i].address))
			return cni_fail(err, CNI_ESTATE, 0,
					"lo has lost its address %s",
					ip_net_format(&own->ips[i].address,
						      text));
	return 0;
}

static const struct cni_step del[] = { { "set lo down", set_down }, { 0 } };

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
	.flags = CNI_SANDBOX,
	.add = add,
	.del = del,
	.check = check,
};
