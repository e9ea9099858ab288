// SPDX-License-Identifier: GPL-2.0-or-later
/* map.c - an attachment's mappings, as prevResult and the host tell them */
#include "map.h"

#include <errno.h>
#include <string.h>

#include "conf.h"
#include "route/link.h"
#include "route/route.h"

/* The link of the host that prevResult has just before the sandbox's one. */
static const char *find_link(const struct cni_call *call)
{
	const struct cni_result *prev = &call->conf.prev;

	for (size_t i = 1; i < prev->n_interfaces; i++) {
		const struct cni_interface *in = &prev->interfaces[i];
		const char *before = prev->interfaces[i - 1].name;

		if (in->sandbox && in->name && before &&
		    strcmp(in->name, call->att.ifname) == 0 &&
		    !prev->interfaces[i - 1].sandbox &&
		    strlen(before) < IFNAMSIZ)
			return before;
	}
	return "";
}

bool map_is_no_way(int r)
{
	return r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EACCES ||
	       r == -EINVAL || r == -ENODEV;
}

/* The interface by which the container is reached; "" where it is not. */
static int find_iface(struct map *m)
{
	struct rt_link link;
	struct rt_way way;
	int r = rt_route_lookup(m->host, &m->p.v[0].to, &way);

	if (r == 0 && way.type == RTN_UNICAST && way.oif > 0)
		r = rt_link_get_index(m->host, way.oif, &link);
	else if (r == 0)
		r = -ENETUNREACH;
	if (r == 0)
		memcpy(m->iface, link.name, IFNAMSIZ);
	return map_is_no_way(r) ? 0 : r;
}

/* The address by which the host asks the container's first mapping of IPv6;
 * unset where there is none, or no way. */
static int find_from(struct map *m)
{
	const struct fw_portmap *p = &m->p;
	struct rt_way way;
	size_t i = 0;
	int r;

	while (i < p->n && p->v[i].to.family != AF_INET6)
		i++;
	if (i == p->n)
		return 0;
	r = rt_route_lookup(m->host, &p->v[i].to, &way);
	if (r == 0 && way.type == RTN_UNICAST && !ip_is_link_local(&way.src))
		m->p.from = way.src;
	return map_is_no_way(r) ? 0 : r;
}

int map_read(const struct cni_call *call, struct map *m, struct cni_err *err)
{
	const struct conf *conf = call->own;
	int r = rt_open(&m->host);

	m->p = (struct fw_portmap){
		.owner = cni_owner(&call->att, m->owner, sizeof(m->owner)),
		.iface = m->iface,
		.link = find_link(call),
		.v = conf->v,
		.n = conf->n,
		.snat = conf->snat,
		.snat_all = conf->masq_all,
		.only = { conf->only[0], conf->only[1] },
		.n_only = { conf->n_only[0], conf->n_only[1] },
	};
	if (r == 0)
		r = find_iface(m);
	if (r == 0)
		r = find_from(m);
	if (r < 0)
		return rt_fail(err, m->host, r,
			       "cannot find the way to the container");
	m->p.local = conf->snat && conf->local && *m->iface;
	return 0;
}
