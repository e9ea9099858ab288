// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway-addr.c - the addresses of gateways on a link that many share */
#include "attach/gateway-addr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "route/addr.h"

/*
 * The last address that is in the way of net: another one whose subnet
 * overlaps. A primary one, which comes first, would take its secondary ones
 * along, and none of them could come back. The kernel gives every IPv6 link a
 * link-local one, which all of them share. Returns 1 and *ret, 0 where net is
 * there already or nothing is in the way
 * (*there tells which), or -errno.
 */
static int find_conflict(struct gateway_addrs *g, const struct ip_net *net,
			 struct rt_addr *ret, bool *there)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	size_t n = 0;
	int r = rt_addr_list(g->s->host, g->link->index, net->addr.family,
			     &list, &n);

	*there = false;
	for (size_t i = 0; i < n && r == 0; i++)
		if (ip_net_equal(&list[i].net, net))
			*there = true;
	for (size_t i = n; i-- > 0 && r == 0 && !*there;) {
		if (!ip_net_overlaps(&list[i].net, net) ||
		    (net->addr.family == AF_INET6 &&
		     ip_is_link_local(&list[i].net.addr)))
			continue;
		*ret = list[i];
		r = 1;
	}
	return r;
}

/* More addresses than this that are in the way are no network this ADD could
   have meant. */
#define REPLACED_MAX 12

/* An address that forceAddress took off an interface, for a failed ADD. */
struct replaced {
	const struct cni_attachment *att; /* of that ADD */
	char link[IFNAMSIZ];
	struct rt_addr old;
	struct ip_net new;
};

/* Stops at another attachment of the network, which uses the new address. */
static int see_user(const struct rt_link *l, void *arg)
{
	const struct cni_attachment *att = arg;

	return cni_owner_in_network(l->alias, att->network) &&
	       !cni_alias_is(l->alias, att);
}

/* undo: it comes back, unless the network got to work with the new one */
static int put_back(void *arg, struct cni_err *err)
{
	const struct replaced *rep = arg;
	AUTO(rt) struct rt *rt = NULL;
	char text[IP_STRLEN];
	struct rt_link link;
	int r = rt_open(&rt);

	if (r == 0)
		r = rt_link_get(rt, rep->link, &link);
	if (r == -ENODEV)
		return 0;
	if (r == 0)
		r = rt_link_each(rt, "veth", see_user, (void *)rep->att);
	if (r > 0)
		return 0;
	if (r == 0) {
		(void)rt_addr_del(rt, link.index, &rep->new);
		r = rt_addr_restore(rt, link.index, &rep->old);
	}
	if (r < 0 && r != -EEXIST)
		return rt_fail(err, rt, r, "cannot put %s back",
			       ip_net_format(&rep->old.net, text));
	return 0;
}

static int replace(struct gateway_addrs *g, const struct ip_net *net,
		   const struct rt_addr *old, struct cni_err *err)
{
	struct replaced *rep = malloc(sizeof(*rep));
	char text[IP_STRLEN];
	int r;

	if (!rep)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	*rep = (struct replaced){ .att = &g->s->call->att,
				  .old = *old,
				  .new = *net };
	memcpy(rep->link, g->link->name, IFNAMSIZ);
	r = rt_addr_del(g->s->host, g->link->index, &old->net);
	if (r == -EADDRNOTAVAIL) { /* somebody else removed it */
		free(rep);
		return 0;
	}
	/* where the answer got lost it may be gone all the same */
	undo_push(g->undo, "put a replaced address back", put_back, rep, free);
	if (r < 0)
		return rt_fail(err, g->s->host, r,
			       "failed to set bridge addr: "
			       "cannot remove %s from \"%s\"",
			       ip_net_format(&old->net, text), g->link->name);
	return 0;
}

/* Refuses what is in the way, or with forceAddress removes it alone. */
static int clear_conflict(struct gateway_addrs *g, const struct ip_net *net,
			  const struct rt_addr *old, struct cni_err *err)
{
	char want[IP_STRLEN], have[IP_STRLEN];

	if (g->force && g->n_replaced++ < REPLACED_MAX)
		return replace(g, net, old, err);
	ip_net_format(net, want);
	ip_net_format(&old->net, have);
	if (g->force)
		return cni_fail(err, CNI_EEXIST, 0,
				"failed to set bridge addr: more than %d "
				"addresses of \"%s\" are in the way, %s among "
				"them: forceAddress replaces no more",
				REPLACED_MAX, g->link->name, have);
	cni_fail(err, CNI_EEXIST, 0,
		 "failed to set bridge addr: \"%s\" already has an IP "
		 "address different from %s",
		 g->link->name, want);
	cni_detail(err, "remove %s, or set \"forceAddress\"", have);
	return -1;
}

int gateway_addr_ensure(struct gateway_addrs *g, const struct ip_net *net,
			struct cni_err *err)
{
	struct rt_addr old;
	char text[IP_STRLEN];
	bool there = false;
	int r = 1;

	/* what is removed may be refused by the kernel as not there, and yet
	   stay: an address with a peer */
	for (int i = 0; i <= REPLACED_MAX && r == 1; i++) {
		r = find_conflict(g, net, &old, &there);
		if (r == 1 && clear_conflict(g, net, &old, err) < 0)
			return -1;
	}
	if (r == 1)
		return cni_fail(err, CNI_EEXIST, 0,
				"failed to set bridge addr: cannot remove %s "
				"from \"%s\"",
				ip_net_format(&old.net, text), g->link->name);
	if (r == 0 && !there) {
		g->added = true;
		r = rt_addr_add(g->s->host, g->link->index, net, 0);
		if (r == -EEXIST) /* another ADD was faster */
			r = 0;
	}
	return r < 0 ? rt_fail(err, g->s->host, r,
			       "failed to set bridge addr: could not add IP "
			       "address %s to \"%s\"",
			       ip_net_format(net, text), g->link->name)
		     : 0;
}
