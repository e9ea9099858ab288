// SPDX-License-Identifier: GPL-2.0-or-later
/* veth.c - a veth pair whose host end is named and marked by its owner */
#include "attach/veth.h"

#include <errno.h>
#include <string.h>

#include "cni/undo.h"
#include "route/kinds.h"

/* salts of cni_veth_name() that are tried */
#define VETH_SALTS 8

/*
 * A link of that name is this attachment's if its alias says so, or if it is
 * a veth that got neither alias nor master: then its ADD was killed between
 * the two messages that make a port.
 */
static bool is_ours(const struct rt_link *l, const struct cni_attachment *att)
{
	if (*l->alias)
		return cni_alias_is(l->alias, att);
	return strcmp(l->kind, "veth") == 0 && l->master == 0;
}

bool veth_has_name(const struct cni_attachment *att, const char *name)
{
	char own[IFNAMSIZ];

	for (unsigned salt = 0; salt < VETH_SALTS; salt++) {
		cni_veth_name(att, salt, own);
		if (strcmp(name, own) == 0)
			return true;
	}
	return false;
}

int veth_find(struct rt *host, const struct cni_attachment *att,
	      struct rt_link *ret)
{
	char name[IFNAMSIZ];

	/* all names: what had the first one then may be gone by now */
	for (unsigned salt = 0; salt < VETH_SALTS; salt++) {
		int r;

		cni_veth_name(att, salt, name);
		r = rt_link_get(host, name, ret);
		if (r == 0 && is_ours(ret, att))
			return 0;
		if (r < 0 && r != -ENODEV)
			return r;
	}
	return -ENODEV;
}

static int choose_macs(const struct veth_conf *conf, struct rt_veth *veth)
{
	int r = mac_random(veth->mac);

	if (conf->mac.given)
		memcpy(veth->peer_mac, conf->mac.b, MAC_LEN);
	else if (r == 0)
		r = mac_random(veth->peer_mac);
	return r;
}

/*
 * Makes the pair and looks at the host's end. If the kernel's answer got lost,
 * the MAC, which is random, tells whether it is there.
 */
static int make(const struct sandbox *s, const struct rt_veth *veth,
		struct rt_link *ret, struct undo *undo)
{
	int r = rt_veth_add(s->host, veth);
	bool lost = rt_answer_lost(s->host);
	int look;

	if (r < 0 && !lost)
		return r;
	undo_mark(undo, veth_del);
	look = rt_link_get(s->host, veth->name, ret);
	if (!lost || look < 0)
		return lost ? r : look;
	if (memcmp(ret->mac, veth->mac, MAC_LEN) == 0)
		return 0;
	undo_unmark(undo, veth_del);
	return r;
}

/* pairs of indexes that are tried */
#define VETH_INDEXES 10

/*
 * The pair again, with indexes that differ. Where both ends have the same one,
 * each in its namespace, the kernel takes the news of the carrier for not
 * urgent (linkwatch_urgent_event()), and tells up to a second later that the
 * link is up. Whose turn it is in both namespaces are the same numbers where
 * both are fresh, so it is not often that this takes a deletion.
 */
static int make_again(const struct sandbox *s, struct rt_veth *veth,
		      struct rt_link *ret, struct undo *undo)
{
	int index = ret->index;
	int r = rt_link_del(s->host, index);

	if (r == -ENODEV)
		r = 0;
	if (r < 0)
		return r;
	r = -EBUSY;
	for (int i = 0; i < VETH_INDEXES && (r == -EBUSY || r == -EEXIST);
	     i++) {
		veth->index = index + 2 * i;
		veth->peer_index = veth->index + 1;
		r = make(s, veth, ret, undo);
	}
	veth->index = veth->peer_index = 0;
	/* as it comes: late, but that is all */
	return r == -EBUSY || r == -EEXIST ? make(s, veth, ret, undo) : r;
}

