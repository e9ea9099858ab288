// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-prefixes.c - the prefixes that a network denies and allows */
#include "fw/firewall-prefixes.h"

#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "fw/firewall-table.h"

/* The prefixes that are wanted of one set, and what a list of it finds. */
struct list {
	struct fw *fw;
	const struct fw_prefixes *of;
	const struct fw_set *set;
	const struct ip_net *net;
	size_t n;
	size_t n_there; /* of the interface */
	unsigned family;
	bool allow;
	bool inner;  /* what is in one that is wanted is so too */
	bool drop;   /* what is not wanted */
	bool others; /* some are not wanted; known where they are compared */
};
#define LISTS 4

static void lists_of(struct fw *fw, const struct fw_prefixes *p,
		     struct list ret[LISTS])
{
	const struct fw_firewall *f = p->f;

	for (size_t i = 0; i < LISTS; i++) {
		unsigned family = i % 2 ? AF_INET6 : AF_INET;
		bool allow = i >= 2;

		ret[i] = (struct list){
			.fw = fw,
			.of = p,
			.set = allow ? fw_allow(family) : fw_deny(family),
			.family = family,
			.net = allow ? f->allow : f->deny,
			.n = allow ? f->n_allow : f->n_deny,
			.allow = allow,
			.inner = allow && p->shared,
		};
	}
}

static void prefix_elem(const struct list *l, const struct ip_net *net,
			struct fw_elem *ret)
{
	struct ip_addr first = ip_net_first(net), last = ip_net_last(net);

	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, l->of->f->iface);
	fw_elem_put(ret, first.b, last.b, ip_bytes(l->family));
}

static bool is_in(const struct fw_elem *e, const struct fw_elem *outer)
{
	return e->len == outer->len &&
	       memcmp(e->key, outer->key, e->len) >= 0 &&
	       memcmp(e->end, outer->end, e->len) <= 0;
}

static bool is_same(const struct fw_elem *a, const struct fw_elem *b)
{
	return is_in(a, b) && is_in(b, a);
}

/* The element that begins before or with e and has its beginning in it. */
static int get_around(const struct list *l, const struct fw_elem *e,
		      struct fw_elem *ret)
{
	struct fw_elem point = *e;

	memcpy(point.end, point.key, sizeof(point.end));
	return fw_elem_get(l->fw, l->set, &point, ret);
}

/* Whether it is there, where others are by one around it. 1, 0, -errno. */
static int is_there(const struct list *l, const struct fw_elem *e)
{
	struct fw_elem have;
	int r = get_around(l, e, &have);

	if (r <= 0)
		return r;
	return l->of->shared ? is_in(e, &have) : is_same(e, &have);
}

static bool is_wanted(const struct list *l, const struct fw_elem *have)
{
	for (size_t i = 0; i < l->n; i++) {
		struct fw_elem e;

		if (l->net[i].addr.family != l->family)
			continue;
		prefix_elem(l, &l->net[i], &e);
		if (l->inner ? is_in(have, &e) : is_same(have, &e))
			return true;
	}
	return false;
}

static bool is_of_interface(const struct list *l, const struct fw_elem *have)
{
	char name[IFNAMSIZ] = "";

	memcpy(name, l->of->f->iface, strlen(l->of->f->iface));
	return have->len >= IFNAMSIZ && memcmp(have->key, name, IFNAMSIZ) == 0;
}

static int see_prefix(const struct fw_elem *have, void *arg)
{
	struct list *l = arg;

	if (!is_of_interface(l, have))
		return 0;
	l->n_there++;
	/* where all are to be there, their number is enough for a look */
	if ((!l->drop && !l->inner) || is_wanted(l, have))
		return 0;
	l->others = true;
	if (l->drop)
		fw_del_elem(l->fw, l->set, have);
	return 0;
}

/* Those wanted that are there, of all that may be told by a look. */
static int look_at_list(struct list *l, struct fw_prefixes *p)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < l->n && !p->missing; i++) {
		struct fw_elem e;

		if (l->net[i].addr.family != l->family)
			continue;
		n++;
		if (l->inner)
			continue;
		prefix_elem(l, &l->net[i], &e);
		r = is_there(l, &e);
		if (r < 0)
			return r;
		if (r == 0)
			p->missing = true;
	}
	if (p->missing || (p->shared && !l->inner))
		return 0;
	r = fw_elems(l->fw, l->set, see_prefix, l);
	l->others |= !p->shared && l->n_there != n;
	if (r == 0 && l->others && l->allow)
		p->missing = true;
	else if (l->others)
		p->more = true;
	return r;
}

int fw_prefixes_look(struct fw *fw, struct fw_prefixes *p)
{
	size_t n = p->f->limited ? LISTS : LISTS / 2;
	struct list list[LISTS];
	int r = 0;

	lists_of(fw, p, list);
	for (size_t i = 0; i < n && r == 0 && !p->missing; i++)
		r = look_at_list(&list[i], p);
	return r;
}

struct inner {
	const struct list *l;
	const struct fw_elem *e;
};

/* Prefixes do not overlap otherwise than one being inside the other. */
static int drop_inner(const struct fw_elem *have, void *arg)
{
	const struct inner *in = arg;

	if (is_in(have, in->e))
		fw_del_elem(in->l->fw, in->l->set, have);
	return 0;
}

/* Of both lists what is in both: around it there is one that is dropped. */
static int plan_common(const struct list *l, const struct fw_elem *e)
{
	struct fw_elem have;
	int r = get_around(l, e, &have);

	if (r == 1 && is_in(e, &have) && !is_same(e, &have))
		fw_add_elem(l->fw, l->set, e);
	return r < 0 ? r : 0;
}

static int plan_prefix(const struct list *l, const struct fw_elem *e)
{
	struct inner in = { l, e };
	int r = is_there(l, e);

	if (r != 0)
		return r < 0 ? r : 0;
	if (l->of->shared)
		r = fw_elems(l->fw, l->set, drop_inner, &in);
	if (r == 0)
		fw_add_elem(l->fw, l->set, e);
	return r;
}

static int plan_list(struct list *l)
{
	int r = 0;

	l->drop = l->inner || !l->of->shared;
	if (l->drop)
		r = fw_elems(l->fw, l->set, see_prefix, l);
	for (size_t i = 0; i < l->n && r == 0; i++) {
		struct fw_elem e;

		if (l->net[i].addr.family != l->family)
			continue;
		prefix_elem(l, &l->net[i], &e);
		r = l->inner ? plan_common(l, &e) : plan_prefix(l, &e);
	}
	return r;
}

int fw_prefixes_plan(struct fw *fw, const struct fw_prefixes *p, bool limited)
{
	struct list list[LISTS];
	int r = 0;

	lists_of(fw, p, list);
	for (size_t i = 0; i < LISTS && r == 0; i++) {
		/* who allows all says nothing of another's list, and of one
		   who does there is none */
		if (list[i].allow && p->shared && !p->f->limited)
			continue;
		list[i].inner &= limited;
		r = plan_list(&list[i]);
	}
	return r;
}
