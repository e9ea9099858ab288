// SPDX-License-Identifier: GPL-2.0-or-later
/* inner.c - a link that is in the sandbox alone (macvlan, ipvlan, vlan, dummy)
 */
#include "attach/inner.h"

#include <errno.h>
#include <string.h>

#include "attach/veth.h"
#include "base/netns.h"
#include "cni/undo.h"
#include "route/kinds.h"
#include "route/route.h"

int inner_find_lower(const struct sandbox *s, const char *name, bool in_sandbox,
		     struct rt_link *ret, struct cni_err *err)
{
	struct rt *rt = in_sandbox ? s->cont : s->host;
	int index = 0, r;

	if (name) {
		r = rt_link_get(rt, name, ret);
	} else {
		r = rt_route_default(rt, &index);
		if (r == -ENOENT)
			return cni_fail(err, CNI_ECONF, 0,
					"no default route interface found");
		if (r == 0)
			r = rt_link_get_index(rt, index, ret);
		name = "of the default route";
	}
	if (r == -ENODEV)
		return cni_fail(
			err, CNI_ECONF, 0,
			"failed to lookup master \"%s\": Link not found", name);
	if (r < 0)
		return rt_fail(err, rt, r, "failed to lookup master \"%s\"",
			       name);
	return 0;
}

/*
 * If the kernel's answer got lost, a link of that name may be somebody else's:
 * of ours the MAC is known.
 */
static int make(struct rt *rt, const struct rt_new *new, struct undo *undo)
{
	int r = rt_link_add(rt, new);

	if (r == 0 || (rt_answer_lost(rt) && new->mac))
		undo_mark(undo, inner_del);
	return r;
}

/*
 * Linux before 6.15 looks for the new link's name where the socket is, too
 * (rtnl_newlink() with IFLA_NET_NS_FD), and a link of the host may have it:
 * then the new one is born under a name of our own.
 */
static int make_and_rename(const struct sandbox *s, const struct rt_new *new,
			   struct undo *undo)
{
	struct rt_new link = *new;
	char name[IFNAMSIZ];
	struct rt_link born;
	int r;

	cni_veth_name(&s->call->att, 0, name);
	link.name = name;
	r = make(s->host, &link, undo);
	if (r == 0)
		r = rt_link_get(s->cont, name, &born);
	if (r == 0)
		r = rt_link_set(s->cont, born.index,
				&(struct rt_change){ .name = new->name });
	return r;
}

/* As the kernel gives its index. -EEXIST: the sandbox has one of that name. */
static int make_any(const struct sandbox *s, const struct rt_new *new,
		    struct undo *undo)
{
	struct rt_link there;
	int r = make(s->host, new, undo);

	if (r == -EEXIST && rt_link_get(s->cont, new->name, &there) == -ENODEV)
		r = make_and_rename(s, new, undo);
	return r;
}

/* indexes that are tried, so far from each other: the host has those between */
#define INNER_INDEXES 10
#define INNER_STEP 1000

/*
 * A link that has the same index as the one below, each in its namespace, hears
 * of its carrier up to a second late, as an end of a veth does: see veth.c. It
 * is made again with another one, which for kernels up to 6.1 at least must be
 * free on the host as well.
 */
static int make_again(const struct sandbox *s, struct rt_new *new, int index,
		      struct undo *undo)
{
	int r = rt_link_del(s->cont, index);

	if (r < 0)
		return r;
	r = -EBUSY;
	new->index = new->lower;
	for (int i = 0; i < INNER_INDEXES && (r == -EBUSY || r == -EEXIST);
	     i++) {
		new->index += INNER_STEP;
		r = make(s->host, new, undo);
	}
	new->index = 0;
	/* as it comes: late, but that is all */
	return r == -EBUSY || r == -EEXIST ? make_any(s, new, undo) : r;
}

int inner_add(const struct sandbox *s, const struct rt_new *new,
	      bool in_sandbox, struct rt_link *ret, struct undo *undo,
	      struct cni_err *err)
{
	const char *name = s->call->att.ifname;
	struct rt *rt = in_sandbox ? s->cont : s->host;
	struct rt_new link = *new;
	int r, look;

	link.name = name;
	link.netns = in_sandbox ? -1 : s->call->sandbox;
	r = in_sandbox ? make(rt, &link, undo) : make_any(s, &link, undo);
	if (r == 0 && !in_sandbox && link.lower &&
	    rt_link_get(s->cont, name, ret) == 0 && ret->index == link.lower)
		r = make_again(s, &link, ret->index, undo);
	if (r == -EEXIST)
		return cni_fail(err, CNI_EEXIST, 0,
				"container interface name \"%s\" already "
				"exists in %s",
				name, s->call->netns);
	if (r < 0 && !rt_answer_lost(rt))
		return rt_fail(err, rt, r, "failed to create %s", new->kind);
	look = rt_link_get(s->cont, name, ret);
	if (r < 0 && (look < 0 || !new->mac ||
		      memcmp(ret->mac, new->mac, MAC_LEN) != 0)) {
		if (look == 0)
			undo_unmark(undo, inner_del);
		return rt_fail(err, rt, r, "failed to create %s", new->kind);
	}
	if (look < 0)
		return rt_fail(err, s->cont, look,
			       "failed to refetch %s \"%s\"", new->kind, name);
	return 0;
}

static int delete_one(struct rt *rt, const struct cni_call *call,
		      const char *name, struct cni_err *err)
{
	struct rt_link link;
	int r = rt_link_get(rt, name, &link);

	if (r == -ENODEV || (r == 0 && strcmp(link.kind, call->self) != 0))
		return 0;
	if (r < 0)
		return rt_fail(err, rt, r, "failed to lookup \"%s\"", name);
	return veth_delete(rt, &link, err);
}

int inner_del(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	char born[IFNAMSIZ];
	int r;

	if (ns_is_none(call->sandbox)) /* and so its links are gone */
		return 0;
	r = call->sandbox < 0 ? call->sandbox : rt_open_at(call->sandbox, &rt);
	if (r < 0)
		return rt_fail(err, rt, r, "failed to open netns \"%s\"",
			       call->netns);
	/* of an ADD that was killed before it had renamed it */
	cni_veth_name(&call->att, 0, born);
	if (delete_one(rt, call, call->att.ifname, err) < 0)
		return -1;
	return delete_one(rt, call, born, err);
}
