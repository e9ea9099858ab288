// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-bridge.c - what a network wants of its bridge */
#include "fw/firewall-bridge.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "fw/firewall-table.h"
#include "fw/owned.h"

const char fw_isolation[] = "isolation", fw_exceptions[] = "exceptions",
	   fw_guard[] = "egress guard";

/* --- other networks' attachments -------------------------------------------*/

struct ports {
	struct names others; /* owned; owner texts */
	bool found;
};

static void ports_auto(struct ports *p)
{
	names_done(&p->others);
}

static int see_port(const struct fw_elem *e, void *arg)
{
	struct ports *p = arg;

	p->found |= names_has(&p->others, e->comment);
	return 0;
}

static int note_others(struct fw_bridge *b, const struct fw_owned *all,
		       struct ports *p)
{
	int r = 0;

	for (size_t i = 0; i < all->n && r == 0; i++) {
		const char *owner = all->v[i].elem.comment;

		if (!cni_owner_in_network(owner, b->f->network))
			r = names_add(&p->others, owner);
	}
	b->shared = p->others.n > 0;
	return r;
}

static int find_others(struct fw *fw, struct fw_bridge *b)
{
	static const struct fw_set *const sets[] = { &fw_attachments, NULL };
	AUTO(fw_owned) struct fw_owned all = { 0 };
	AUTO(ports) struct ports p = { 0 };
	int r;

	/* whatever is at the interface, and nobody's by this name */
	fw_owned_init(&all, sets, "-", "-");
	memcpy(all.iif, b->f->iface, strlen(b->f->iface));
	r = fw_owned_find(fw, &all);
	if (r == 0)
		r = note_others(b, &all, &p);
	/* twice: as fw_owned_find() says, a list may lack elements */
	for (int i = 0; i < 2 && r == 0 && b->shared; i++)
		r = fw_elems(fw, &fw_ports, see_port, &p);
	b->apart = p.found;
	return r < 0 ? r : 0;
}

/* --- names -----------------------------------------------------------------*/

/* The interface's element of a set that has no addresses. */
struct flag {
	const struct fw_set *set;
	bool wanted;
	const char *what;
};
#define FLAGS 6

static void flags_of(const struct fw_bridge *b, struct flag ret[FLAGS])
{
	const struct fw_firewall *f = b->f;
	bool isolated = f->policy == FW_ISOLATED;

	ret[0] = (struct flag){ &fw_bridges, f->policy != FW_OPEN,
				fw_isolation };
	ret[1] =
		(struct flag){ &fw_inside, b->needed && !isolated,
			       f->policy == FW_OPEN ? fw_guard : fw_isolation };
	ret[2] = (struct flag){ &fw_isolated, isolated, fw_isolation };
	ret[3] = (struct flag){ &fw_accepted, b->filter, fw_exceptions };
	ret[4] = (struct flag){ &fw_limited, f->limited, fw_guard };
	ret[5] = (struct flag){ &fw_no_host, f->no_host, fw_guard };
}

static void flag_elem(const struct fw_bridge *b, const struct fw_set *set,
		      struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, b->f->iface);
	if (set->part[1] != FW_TYPE_NONE)
		fw_elem_put_ifname(ret, b->f->iface);
}

/* Returns 1, 0 or -errno. */
static int has_flag(struct fw *fw, const struct fw_bridge *b,
		    const struct fw_set *set)
{
	struct fw_elem e, have;

	flag_elem(b, set, &e);
	return fw_elem_get(fw, set, &e, &have);
}

/* What of a flag is to be done: 1 adds it, -1 removes it, 0 leaves it. */
static int change_of(const struct fw_bridge *b, const struct flag *flag,
		     bool there)
{
	bool inside = flag->set == &fw_inside;

	if (flag->wanted == there || (flag->set == &fw_accepted && there))
		return 0;
	/* the stricter one: what is not inside */
	if (flag->wanted)
		return b->shared && b->apart && inside ? 0 : 1;
	return b->shared && !(inside && b->needed) ? 0 : -1;
}

static void note_missing(struct fw_bridge *b, const char *what)
{
	if (!b->missing)
		b->missing = what;
}

static int look_at_flags(struct fw *fw, struct fw_bridge *b)
{
	struct flag flag[FLAGS];
	int r = 0;

	flags_of(b, flag);
	for (size_t i = 0; i < FLAGS && r >= 0 && !b->missing; i++) {
		int change;

		r = has_flag(fw, b, flag[i].set);
		change = r < 0 ? 0 : change_of(b, &flag[i], r);
		if (change > 0)
			note_missing(b, flag[i].what);
		else if (change < 0 && flag[i].set == &fw_inside && b->needed)
			note_missing(b, fw_isolation);
		else if (change < 0)
			b->more = true;
	}
	return r < 0 ? r : 0;
}

