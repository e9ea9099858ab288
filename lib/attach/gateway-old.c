// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway-old.c - gateways' addresses that nobody on the bridge uses any more
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "attach/gateway-addr.h"
#include "route/addr.h"

struct old {
	struct rt_addr addr;
	bool used;
};

/* The addresses of a link that may be old, in the kernel's order; those that
   were taken off, for a failed ADD. */
struct olds {
	char link[IFNAMSIZ];
	size_t n;
	struct old v[];
};

/* A container's end behind a port. */
struct end {
	int netns, index;
};

struct ends {
	int gateway;   /* index of a link that is no container's */
	bool unknown;  /* there is a port that may use any address */
	struct end *v; /* owned */
	size_t n;
};

static void ends_auto(struct ends *e)
{
	free(e->v);
}

/* Stops at one that may use any address: a wire to other machines, a virtual
   machine's tap, a veth whose other end is no container's. */
static int note_port(const struct rt_link *port, void *arg)
{
	bool veth = strcmp(port->kind, "veth") == 0;
	struct ends *ends = arg;
	struct end *v;

	/* a VLAN may have one in place of a VLAN interface */
	if (veth && port->peer_netns < 0 && port->lower == ends->gateway)
		return 0;
	ends->unknown = !veth || port->peer_netns < 0;
	if (ends->unknown)
		return 1;
	v = realloc(ends->v, (ends->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	ends->v = v;
	v[ends->n++] = (struct end){ port->peer_netns, port->lower };
	return 0;
}

/* Whether an address could be a gateway's of another network. */
static bool may_be_old(const struct rt_addr *a, const struct cni_result *own)
{
	const struct ip_net *net = &a->net;

	/* leased, the link's own, or without a subnet that it leads to */
	if (!(a->flags & IFA_F_PERMANENT) || ip_is_link_local(&net->addr) ||
	    net->plen == ip_bits(net->addr.family))
		return false;
	for (size_t i = 0; i < own->n_ips; i++) {
		struct ip_net gw = { own->ips[i].gateway,
				     own->ips[i].address.plen };

		if (ip_net_overlaps(&gw, net))
			return false;
	}
	return true;
}

/* Marks whose subnet has an address of list. Returns whether there is one at
   all that is not link-local. */
static bool mark_used(const struct rt_addr *list, size_t n, struct olds *olds)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		const struct ip_addr *a = &list[i].net.addr;

		if (ip_is_link_local(a))
			continue;
		any = true;
		for (size_t k = 0; k < olds->n; k++)
			if (ip_net_contains(&olds->v[k].addr.net, a))
				olds->v[k].used = true;
	}
	return any;
}

/*
 * Marks each address whose subnet an attachment on the bridge has an address
 * of, and all of them where that cannot be told: also for a port whose other
 * end has none (yet), as in front of a virtual machine. Returns 0 or -errno.
 */
static int find_used(struct gateway_addrs *g, int bridge, struct olds *olds)
{
	AUTO(ends) struct ends ends = { .gateway = g->link->index };
	int r = rt_port_each(g->s->host, bridge, note_port, &ends);

	for (size_t i = 0; i < ends.n && r == 0 && !ends.unknown; i++) {
		AUTO(addrs) struct rt_addr *list = NULL;
		size_t n = 0;

		r = rt_addr_list_in(g->s->host, ends.v[i].netns,
				    ends.v[i].index, 0, &list, &n);
		if (r == 0)
			ends.unknown = !mark_used(list, n, olds);
		else if (r == -EINVAL || r == -EACCES) /* not to be entered */
			ends.unknown = true;
		else if (r == -ENODEV) /* gone meanwhile */
			r = 0;
	}
	for (size_t i = 0; i < olds->n && ends.unknown; i++)
		olds->v[i].used = true;
	return r < 0 && !ends.unknown ? r : 0;
}

/* In the list's order: an address is secondary to one before it. */
static int restore(struct rt *rt, int index, const struct olds *olds, bool all,
		   struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = 0; i < olds->n; i++) {
		const struct old *o = &olds->v[i];
		int r = 0;

		if (all || o->used)
			r = rt_addr_restore(rt, index, &o->addr);
		if (r < 0 && r != -EEXIST)
			return rt_fail(err, rt, r, "cannot put %s back",
				       ip_net_format(&o->addr.net, text));
	}
	return 0;
}

/* undo: all of them, since an ADD that works will look again */
static int put_back(void *arg, struct cni_err *err)
{
	const struct olds *olds = arg;
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link;
	int r = rt_open(&rt);

	if (r == 0)
		r = rt_link_get(rt, olds->link, &link);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return rt_fail(err, rt, r,
			       "cannot put addresses back on \"%s\"",
			       olds->link);
	return restore(rt, link.index, olds, true, err);
}

/* Returns 0 and an owned *ret, NULL where none may be old, or -errno. */
static int list_olds(struct gateway_addrs *g, const struct cni_result *own,
		     struct olds **ret)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	struct olds *olds;
	size_t n = 0, k = 0;
	int r = rt_addr_list(g->s->host, g->link->index, 0, &list, &n);

	for (size_t i = 0; i < n && r == 0; i++)
		if (may_be_old(&list[i], own))
			list[k++] = list[i];
	if (r < 0 || k == 0)
		return r;
	olds = calloc(1, sizeof(*olds) + k * sizeof(*olds->v));
	if (!olds)
		return -ENOMEM;
	memcpy(olds->link, g->link->name, IFNAMSIZ);
	for (olds->n = 0; olds->n < k; olds->n++)
		olds->v[olds->n].addr = list[olds->n];
	*ret = olds;
	return 0;
}

static void keep_unused(struct olds *olds)
{
	size_t k = 0;

	for (size_t i = 0; i < olds->n; i++)
		if (!olds->v[i].used)
			olds->v[k++] = olds->v[i];
	olds->n = k;
}

/* The last one first: a primary address takes its secondary ones along. */
static int remove_all(struct gateway_addrs *g, const struct olds *olds,
		      struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = olds->n; i-- > 0;) {
		const struct ip_net *net = &olds->v[i].addr.net;
		int r = rt_addr_del(g->s->host, g->link->index, net);

		/* somebody else was faster, or it has a peer */
		if (r < 0 && r != -EADDRNOTAVAIL)
			return rt_fail(err, g->s->host, r,
				       "cannot remove %s, which nobody uses, "
				       "from \"%s\"",
				       ip_net_format(net, text), g->link->name);
	}
	return 0;
}

static int fail_look(struct gateway_addrs *g, int r, struct cni_err *err)
{
	return rt_fail(err, g->s->host, r,
		       "could not look who uses the addresses of \"%s\"",
		       g->link->name);
}

int gateway_addr_drop_old(struct gateway_addrs *g, int bridge,
			  const struct cni_result *own, struct cni_err *err)
{
	struct olds *olds = NULL;
	int r = list_olds(g, own, &olds);

	if (r < 0)
		return fail_look(g, r, err);
	if (!olds)
		return 0;
	r = find_used(g, bridge, olds);
	keep_unused(olds);
	if (r < 0 || olds->n == 0) {
		free(olds);
		return r < 0 ? fail_look(g, r, err) : 0;
	}
	undo_push(g->undo, "put unused addresses back", put_back, olds, free);
	if (remove_all(g, olds, err) < 0)
		return -1;
	/* another ADD may have found its gateway there since, which it looks
	   for when its own address is in its sandbox */
	r = find_used(g, bridge, olds);
	if (r < 0)
		return fail_look(g, r, err);
	return restore(g->s->host, g->link->index, olds, false, err);
}
