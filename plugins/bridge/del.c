// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * del.c - DEL: every step, whatever failed before. It needs neither the
 * sandbox nor prevResult nor a valid configuration: what is ours is found
 * from network, container ID and interface name. The other two serve to find
 * what the Go plugins made.
 */
#include "bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "route/addr.h"
#include "cni/delegate.h"
#include "fw/goplugins.h"
#include "base/netns.h"
#include "fw/spoof.h"

/* Gone meanwhile is as good as deleted. */
static int delete_link(struct rt *rt, const struct rt_link *l,
		       struct cni_err *err)
{
	int r = rt_link_del(rt, l->index);

	return r < 0 && r != -ENODEV
		       ? br_fail(err, rt, r, "failed to delete \"%s\"", l->name)
		       : 0;
}

/* Ours. Returns 1 if it was there and is gone now, 0, or -1. */
static int delete_port(struct rt *host, const struct cni_attachment *att,
		       struct cni_err *err)
{
	struct rt_link port;
	int r = br_find_port(host, att, &port);

	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return br_fail(err, host, r, "cannot look for the host's end");
	return delete_link(host, &port, err) < 0 ? -1 : 1;
}

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

	/* without it, more of the container's rules go; see fw_go_del() */
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

/*
 * Whether a link of the sandbox looks like one that the Go plugins made: a
 * veth whose other end is in the host, a port or named as theirs, and is
 * nobody's by its alias. Anything else was in the way of a failed ADD, or is
 * another attachment's.
 */
static bool made_by_go(struct rt *host, const struct rt_link *link)
{
	struct rt_link peer;

	return strcmp(link->kind, "veth") == 0 &&
	       rt_link_get_index(host, link->peer, &peer) == 0 &&
	       strcmp(peer.kind, "veth") == 0 && peer.peer == link->index &&
	       !*peer.alias && (peer.master || is_veth_name(peer.name));
}

/*
 * The interface of that name in the sandbox, if there is a sandbox: what the
 * Go plugins made is known by nothing else.
 */
static int delete_inside(const struct cni_call *call, struct rt *host,
			 struct ips *ips, struct cni_err *err)
{
	AUTO(rt) struct rt *cont = NULL;
	AUTO(fd) int netns = -1;
	struct rt_link link;
	int r;

	if (!*call->netns)
		return 0;
	r = ns_open(call->netns, &netns);
	if (ns_is_none(r)) /* and so its interfaces are gone as well */
		return 0;
	if (r == 0)
		r = rt_open_at(netns, &cont);
	if (r == 0)
		r = rt_link_get(cont, call->att.ifname, &link);
	if (r == -ENODEV)
		return 0;
	if (r != 0)
		return br_fail(err, cont, r, "cannot look up \"%s\" in %s",
			       call->att.ifname, call->netns);
	if (!made_by_go(host, &link))
		return 0;
	ips_of_link(cont, link.index, ips);
	return delete_link(cont, &link, err);
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
			r = br_fail(err, host, look, "could not lookup \"%s\"",
				    ifc->name);
		else if (strcmp(l.kind, "veth") == 0 && !*l.alias && l.master &&
			 same_mac(ifc, &l) && delete_link(host, &l, err) < 0)
			r = -1;
	}
	return r;
}

static int delete_links(const struct cni_call *call, struct ips *ips,
			bool *ret_ours, struct cni_err *err)
{
	AUTO(rt) struct rt *host = NULL;
	int r = rt_open(&host);

	if (r < 0)
		return br_fail(err, NULL, r, "cannot open rtnetlink");
	r = delete_port(host, &call->att, err);
	*ret_ours = r == 1;
	if (r != 0)
		return r < 0 ? -1 : 0;
	r = delete_inside(call, host, ips, err);
	if (delete_listed(call, host, err) < 0)
		r = -1;
	return r;
}

