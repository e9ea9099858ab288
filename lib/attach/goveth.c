// SPDX-License-Identifier: GPL-2.0-or-later
/* goveth.c - the veth that no alias leads to: that of a Go plugin, mostly */
#include "attach/goveth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/veth.h"
#include "base/netns.h"
#include "fw/goplugins.h"
#include "route/addr.h"

/* The addresses of the attachment, to find the Go plugins' rules by. */
struct ips {
	struct ip_addr *v;
	size_t n;
};

static void ips_auto(struct ips *ips)
{
	free(ips->v);
}

static void add_ip(struct ips *ips, const struct ip_addr *ip)
{
	struct ip_addr *v = realloc(ips->v, (ips->n + 1) * sizeof(*v));

	/* without it, more of the container's rules go; see fw_goplugins_del()
	 */
	if (!v)
		return;
	ips->v = v;
	ips->v[ips->n++] = *ip;
}

static void ips_of_link(struct rt *cont, int index, struct ips *ips)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;

	if (rt_addr_list(cont, index, 0, &list, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (!ip_is_link_local(&list[i].net.addr))
			add_ip(ips, &list[i].net.addr);
}

static void ips_of_prev(const struct cni_result *prev, struct ips *ips)
{
	for (size_t i = 0; i < prev->n_ips; i++)
		add_ip(ips, &prev->ips[i].address.addr);
}

/* The names the Go plugins give: "veth" and eight hex digits. */
static bool is_veth_name(const char *name)
{
	return strncmp(name, "veth", 4) == 0 && strlen(name) == 12 &&
	       strspn(name + 4, "0123456789abcdef") == 8;
}

static bool is_port_of(struct rt *host, const struct rt_link *l,
		       const char *bridge)
{
	struct rt_link master;

	return bridge && l->master &&
	       rt_link_get_index(host, l->master, &master) == 0 &&
	       strcmp(master.name, bridge) == 0;
}

/*
 * Whether a link of the sandbox is this attachment's, or looks like one that
 * the Go plugins made: a veth whose other end is in the host, a port or named
 * as theirs. Anything else was in the way of a failed ADD; and an owner text
 * says that it is another attachment's.
 */
static bool is_outer_ours(const struct cni_call *call, struct rt *host,
			  const char *bridge, const struct rt_link *link)
{
	struct rt_link peer;

	if (strcmp(link->kind, "veth") != 0 ||
	    rt_link_get_index(host, link->lower, &peer) < 0 ||
	    strcmp(peer.kind, "veth") != 0 || peer.lower != link->index ||
	    strncmp(peer.alias, "cni:", 4) == 0)
		return false;
	if (!*peer.alias)
		return peer.master || is_veth_name(peer.name);
	return veth_has_name(&call->att, peer.name) ||
	       is_port_of(host, &peer, bridge);
}

/*
 * The interface of that name in the sandbox, if there is a sandbox: what the
 * Go plugins made is known by nothing else.
 */
static int delete_inside(const struct cni_call *call, struct rt *host,
			 const char *bridge, struct ips *ips,
			 struct cni_err *err)
{
	AUTO(rt) struct rt *cont = NULL;
	struct rt_link link;
	int r;

	if (ns_is_none(call->sandbox)) /* and so its interfaces are gone */
		return 0;
	r = call->sandbox < 0 ? call->sandbox
			      : rt_open_at(call->sandbox, &cont);
	if (r == 0)
		r = rt_link_get(cont, call->att.ifname, &link);
	if (r == -ENODEV)
		return 0;
	if (r != 0)
		return rt_fail(err, cont, r, "cannot look up \"%s\" in %s",
			       call->att.ifname, call->netns);
	if (!is_outer_ours(call, host, bridge, &link))
		return 0;
	ips_of_link(cont, link.index, ips);
	return veth_delete(cont, &link, err);
}

static bool same_mac(const struct cni_interface *ifc, const struct rt_link *l)
{
	uint8_t mac[MAC_LEN];

	return ifc->mac && mac_parse(ifc->mac, mac) == 0 &&
	       memcmp(mac, l->mac, MAC_LEN) == 0;
}

/*
 * Without a sandbox, a host interface that prevResult names, has that MAC
 * and is nobody's by its alias: the Go plugins' veth whose sandbox lives on.
 */
static int delete_listed(const struct cni_call *call, struct rt *host,
			 struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	struct rt_link l;
	int r = 0;

	for (size_t i = 0; i < prev->n_interfaces; i++) {
		const struct cni_interface *ifc = &prev->interfaces[i];
		int look;

		if (ifc->sandbox || !ifc->name || !is_veth_name(ifc->name))
			continue;
		look = rt_link_get(host, ifc->name, &l);
		if (look == -ENODEV)
			continue;
		if (look < 0)
			r = rt_fail(err, host, look, "could not lookup \"%s\"",
				    ifc->name);
		else if (strcmp(l.kind, "veth") == 0 && !*l.alias &&
			 same_mac(ifc, &l) && veth_delete(host, &l, err) < 0)
			r = -1;
	}
	return r;
}

/* Masquerade of the Go plugins is found by the addresses. */
static int delete_rules(const struct cni_call *call, const struct ips *ips,
			struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open_any(&fw);

	if (r > 0)
		r = fw_goplugins_del(fw, &call->att, ips->v, ips->n);
	if (r < 0)
		return fw_fail(err, fw, r, "remove the Go plugins' masquerade");
	return 0;
}

static int delete_all(const struct cni_call *call, struct rt *host,
		      const char *bridge, bool ours, struct ips *ips,
		      struct cni_err *err)
{
	int worst = 0;

	if (!ours && delete_inside(call, host, bridge, ips, err) < 0)
		worst = -1;
	if (!ours && delete_listed(call, host, err) < 0)
		worst = -1;
	if (ips->n == 0)
		ips_of_prev(&call->conf.prev, ips);
	/* Without addresses the whole of the Go plugins' chain would go, which
	   all interfaces of a container share. If this one is ours, it may be
	   another one's. */
	if (ours && ips->n == 0)
		return worst;
	return delete_rules(call, ips, err) < 0 ? -1 : worst;
}

int goveth_del_port(const struct cni_call *call, const char *bridge,
		    struct cni_err *err)
{
	__attribute__((cleanup(ips_auto))) struct ips ips = { 0 };
	AUTO(rt) struct rt *host = NULL;
	struct rt_link port;
	int r = veth_look(call, &host, &port, err);

	return r < 0 ? -1 : delete_all(call, host, bridge, r > 0, &ips, err);
}

int goveth_del(const struct cni_call *call, struct cni_err *err)
{
	return goveth_del_port(call, NULL, err);
}
