// SPDX-License-Identifier: GPL-2.0-or-later
/* living.c - ports of a bridge, and the network's attachments behind it */
#include "living.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "route/link.h"

int living_port(struct rt *host, const struct cni_result *prev,
		const char *bridge, char ret[IFNAMSIZ])
{
	struct rt_link br, port;
	int r = rt_link_get(host, bridge, &br);

	for (size_t i = 0; i < prev->n_interfaces && r == 0; i++) {
		const struct cni_interface *ifc = &prev->interfaces[i];

		if (ifc->sandbox || !ifc->name ||
		    rt_link_get(host, ifc->name, &port) < 0 ||
		    port.master != br.index)
			continue;
		memcpy(ret, port.name, IFNAMSIZ);
		return 1;
	}
	return r == -ENODEV ? 0 : r;
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

/* --- joined ----------------------------------------------------------------*/

struct neighbour {
	char owner[CNI_COMMENT_LEN], port[IFNAMSIZ];
};

struct living {
	const char *network;
	int bridge;
	struct neighbour *v; /* owned */
	size_t n;
};

static void living_auto(struct living *l)
{
	free(l->v);
}

static int note(const struct rt_link *link, void *arg)
{
	struct living *l = arg;
	struct neighbour *v;

	if (link->master != l->bridge ||
	    !cni_owner_in_network(link->alias, l->network))
		return 0;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].port, link->name) == 0)
			return 0;
	v = realloc(l->v, (l->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	if (!cni_owner_comment(link->alias, v[l->n].owner))
		return 0;
	memcpy(v[l->n++].port, link->name, IFNAMSIZ);
	return 0;
}

DEFINE_AUTO(members, struct fw_member *, free)

int living_join(const struct cni_call *call, struct rt *host, struct fw *fw,
		const struct fw_firewall *f)
{
	AUTO(living) struct living l = { .network = call->att.network };
	AUTO(members) struct fw_member *m = NULL;
	struct rt_link br;
	int r = rt_link_get(host, f->iface, &br);

	if (r < 0)
		return r == -ENODEV ? 0 : r;
	/* a veth without a bridge has but the one attachment */
	l.bridge = br.index;
	r = rt_link_each(host, "veth", note, &l);
	if (r < 0 || l.n == 0)
		return r;
	m = calloc(l.n, sizeof(*m));
	if (!m)
		return -ENOMEM;
	for (size_t i = 0; i < l.n; i++)
		m[i] = (struct fw_member){ l.v[i].owner, l.v[i].port };
	return fw_firewall_join(fw, f, m, l.n);
}