static int rule_step(struct fw *fw, int r, const char *step,
		     struct cni_err *err)
{
	return r < 0 ? fw_fail(err, fw, r, step) : 0;
}

static int delete_rules(const struct cni_call *call, const struct ips *ips,
			bool ours, struct cni_err *err)
{
	const struct cni_attachment *att = &call->att;
	AUTO(fw) struct fw *fw = NULL;
	int r = br_open_rules(&fw);
	int worst = 0;

	if (r <= 0)
		return rule_step(fw, r, "open nf_tables", err);
	if (rule_step(fw, fw_spoof_del(fw, att), "remove macspoofchk rules",
		      err) < 0)
		worst = -1;
	if (rule_step(fw, fw_masq_del_owned(fw, att), "remove masquerade",
		      err) < 0)
		worst = -1;
	/* Without addresses the whole of the Go plugins' chain would go, which
	   all interfaces of a container share. If this one is ours and its
	   addresses are unknown, it may be another one's: leave it. */
	if (!(ours && ips->n == 0) &&
	    rule_step(fw, fw_go_del(fw, att, ips->v, ips->n),
		      "remove the Go plugins' masquerade", err) < 0)
		worst = -1;
	return worst;
}

/* IPAM's DEL. After that of the link: an address is free when nobody has it. */
static int release(const struct cni_call *call, struct cni_err *err)
{
	if (!call->conf.ipam_type)
		return 0;
	return cni_delegate(call, call->conf.ipam_type, "DEL", NULL, err) < 0
		       ? -1
		       : 0;
}

static int undo_link(void *arg, struct cni_err *err)
{
	const struct br_made *made = arg;
	AUTO(rt) struct rt *host = NULL;
	int r;

	if (!made->link)
		return 0;
	r = rt_open(&host);
	if (r < 0)
		return br_fail(err, NULL, r, "cannot open rtnetlink");
	return delete_port(host, &made->call->att, err) < 0 ? -1 : 0;
}

static int undo_addresses(void *arg, struct cni_err *err)
{
	const struct br_made *made = arg;

	return made->addresses ? release(made->call, err) : 0;
}

static int undo_spoof(void *arg, struct cni_err *err)
{
	const struct br_made *made = arg;
	AUTO(fw) struct fw *fw = NULL;
	int r = made->spoof ? br_open_rules(&fw) : 0;

	if (r > 0)
		r = fw_spoof_del(fw, &made->call->att);
	return rule_step(fw, r, "remove macspoofchk rules", err);
}

static int undo_masq(void *arg, struct cni_err *err)
{
	const struct br_made *made = arg;
	AUTO(fw) struct fw *fw = NULL;
	int r = made->masq ? br_open_rules(&fw) : 0;

	if (r > 0)
		r = fw_masq_del_owned(fw, &made->call->att);
	return rule_step(fw, r, "remove masquerade", err);
}

int br_plan_undo(struct br *br, struct undo *undo, struct cni_err *err)
{
	struct br_made *made = calloc(1, sizeof(*made));

	if (!made)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	made->call = br->call;
	br->made = made;
	/* the last one is the first to be undone */
	undo_push(undo, "remove the masquerade of its address", undo_masq, made,
		  free);
	undo_push(undo, "remove the macspoofchk rules", undo_spoof, made, NULL);
	undo_push(undo, "release the addresses", undo_addresses, made, NULL);
	undo_push(undo, "delete the veth pair", undo_link, made, NULL);
	return 0;
}

int br_del(const struct cni_call *call, struct cni_err *err)
{
	__attribute__((cleanup(ips_auto))) struct ips ips = { 0 };
	bool ours = false;
	int worst = 0;

	if (delete_links(call, &ips, &ours, err) < 0)
		worst = -1;
	if (ips.n == 0)
		ips_of_prev(&call->conf.prev, &ips);
	if (release(call, err) < 0)
		worst = -1;
	if (delete_rules(call, &ips, ours, err) < 0)
		worst = -1;
	return worst;
}
