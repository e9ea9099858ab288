// SPDX-License-Identifier: GPL-2.0-or-later
/* living.c - ports of a bridge, and the network's attachments behind it */
#include "living.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/masq-tag.h"
#include "attach/veth.h"
#include "attach/veths.h"
#include "route/link.h"

/* The tag of who is behind a firewall and not masqueraded. */
#define FIREWALLED ((MASQ_TAG & ~1u) | FIREWALL_TAG)

static const char *first_of_host(const struct cni_result *prev)
{
	for (size_t i = 0; i < prev->n_interfaces; i++)
		if (!prev->interfaces[i].sandbox && prev->interfaces[i].name)
			return prev->interfaces[i].name;
	return NULL;
}

/* Behind the host's end of a veth, or the bridge that it is a port of. */
static int place_behind(struct rt *host, const struct rt_link *end,
			struct place *ret)
{
	struct rt_link master;
	int r;

	memcpy(ret->iface, end->name, IFNAMSIZ);
	if (end->master == 0)
		return 0;
	r = rt_link_get_index(host, end->master, &master);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	memcpy(ret->iface, master.name, IFNAMSIZ);
	memcpy(ret->port, end->name, IFNAMSIZ);
	return 0;
}

/*
 * The host's end of a veth that somebody else made, whose other end is the
 * sandbox's interface. Returns 0 or -errno: -ENODEV where there is none.
 */
static int find_end(const struct cni_call *call, struct rt *host,
		    struct rt_link *ret)
{
	AUTO(rt) struct rt *cont = NULL;
	struct rt_link inner;
	int r = call->sandbox < 0 ? -ENODEV : rt_open_at(call->sandbox, &cont);

	if (r == 0)
		r = rt_link_get(cont, call->att.ifname, &inner);
	if (r == 0)
		r = inner.lower ? rt_link_get_index(host, inner.lower, ret)
				: -ENODEV;
	if (r < 0)
		return r;
	return strcmp(inner.kind, "veth") == 0 &&
			       strcmp(ret->kind, "veth") == 0 &&
			       ret->lower == inner.index
		       ? 0
		       : -ENODEV;
}

/* The first of prevResult's that is a port of the bridge. */
static int find_port(struct rt *host, const struct cni_result *prev,
		     struct place *ret)
{
	struct rt_link br, port;
	int r = rt_link_get(host, ret->iface, &br);

	for (size_t i = 0; i < prev->n_interfaces && r == 0; i++) {
		const struct cni_interface *ifc = &prev->interfaces[i];

		if (ifc->sandbox || !ifc->name ||
		    rt_link_get(host, ifc->name, &port) < 0 ||
		    port.master != br.index)
			continue;
		memcpy(ret->port, port.name, IFNAMSIZ);
		break;
	}
	return r == -ENODEV ? 0 : r;
}

int living_place(const struct cni_call *call, struct rt *host,
		 struct place *ret)
{
	const struct cni_result *prev = &call->conf.prev;
	const char *first = first_of_host(prev);
	struct rt_link end;
	int r = veth_find(host, &call->att, &end);

	*ret = (struct place){ 0 };
	if (r == 0) {
		ret->veth = end.index;
		ret->tag = end.tag;
	} else if (r == -ENODEV) {
		r = find_end(call, host, &end);
	}
	if (r != -ENODEV)
		return r < 0 ? r : place_behind(host, &end, ret);
	if (!first || cni_ifname_problem(first))
		return 0;
	memcpy(ret->iface, first, strlen(first) + 1);
	return find_port(host, prev, ret);
}

static bool is_marked(uint32_t tag)
{
	return (tag & ~1u) == FIREWALLED;
}

int living_mark(struct rt *host, const struct place *place, bool on)
{
	struct rt_change change = { 0 };
	int r;

	if (!place->veth || is_marked(place->tag) == on)
		return 0;
	if (!on)
		change.tag = place->tag == FIREWALLED ? 0 : MASQ_TAG;
	else if (place->tag == MASQ_TAG)
		change.tag = MASQ_TAG | FIREWALL_TAG;
	else
		change.tag = FIREWALLED;
	change.no_tag = change.tag == 0;
	r = rt_link_set(host, place->veth, &change);
	/* gone meanwhile, or without IPv4 */
	return r == -ENODEV || r == -EAFNOSUPPORT ? 0 : r;
}

struct others {
	int bridge;
	const char *port;
};

static int see_other(const struct rt_link *link, void *arg)
{
	const struct others *o = arg;

	return link->master == o->bridge && strcmp(link->name, o->port) != 0;
}

int living_others(struct rt *host, const char *bridge, const char *port)
{
	struct rt_link br;
	struct others o = { .port = port };
	int r = rt_link_get(host, bridge, &br);

	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (strcmp(br.kind, "bridge") != 0)
		return 1;
	o.bridge = br.index;
	return rt_link_each(host, "veth", see_other, &o);
}

/* --- unmarked --------------------------------------------------------------*/

static bool is_dead(const struct rt_link *link, const void *arg)
{
	return is_marked(link->tag) && !veth_is_valid(arg, link->alias);
}

int living_unmark(const struct cni_call *call, struct rt *host)
{
	AUTO(veths) struct veths dead = { 0 };
	int r = veths_list(host, call->att.network, is_dead, call, &dead);

	for (size_t i = 0; i < dead.n && r == 0; i++) {
		const struct place place = { .veth = dead.v[i].index,
					     .tag = dead.v[i].tag };

		r = living_mark(host, &place, false);
	}
	return r;
}

/* --- joined ----------------------------------------------------------------*/

static bool is_joined(const struct rt_link *link, const void *arg)
{
	const int *bridge = arg;

	return link->master == *bridge && is_marked(link->tag);
}

struct owner {
	char text[CNI_COMMENT_LEN];
};
DEFINE_AUTO(owners, struct owner *, free)
DEFINE_AUTO(members, struct fw_member *, free)

int living_join(const struct cni_call *call, struct rt *host, struct fw *fw,
		const struct fw_firewall *f)
{
	AUTO(veths) struct veths living = { 0 };
	AUTO(owners) struct owner *owners = NULL;
	AUTO(members) struct fw_member *m = NULL;
	struct rt_link br;
	size_t n = 0;
	int r = rt_link_get(host, f->iface, &br);

	if (r < 0)
		return r == -ENODEV ? 0 : r;
	/* a veth without a bridge has but the one attachment */
	r = veths_list(host, call->att.network, is_joined, &br.index, &living);
	if (r < 0 || living.n == 0)
		return r;
	owners = calloc(living.n, sizeof(*owners));
	m = calloc(living.n, sizeof(*m));
	if (!owners || !m)
		return -ENOMEM;
	for (size_t i = 0; i < living.n; i++) {
		if (!cni_alias_comment(living.v[i].alias, owners[n].text))
			continue;
		m[n] = (struct fw_member){ owners[n].text, living.v[i].name };
		n++;
	}
	return n > 0 ? fw_firewall_join(fw, f, m, n) : 0;
}