/*
 * EEXIST: the container's name is taken; or (port) this attachment exists
 * already, perhaps in another sandbox.
 */
static int fail_exists(const struct cni_call *call, const struct rt_link *port,
		       struct cni_err *err)
{
	if (!port)
		return cni_fail(err, CNI_EEXIST, 0,
				"container interface name \"%s\" already "
				"exists in %s",
				call->att.ifname, call->netns);
	cni_fail(err, CNI_EEXIST, 0,
		 "container %s is attached to network %s as %s already",
		 call->att.id, call->att.network, call->att.ifname);
	cni_detail(err, "the host interface %s belongs to it; DEL it first",
		   port->name);
	return -1;
}

int veth_refuse_second(const struct sandbox *s, struct cni_err *err)
{
	const struct cni_attachment *att = &s->call->att;
	struct rt_link link;
	char name[IFNAMSIZ];
	int r;

	cni_veth_name(att, 0, name);
	r = rt_link_get(s->host, name, &link);
	if (r == 0 && is_ours(&link, att))
		return fail_exists(s->call, &link, err);
	if (r < 0 && r != -ENODEV)
		return rt_fail(err, s->host, r, "could not lookup \"%s\"",
			       name);
	r = rt_link_get(s->cont, att->ifname, &link);
	if (r == 0)
		return fail_exists(s->call, NULL, err);
	if (r != -ENODEV)
		return rt_fail(err, s->cont, r, "could not lookup \"%s\"",
			       att->ifname);
	return 0;
}

int veth_add(const struct sandbox *s, const struct veth_conf *conf,
	     struct veth *ret, struct undo *undo, struct cni_err *err)
{
	const struct cni_attachment *att = &s->call->att;
	char name[IFNAMSIZ];
	struct rt_veth v = { .name = name,
			     .peer_name = att->ifname,
			     .mtu = conf->mtu,
			     .peer_netns = s->call->sandbox };
	struct rt_link other;
	int r = choose_macs(conf, &v);

	if (r < 0)
		return rt_fail(err, NULL, r, "cannot choose a MAC address");
	for (unsigned salt = 0; salt < VETH_SALTS; salt++) {
		cni_veth_name(att, salt, name);
		r = make(s, &v, &ret->host, undo);
		if (r == 0 && ret->host.index == ret->host.lower)
			r = make_again(s, &v, &ret->host, undo);
		if (r != -EEXIST)
			break;
		r = rt_link_get(s->host, name, &other);
		if (r == -ENODEV)
			return fail_exists(s->call, NULL, err);
		if (r == 0 && is_ours(&other, att))
			return fail_exists(s->call, &other, err);
		if (r < 0)
			break;
		r = -EEXIST; /* somebody else's: the next salt */
	}
	if (r < 0)
		return rt_fail(err, s->host, r, "failed to make veth pair");
	ret->cont = ret->host.lower;
	memcpy(ret->mac, v.peer_mac, MAC_LEN);
	return 0;
}

int veth_delete(struct rt *rt, const struct rt_link *l, struct cni_err *err)
{
	int r = rt_link_del(rt, l->index);

	if (r < 0 && r != -ENODEV)
		return rt_fail(err, rt, r, "failed to delete \"%s\"", l->name);
	return 0;
}

int veth_look(const struct cni_call *call, struct rt **host,
	      struct rt_link *ret, struct cni_err *err)
{
	int r = rt_open(host);

	if (r < 0)
		return rt_fail(err, NULL, r, "cannot open rtnetlink");
	r = veth_find(*host, &call->att, ret);
	if (r < 0 && r != -ENODEV)
		return rt_fail(err, *host, r, "cannot look for the host's end");
	return r == 0;
}

int veth_del(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *host = NULL;
	struct rt_link port;
	int r = veth_look(call, &host, &port, err);

	return r > 0 ? veth_delete(host, &port, err) : r;
}
