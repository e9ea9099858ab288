// SPDX-License-Identifier: GPL-2.0-or-later
/* loopback.c - brings lo up in the sandbox */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "attach/check.h"
#include "attach/listing.h"
#include "base/netns.h"
#include "cni/cni.h"
#include "cni/undo.h"
#include "route/addr.h"
#include "route/link.h"
#include "route/rt.h"

#define LO "lo"

struct lo {
	struct rt *rt; /* owned */
	struct rt_link link;
	struct rt_addr *addr; /* owned: n of them */
	size_t n;
};

static void lo_auto(struct lo *lo)
{
	rt_close(lo->rt);
	free(lo->addr);
}

static int find_lo(const struct cni_call *call, struct lo *lo,
		   struct cni_err *err)
{
	int r = rt_open_at(call->sandbox, &lo->rt);

	if (r == 0)
		r = rt_link_get(lo->rt, LO, &lo->link);
	return r < 0 ? rt_fail(err, lo->rt, r, "cannot find lo") : 0;
}

/* lo itself, and its first address of each family. Returns 0 or -ENOMEM. */
static int list_lo(const struct cni_call *call, const struct lo *lo,
		   struct cni_result *own)
{
	bool seen[2] = { false, false };
	int r = list_interface(own, LO, lo->link.mac, call->netns);

	for (size_t i = 0; i < lo->n && r == 0; i++) {
		const struct ip_net *net = &lo->addr[i].net;
		bool v6 = net->addr.family == AF_INET6;
		struct cni_ip *ip = seen[v6] ? NULL : cni_add_ip(own);

		if (ip)
			*ip = (struct cni_ip){ .address = *net };
		else if (!seen[v6])
			r = -ENOMEM;
		seen[v6] = true;
	}
	return r;
}

static int report(const struct cni_call *call, struct lo *lo,
		  struct cni_result *own, struct cni_err *err)
{
	char text[IP_STRLEN];
	int r = rt_addr_list(lo->rt, lo->link.index, 0, &lo->addr, &lo->n);

	if (r < 0)
		return rt_fail(err, lo->rt, r,
			       "cannot list the addresses of lo");
	for (size_t i = 0; i < lo->n; i++)
		if (!ip_is_loopback(&lo->addr[i].net.addr))
			return cni_fail(err, CNI_EKERNEL, 0,
					"loopback interface found with "
					"non-loopback address \"%s\"",
					ip_format(&lo->addr[i].net.addr, text));
	/* as the reference: in a chain, the result is prevResult */
	if (!call->conf.has_prev && list_lo(call, lo, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* A sandbox that is gone, or was never one, took its lo along. */
static int set_down(const struct cni_call *call, struct cni_err *err)
{
	AUTO(lo) struct lo lo = { 0 };
	int r;

	if (ns_is_none(call->sandbox))
		return 0;
	if (call->sandbox < 0)
		return cni_fail(err, CNI_ENETNS, call->sandbox,
				"failed to open netns \"%s\"", call->netns);
	if (find_lo(call, &lo, err) < 0)
		return -1;
	r = rt_link_down(lo.rt, lo.link.index);
	return r < 0 ? rt_fail(err, lo.rt, r, "cannot set down lo") : 0;
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(lo) struct lo lo = { 0 };
	int r;

	if (find_lo(call, &lo, err) < 0)
		return -1;
	if (lo.link.flags & IFF_UP)
		return report(call, &lo, own, err);
	/* before the request: its answer alone may get lost */
	undo_mark(undo, set_down);
	r = rt_link_up(lo.rt, lo.link.index);
	if (r < 0)
		return rt_fail(err, lo.rt, r, "cannot set up lo");
	return report(call, &lo, own, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	AUTO(lo) struct lo lo = { 0 };

	if (find_lo(call, &lo, err) < 0)
		return -1;
	if (!(lo.link.flags & IFF_UP))
		return cni_differs(err, "loopback interface is down");
	return check_addresses(lo.rt, LO, lo.link.index, own, err);
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