static int plan_flags(struct fw *fw, const struct fw_bridge *b)
{
	struct flag flag[FLAGS];
	int r = 0;

	flags_of(b, flag);
	for (size_t i = 0; i < FLAGS && r >= 0; i++) {
		struct fw_elem e;
		int change;

		r = has_flag(fw, b, flag[i].set);
		change = r < 0 ? 0 : change_of(b, &flag[i], r);
		flag_elem(b, flag[i].set, &e);
		if (change > 0)
			fw_add_elem(fw, flag[i].set, &e);
		else if (change < 0)
			fw_del_elem(fw, flag[i].set, &e);
	}
	return r < 0 ? r : 0;
}

/* --- prefixes --------------------------------------------------------------*/

/* The prefixes that are wanted of one set, and what a list of it finds. */
struct list {
	struct fw *fw;
	const struct fw_bridge *b;
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

static void lists_of(struct fw *fw, const struct fw_bridge *b,
		     struct list ret[LISTS])
{
	const struct fw_firewall *f = b->f;

	for (size_t i = 0; i < LISTS; i++) {
		unsigned family = i % 2 ? AF_INET6 : AF_INET;
		bool allow = i >= 2;

		ret[i] = (struct list){
			.fw = fw,
			.b = b,
			.set = allow ? fw_allow(family) : fw_deny(family),
			.family = family,
			.net = allow ? f->allow : f->deny,
			.n = allow ? f->n_allow : f->n_deny,
			.allow = allow,
			.inner = allow && b->shared,
		};
	}
}

static void prefix_elem(const struct list *l, const struct ip_net *net,
			struct fw_elem *ret)
{
	struct ip_addr first = ip_net_first(net), last = ip_net_last(net);

	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, l->b->f->iface);
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
	return l->b->shared ? is_in(e, &have) : is_same(e, &have);
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

	memcpy(name, l->b->f->iface, strlen(l->b->f->iface));
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
static int look_at_list(struct list *l, struct fw_bridge *b)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < l->n && !b->missing; i++) {
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
			note_missing(b, fw_guard);
	}
	if (b->missing || (b->shared && !l->inner))
		return 0;
	r = fw_elems(l->fw, l->set, see_prefix, l);
	l->others |= !b->shared && l->n_there != n;
	if (r == 0 && l->others && l->allow)
		note_missing(b, fw_guard);
	else if (l->others)
		b->more = true;
	return r;
}

static int look_at_lists(struct fw *fw, struct fw_bridge *b)
{
	size_t n = b->f->limited ? LISTS : LISTS / 2;
	struct list list[LISTS];
	int r = 0;

	lists_of(fw, b, list);
	for (size_t i = 0; i < n && r == 0 && !b->missing; i++)
		r = look_at_list(&list[i], b);
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
	if (l->b->shared)
		r = fw_elems(l->fw, l->set, drop_inner, &in);
	if (r == 0)
		fw_add_elem(l->fw, l->set, e);
	return r;
}

static int plan_list(struct list *l)
{
	int r = 0;

	l->drop = l->inner || !l->b->shared;
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

static int plan_lists(struct fw *fw, const struct fw_bridge *b)
{
	int limited = has_flag(fw, b, &fw_limited), r = 0;
	struct list list[LISTS];

	if (limited < 0)
		return limited;
	lists_of(fw, b, list);
	for (size_t i = 0; i < LISTS && r == 0; i++) {
		/* who allows all says nothing of another's list, and of one
		   who does there is none */
		if (list[i].allow && b->shared && !b->f->limited)
			continue;
		list[i].inner &= limited;
		r = plan_list(&list[i]);
	}
	return r;
}

/* --- both ------------------------------------------------------------------*/

static int look_once(struct fw *fw, struct fw_bridge *b)
{
	int r = look_at_flags(fw, b);

	return r < 0 || b->missing ? r : look_at_lists(fw, b);
}

int fw_bridge_look(struct fw *fw, struct fw_bridge *b)
{
	int r;

	b->shared = b->apart = b->more = false;
	b->missing = NULL;
	r = look_once(fw, b);
	if (r < 0 || (!b->missing && !b->more))
		return r;
	r = find_others(fw, b);
	if (r < 0 || !b->shared)
		return r;
	b->more = false;
	b->missing = NULL;
	return look_once(fw, b);
}

int fw_bridge_plan(struct fw *fw, const struct fw_bridge *b)
{
	int r = plan_flags(fw, b);

	return r < 0 ? r : plan_lists(fw, b);
}
