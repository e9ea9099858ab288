// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * twin.c - a plugin that is none of the suite's: a veth pair, whose end in the
 * sandbox has the addresses of an IPAM plugin, and the host's end the
 * gateway's. rows.bats adds it to the table of plugins.
 *
 * It does one thing wrong if the environment says so:
 *
 *   TWIN=del     DEL leaves the link where it is not told of the sandbox
 *   TWIN=lease   DEL leaves the addresses
 *   TWIN=undo    a failed ADD leaves the link
 *   TWIN=check   CHECK finds everything well
 *   TWIN=gc      GC leaves everything
 *   TWIN=mac     the result has another MAC address
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "cni/cni.h"
#include "cni/delegate.h"
#include "cni/undo.h"
#include "route/addr.h"
#include "route/kinds.h"
#include "route/link.h"
#include "route/route.h"
#include "route/rt.h"

struct twin {
	const struct cni_call *call;
	struct rt *host, *cont;
	struct rt_link near, far; /* the host's end, the sandbox's */
	struct cni_result *res;
};

static void twin_done(struct twin *t)
{
	rt_close(t->host);
	rt_close(t->cont);
}

static void twin_auto(struct twin *t)
{
	twin_done(t);
}
#define TWIN(name, a)                                                          \
	__attribute__((cleanup(twin_auto))) struct twin name = { .call = (a) }

static bool wrong_at(const char *what)
{
	const char *twin = getenv("TWIN");

	return twin && strcmp(twin, what) == 0;
}

static int failed(const struct rt *rt, int r, const char *what,
		  struct cni_err *err)
{
	cni_fail(err, r == -EEXIST ? CNI_EEXIST : CNI_EKERNEL, r, "cannot %s",
		 what);
	if (rt && *rt_reason(rt))
		cni_detail(err, "%s", rt_reason(rt));
	return -1;
}

static int differs(struct cni_err *err, const char *what, const char *name)
{
	return cni_fail(err, CNI_ESTATE, 0, "%s: %s", name, what);
}

/* The twin has no key of its own, and ignores MAC, which CNI_ARGS may have. */
static int read_conf(const struct cni_call *call, void *own,
		     struct cni_err *err)
{
	static const char *const known[] = { "MAC", NULL };
	char *mac = NULL;
	int r;

	(void)own;
	r = cni_args_get(call->args, known, "MAC", &mac, err);

	free(mac);
	if (r < 0)
		return -1;
	return call->conf.ipam_type
		       ? 0
		       : cni_fail(err, CNI_ECONF, 0, "ipam is missing");
}

static int open_host(struct twin *t, struct cni_err *err)
{
	int r = rt_open(&t->host);

	return r < 0 ? failed(NULL, r, "open rtnetlink", err) : 0;
}

static int open_both(struct twin *t, struct cni_err *err)
{
	int r = rt_open_at(t->call->sandbox, &t->cont);

	return r < 0 ? failed(NULL, r, "open rtnetlink", err)
		     : open_host(t, err);
}

static int delegate(const struct cni_call *call, const char *verb,
		    struct cni_result *res, struct cni_err *err)
{
	return cni_delegate(call, call->conf.ipam_type, verb, res, err);
}

/* --- DEL, and undo -------------------------------------------------------- */

static int delete_link(const struct cni_call *call, struct cni_err *err)
{
	TWIN(t, call);
	char name[IFNAMSIZ];
	int r;

	if (open_host(&t, err) < 0)
		return -1;
	cni_veth_name(&call->att, 0, name);
	r = rt_link_get(t.host, name, &t.near);
	if (r == 0)
		r = rt_link_del(t.host, t.near.index);
	return r < 0 && r != -ENODEV ? failed(t.host, r, "delete the link", err)
				     : 0;
}

static int del_link(const struct cni_call *call, struct cni_err *err)
{
	bool leave = wrong_at("del") && call->sandbox < 0;

	return leave ? 0 : delete_link(call, err);
}

static int del_addresses(const struct cni_call *call, struct cni_err *err)
{
	if (call->conf.ipam_type && !wrong_at("lease") &&
	    delegate(call, "DEL", NULL, err) < 0)
		return -1;
	return 0;
}

static const struct cni_step del[] = {
	{ "delete the link", del_link },
	{ "release the addresses", del_addresses },
	{ 0 },
};

