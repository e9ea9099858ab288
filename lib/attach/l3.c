// SPDX-License-Identifier: GPL-2.0-or-later
/* l3.c - a link's addresses and routes in the sandbox: those it is given */
#include "attach/l3.h"

#include <sys/socket.h>

#include "base/netns.h"
#include "base/sysctl.h"
#include "route/addr.h"
#include "route/route.h"

/* The part that is done inside the namespace, not only through its socket. */
struct inside {
	const struct l3 *l;
	bool v6;
	const char *failed; /* out: the link that cannot have IPv6 */
};

bool l3_has_v6(const struct l3 *l)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (l->own->ips[i].address.addr.family == AF_INET6)
			return true;
	return false;
}

static int prepare_v6(struct inside *in)
{
	const char *ifname = in->l->s->call->att.ifname;
	int sys = in->l->s->sys, r;

	in->failed = "lo";
	r = sysctl_set_conf(sys, "ipv6", "lo", "disable_ipv6", "0");
	if (r < 0)
		return r;
	in->failed = ifname;
	r = sysctl_set_conf(sys, "ipv6", ifname, "disable_ipv6", "0");
	if (r < 0)
		return r;
	/* as the reference; ours never goes down */
	(void)sysctl_set_conf(sys, "ipv6", ifname, "keep_addr_on_down", "1");
	in->failed = NULL;
	return 0;
}

static int prepare_inside(void *arg)
{
	struct inside *in = arg;

	if (!in->l->prepared)
		(void)l3_set_sysctls((void *)in->l);
	return in->v6 ? prepare_v6(in) : 0;
}

static int prepare(const struct l3 *l, struct cni_err *err)
{
	struct inside in = { .l = l, .v6 = l3_has_v6(l) };
	int r = 0;

	if (in.v6 || !l->prepared)
		r = ns_run(l->s->call->sandbox, prepare_inside, &in);
	if (r < 0 && in.failed)
		return rt_fail(err, NULL, r,
			       "cannot set disable_ipv6 of \"%s\" to 0",
			       in.failed);
	if (r < 0)
		return rt_fail(err, NULL, r, "cannot prepare \"%s\" in %s",
			       l->s->call->att.ifname, l->s->call->netns);
	return 0;
}

static int add_addresses(const struct l3 *l, struct cni_err *err)
{
	char text[IP_STRLEN];

	for (size_t i = 0; i < l->own->n_ips; i++) {
		const struct ip_net *net = &l->own->ips[i].address;
		int r = rt_addr_add(l->s->cont, l->index, net,
				    (l->dad ? RT_ADDR_DAD : 0) |
					    (l->by_gateway ? RT_ADDR_NO_ROUTE
							   : 0));

		if (r < 0)
			return rt_fail(err, l->s->cont, r,
				       "failed to add IP addr %s to \"%s\"",
				       ip_net_format(net, text),
				       l->s->call->att.ifname);
	}
	return 0;
}

/* The gateway a route without one uses: the first of its family, or none. */
static struct ip_addr default_gw(const struct l3 *l, unsigned family)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (l->own->ips[i].gateway.family == family)
			return l->own->ips[i].gateway;
	return (struct ip_addr){ 0 };
}

/*
 * Whether gw is in a subnet that is behind a gateway. The kernel would refuse
 * it, and as the reference has it, it is a neighbour all the same: who that is,
 * the host may tell (proxy_arp).
 */
static bool is_behind(const struct l3 *l, const struct ip_addr *gw)
{
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (ip_cmp(&l->own->ips[i].gateway, gw) == 0)
			return false;
	for (size_t i = 0; i < l->own->n_ips; i++)
		if (ip_net_contains(&l->own->ips[i].address, gw))
			return l->by_gateway;
	return false;
}

static struct rt_route kernel_route(const struct l3 *l,
				    const struct cni_route *route)
{
	struct rt_route k = { .dst = route->dst,
			      .gw = route->gw,
			      .oif = l->index,
			      .mtu = (unsigned)route->mtu,
			      .advmss = (unsigned)route->advmss,
			      .priority = (unsigned)route->priority };

	if (route->table > 0)
		k.table = (unsigned)route->table;
	if (route->scope >= 0)
		k.scope = (uint8_t)route->scope;
	/* a route that is said to be on the link needs no gateway */
	if (!ip_is_set(&k.gw) && k.scope < RT_SCOPE_LINK)
		k.gw = default_gw(l, k.dst.addr.family);
	/* and one without a gateway is on the link, whoever says nothing */
	if (!ip_is_set(&k.gw) && route->scope < 0)
		k.scope = RT_SCOPE_LINK;
	k.on_link = is_behind(l, &k.gw);
	return k;
}

static bool same_route(const struct rt_route *a, const struct rt_route *b)
{
	struct ip_addr x = ip_net_first(&a->dst), y = ip_net_first(&b->dst);

	return a->dst.plen == b->dst.plen && ip_cmp(&x, &y) == 0 &&
	       ip_cmp(&a->gw, &b->gw) == 0 && a->priority == b->priority &&
	       a->table == b->table;
}

/* Given twice, with and without its gateway say, it is one route. */
static bool seen_before(const struct l3 *l, size_t i)
{
	struct rt_route a = kernel_route(l, &l->own->routes[i]);

	for (size_t k = 0; k < i; k++) {
		struct rt_route b = kernel_route(l, &l->own->routes[k]);

		if (same_route(&a, &b))
			return true;
	}
	return false;
}

static int add_routes(const struct l3 *l, struct cni_err *err)
{
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < l->own->n_routes; i++) {
		struct rt_route k = kernel_route(l, &l->own->routes[i]);
		int r;

		if (seen_before(l, i))
			continue;
		r = rt_route_add(l->s->cont, &k);
		if (r < 0)
			return rt_fail(err, l->s->cont, r,
				       "failed to add route '%s via %s dev %s'",
				       ip_net_format(&k.dst, dst),
				       ip_is_set(&k.gw) ? ip_format(&k.gw, gw)
							: "link",
				       l->s->call->att.ifname);
	}
	return 0;
}

int l3_bring_up(const struct l3 *l, struct cni_err *err)
{
	bool l2 = l->own->n_ips == 0;
	int r;

	if (!l2 && (prepare(l, err) < 0 || add_addresses(l, err) < 0))
		return -1;
	r = rt_link_up(l->s->cont, l->index);
	if (r < 0)
		return rt_fail(err, l->s->cont, r, "failed to set \"%s\" up",
			       l->s->call->att.ifname);
	if (l->by_gateway && l3_add_gateway_routes(l, err) < 0)
		return -1;
	return add_routes(l, err);
}

int l3_set_up(const struct l3 *l, struct cni_err *err)
{
	if (l3_bring_up(l, err) < 0 || l3_settle(l, err) < 0)
		return -1;
	/* a link of two, which is new, has nobody who knew another MAC */
	return l->by_gateway ? 0 : l3_announce(l, err);
}