/* --- ADD ------------------------------------------------------------------ */

static int add_link(struct twin *t, struct undo *undo, struct cni_err *err)
{
	const struct cni_attachment *att = &t->call->att;
	char name[IFNAMSIZ], owner[CNI_OWNER_LEN];
	struct rt_veth veth = { .name = name,
				.peer_name = att->ifname,
				.peer_netns = t->call->sandbox };
	int r = mac_random(veth.mac);

	if (r == 0)
		r = mac_random(veth.peer_mac);
	cni_veth_name(att, 0, name);
	if (r == 0)
		r = rt_veth_add(t->host, &veth);
	if (r == -EEXIST)
		return cni_fail(err, CNI_EEXIST, r, "%s exists already",
				att->ifname);
	if (!wrong_at("undo"))
		undo_mark(undo, del_link);
	undo_mark(undo, del_addresses);
	if (r == 0)
		r = rt_link_get(t->host, name, &t->near);
	if (r == 0)
		r = rt_link_attach(t->host, t->near.index, 0,
				   cni_owner(att, owner, sizeof(owner)));
	if (r == 0)
		r = rt_link_up(t->cont, t->near.lower);
	if (r == 0)
		r = rt_link_get_index(t->cont, t->near.lower, &t->far);
	return r < 0 ? failed(t->host, r, "make the link", err) : 0;
}

static int add_addresses(struct twin *t, struct cni_err *err)
{
	for (size_t i = 0; i < t->res->n_ips; i++) {
		const struct cni_ip *ip = &t->res->ips[i];
		struct ip_net gw = { ip->gateway, ip->address.plen };
		int r = rt_addr_add(t->cont, t->far.index, &ip->address, false);

		if (r == 0 && ip_is_set(&gw.addr))
			r = rt_addr_add(t->host, t->near.index, &gw, false);
		if (r < 0)
			return failed(t->cont, r, "add an address", err);
	}
	return 0;
}

static struct ip_addr gateway(const struct twin *t, unsigned family)
{
	for (size_t i = 0; i < t->res->n_ips; i++)
		if (t->res->ips[i].gateway.family == family)
			return t->res->ips[i].gateway;
	return (struct ip_addr){ 0 };
}

static int add_routes(struct twin *t, struct cni_err *err)
{
	for (size_t i = 0; i < t->res->n_routes; i++) {
		const struct cni_route *route = &t->res->routes[i];
		struct rt_route k = { .dst = route->dst,
				      .gw = route->gw,
				      .oif = t->far.index };
		char text[IP_STRLEN];
		int r;

		if (!ip_is_set(&k.gw))
			k.gw = gateway(t, k.dst.addr.family);
		r = rt_route_add(t->cont, &k);
		if (r < 0) {
			failed(t->cont, r, "add a route", err);
			cni_detail(err, "%s", ip_net_format(&k.dst, text));
			return -1;
		}
	}
	return 0;
}

static int list_link(struct cni_result *res, const struct rt_link *l,
		     const char *sandbox)
{
	struct cni_interface *ifc = cni_add_interface(res);
	char mac[MAC_STRLEN];

	if (!ifc)
		return -1;
	ifc->name = strdup(l->name);
	ifc->mac = strdup(wrong_at("mac") ? "02:00:00:00:00:77"
					  : mac_format(l->mac, mac));
	ifc->sandbox = sandbox ? strdup(sandbox) : NULL;
	return ifc->name && ifc->mac && (!sandbox || ifc->sandbox) ? 0 : -1;
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	TWIN(t, call);

	t.res = own;
	if (open_both(&t, err) < 0 || add_link(&t, undo, err) < 0 ||
	    delegate(call, "ADD", own, err) < 0)
		return -1;
	cni_result_drop_interfaces(own);
	if (list_link(own, &t.near, NULL) < 0 ||
	    list_link(own, &t.far, call->netns) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	for (size_t i = 0; i < own->n_ips; i++)
		own->ips[i].interface = 1;
	return add_addresses(&t, err) < 0 ? -1 : add_routes(&t, err);
}

/* --- CHECK ---------------------------------------------------------------- */

static int check_link(struct twin *t, const struct cni_result *own,
		      struct cni_err *err)
{
	const char *name = t->call->att.ifname;
	char mac[MAC_STRLEN];
	int r = rt_link_get(t->cont, name, &t->far);

	if (r == -ENODEV)
		return differs(err, "it is not there", name);
	if (r < 0)
		return failed(t->cont, r, "look at the link", err);
	if (strcmp(t->far.kind, "veth") != 0)
		return cni_fail(err, CNI_ESTATE, 0, "%s is not of type veth",
				name);
	if (!(t->far.flags & IFF_UP))
		return differs(err, "it is down", name);
	if (strcmp(own->interfaces[0].mac ?: "", mac_format(t->far.mac, mac)) !=
	    0)
		return differs(err, "another mac", name);
	return 0;
}

static int check_addresses(struct twin *t, const struct cni_result *own,
			   struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t n = 0, k;

	if (rt_addr_list(t->cont, t->far.index, 0, &list, &n) < 0)
		return failed(t->cont, 0, "list the addresses", err);
	for (size_t i = 0; i < own->n_ips; i++) {
		for (k = 0; k < n; k++)
			if (ip_net_equal(&list[k].net, &own->ips[i].address))
				break;
		if (k == n)
			return differs(err, "it is not there",
				       ip_net_format(&own->ips[i].address,
						     text));
	}
	return own->n_ips
		       ? 0
		       : differs(err, "it has no address", t->call->att.ifname);
}

static int check_routes(struct twin *t, const struct cni_result *own,
			struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = 0; i < own->n_routes; i++) {
		struct rt_route k = { .dst = own->routes[i].dst,
				      .gw = own->routes[i].gw,
				      .oif = t->far.index };

		if (rt_route_has(t->cont, &k) <= 0)
			return differs(err, "the route is not there",
				       ip_net_format(&k.dst, text));
	}
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	TWIN(t, call);

	if (wrong_at("check"))
		return 0;
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0, "prevResult is missing");
	if (open_both(&t, err) < 0 || delegate(call, "CHECK", NULL, err) < 0)
		return -1;
	if (own->n_interfaces == 0)
		return differs(err, "it is not in prevResult",
			       call->att.ifname);
	if (check_link(&t, own, err) < 0 || check_addresses(&t, own, err) < 0)
		return -1;
	return check_routes(&t, own, err);
}

/* --- GC, STATUS ----------------------------------------------------------- */

struct dead {
	const struct cni_call *call;
	struct rt_link link;
};

static int find_dead(const struct rt_link *l, void *arg)
{
	struct dead *d = arg;
	char owner[CNI_OWNER_LEN];

	if (!cni_owner_in_network(l->alias, d->call->att.network))
		return 0;
	for (size_t i = 0; i < d->call->n_valid; i++)
		if (strcmp(l->alias, cni_owner(&d->call->valid[i], owner,
					       sizeof(owner))) == 0)
			return 0;
	d->link = *l;
	return 1;
}

static int gc(const struct cni_call *call, struct cni_err *err)
{
	struct dead d = { .call = call };
	TWIN(t, call);
	int r = wrong_at("gc") || !call->has_valid ? 0 : open_host(&t, err);

	while (t.host && (r = rt_link_each(t.host, "veth", find_dead, &d)) == 1)
		if (rt_link_del(t.host, d.link.index) < 0)
			break;
	if (r != 0)
		failed(t.host, 0, "collect dead links", err);
	if (!wrong_at("gc") && call->conf.ipam_type &&
	    delegate(call, "GC", NULL, err) < 0)
		r = -1;
	return r == 0 ? 0 : -1;
}

static int status(const struct cni_call *call, struct cni_err *err)
{
	return delegate(call, "STATUS", NULL, err) < 0 ? -1 : 0;
}

static const struct cni_step gc_steps[] = { { "collect", gc }, { 0 } };
static const struct cni_step status_steps[] = { { "ask", status }, { 0 } };

const struct cni_plugin plugin_twin = {
	.name = "twin",
	.help = "twin is there for a test of the tests.\n"
		"\n"
		"    { \"cniVersion\": \"1.1.0\", \"name\": \"x\",\n"
		"      \"type\": \"twin\", \"ipam\": { \"type\": \"host-local\" } }\n",
	.flags = CNI_SANDBOX,
	.conf = read_conf,
	.add = add,
	.del = del,
	.check = check,
	.gc = gc_steps,
	.status = status_steps,
};
