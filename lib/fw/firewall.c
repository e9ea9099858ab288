// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall.c - the firewall's elements: ADD and CHECK */
#include "fw/firewall.h"

#include <errno.h>
#include <string.h>

#include "fw/filter.h"
#include "fw/firewall-table.h"

/* What is asked for, and what the last look or plan found. */
struct ask {
	const struct fw_firewall *f;
	const struct fw_member *m;
	size_t n;
	bool filter;	     /* there is a FORWARD to have exceptions in */
	const char *missing; /* NULL: nothing */
};

static bool has_guard(const struct fw_firewall *f)
{
	return f->n_deny > 0 || f->limited || f->no_host;
}

static bool is_needed(const struct ask *ask)
{
	return ask->f->policy != FW_OPEN || has_guard(ask->f) || ask->filter;
}

/* Only ports of a bridge that is isolated have to do with the other table. */
static bool has_ports(const struct ask *ask)
{
	return ask->f->policy == FW_ISOLATED;
}

static struct fw_filter filter_of(const struct ask *ask)
{
	const struct fw_firewall *f = ask->f;

	return (struct fw_filter){ f->iface, f->admin, f->v4, f->v6 };
}

static int look_for_filter(struct fw *fw, struct ask *ask)
{
	struct fw_filter filter = filter_of(ask);
	int r = fw_filter_there(fw, &filter);

	ask->filter = r > 0;
	return r < 0 ? r : 0;
}

/* --- the interface's elements ---------------------------------------------*/

static const char isolation[] = "isolation", exceptions[] = "exceptions",
		  guard[] = "egress guard", attachment[] = "attachment";

/* Does something with an element that is wanted; what says what it is for. */
typedef int (*want_fn)(struct fw *fw, const struct fw_set *set,
		       const struct fw_elem *e, const char *what, void *arg);

static int want_name(struct fw *fw, const struct fw_set *set, const char *name,
		     const char *what, want_fn fn, void *arg)
{
	struct fw_elem e = { 0 };

	fw_elem_put_ifname(&e, name);
	if (set == &fw_inside)
		fw_elem_put_ifname(&e, name);
	return fn(fw, set, &e, what, arg);
}

static int want_prefixes(struct fw *fw, const char *iface,
			 const struct ip_net *net, size_t n, bool deny,
			 want_fn fn, void *arg)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		unsigned family = net[i].addr.family;
		struct ip_addr first = ip_net_first(&net[i]);
		struct ip_addr last = ip_net_last(&net[i]);
		struct fw_elem e = { 0 };

		fw_elem_put_ifname(&e, iface);
		fw_elem_put(&e, first.b, last.b, ip_bytes(family));
		r = fn(fw, deny ? fw_deny(family) : fw_allow(family), &e, guard,
		       arg);
	}
	return r;
}

static int want_all(struct fw *fw, const struct ask *ask, want_fn fn, void *arg)
{
	const struct fw_firewall *f = ask->f;
	int r = 0;

	if (f->policy != FW_OPEN)
		r = want_name(fw, &fw_bridges, f->iface, isolation, fn, arg);
	if (r == 0 && f->policy != FW_ISOLATED)
		r = want_name(fw, &fw_inside, f->iface,
			      f->policy == FW_OPEN ? guard : isolation, fn,
			      arg);
	if (r == 0 && ask->filter)
		r = want_name(fw, &fw_accepted, f->iface, exceptions, fn, arg);
	if (r == 0 && f->limited)
		r = want_name(fw, &fw_limited, f->iface, guard, fn, arg);
	if (r == 0 && f->no_host)
		r = want_name(fw, &fw_no_host, f->iface, guard, fn, arg);
	if (r == 0)
		r = want_prefixes(fw, f->iface, f->deny, f->n_deny, true, fn,
				  arg);
	if (r == 0)
		r = want_prefixes(fw, f->iface, f->allow, f->n_allow, false, fn,
				  arg);
	return r;
}

/* Whether all of e's interval is there. Returns 1, 0 or -errno. */
static int is_there(struct fw *fw, const struct fw_set *set,
		    const struct fw_elem *e)
{
	struct fw_elem point = *e, have;
	int r;

	memcpy(point.end, point.key, sizeof(point.end));
	r = fw_elem_get(fw, set, &point, &have);
	return r == 1 ? memcmp(have.end, e->end, e->len) >= 0 : r;
}

static int see_wanted(struct fw *fw, const struct fw_set *set,
		      const struct fw_elem *e, const char *what, void *arg)
{
	struct ask *ask = arg;
	int r = ask->missing ? 1 : is_there(fw, set, e);

	if (r == 0)
		ask->missing = what;
	return r < 0 ? r : 0;
}

/* In the isolated bridge nothing is inside. Returns 1, 0 or -errno. */
static int is_inside(struct fw *fw, const struct ask *ask, struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, ask->f->iface);
	fw_elem_put_ifname(ret, ask->f->iface);
	return ask->f->policy == FW_ISOLATED ? is_there(fw, &fw_inside, ret)
					     : 0;
}

/* All but the attachments. What is missing comes first. */
static int look_at_all(struct fw *fw, struct ask *ask)
{
	struct fw_filter filter = filter_of(ask);
	struct fw_elem inside;
	int r = look_for_filter(fw, ask);

	ask->missing = NULL;
	if (r < 0 || !is_needed(ask))
		return r;
	r = fw_table_look(fw, &fw_firewall_table);
	if (r == 0)
		ask->missing = "table inet " FW_FIREWALL_TABLE;
	if (r == 1 && has_ports(ask)) {
		r = fw_table_look(fw, &fw_firewall_port_table);
		if (r == 0)
			ask->missing = "table bridge " FW_FIREWALL_TABLE;
	}
	if (r == 1)
		r = want_all(fw, ask, see_wanted, ask);
	if (r == 0 && !ask->missing) {
		r = is_inside(fw, ask, &inside);
		if (r == 1)
			ask->missing = isolation;
	}
	if (r == 0 && !ask->missing && ask->filter) {
		r = fw_filter_look(fw, &filter);
		if (r == 0)
			ask->missing = exceptions;
	}
	return r < 0 ? r : 0;
}

/* --- the attachment's ------------------------------------------------------*/

static void port_elem(const struct fw_member *m, struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, m->port);
	memcpy(ret->comment, m->owner, strlen(m->owner) + 1);
}

static int plan_new(struct fw *fw, void *arg)
{
	const struct ask *ask = arg;
	struct fw_elem e;

	for (size_t i = 0; i < ask->n; i++) {
		fw_attachment_elem(ask->f->iface, ask->m[i].owner, &e);
		fw_add_elem(fw, &fw_attachments, &e);
		if (!has_ports(ask) || !ask->m[i].port)
			continue;
		port_elem(&ask->m[i], &e);
		fw_add_elem(fw, &fw_ports, &e);
	}
	return 0;
}

/* In the place of whatever has the key. */
static int put(struct fw *fw, const struct fw_set *set, const struct fw_elem *e)
{
	struct fw_elem have;
	int r = fw_elem_get(fw, set, e, &have);

	if (r < 0 || (r == 1 && fw_elem_same(&have, e)))
		return r < 0 ? r : 0;
	if (r == 1)
		fw_del_elem(fw, set, &have);
	fw_add_elem(fw, set, e);
	return 0;
}

static int plan_members(struct fw *fw, const struct ask *ask)
{
	struct fw_elem e;
	int r = 0;

	for (size_t i = 0; i < ask->n && r == 0; i++) {
		fw_attachment_elem(ask->f->iface, ask->m[i].owner, &e);
		r = put(fw, &fw_attachments, &e);
		if (r < 0 || !has_ports(ask) || !ask->m[i].port)
			continue;
		port_elem(&ask->m[i], &e);
		r = put(fw, &fw_ports, &e);
	}
	return r;
}

/* --- ADD -------------------------------------------------------------------*/

struct inner {
	struct fw *fw;
	const struct fw_set *set;
	const struct fw_elem *e;
};

/* Prefixes do not overlap otherwise than one being inside the other. */
static int drop_inner(const struct fw_elem *have, void *arg)
{
	const struct inner *in = arg;

	if (have->len == in->e->len &&
	    memcmp(have->key, in->e->key, have->len) >= 0 &&
	    memcmp(have->end, in->e->end, have->len) <= 0)
		fw_del_elem(in->fw, in->set, have);
	return 0;
}

static int add_wanted(struct fw *fw, const struct fw_set *set,
		      const struct fw_elem *e, const char *what, void *arg)
{
	struct inner in = { fw, set, e };
	int r = is_there(fw, set, e);

	(void)what;
	(void)arg;
	if (r != 0)
		return r < 0 ? r : 0;
	if (set->interval)
		r = fw_elems(fw, set, drop_inner, &in);
	if (r == 0)
		fw_add_elem(fw, set, e);
	return r;
}

/* Whatever there is. Returns 1 where it was not all of it, 0 or -errno. */
static int plan_over(struct fw *fw, void *arg)
{
	struct ask *ask = arg;
	struct fw_filter filter = filter_of(ask);
	struct fw_elem inside;
	int r = look_at_all(fw, ask);
	bool all = !ask->missing;

	if (r < 0 || !is_needed(ask))
		return r;
	if (!all) {
		r = fw_table_make(fw, &fw_firewall_table);
		if (r == 0 && has_ports(ask))
			r = fw_table_make(fw, &fw_firewall_port_table);
		if (r == 0)
			r = want_all(fw, ask, add_wanted, NULL);
		if (r == 0)
			r = is_inside(fw, ask, &inside);
		if (r == 1)
			fw_del_elem(fw, &fw_inside, &inside);
		if (r >= 0)
			r = fw_filter_make(fw, &filter);
	}
	if (r == 0)
		r = plan_members(fw, ask);
	return r < 0 ? r : !all;
}

static int look(struct fw *fw, void *arg)
{
	return look_at_all(fw, arg);
}

int fw_firewall_add(struct fw *fw, const struct fw_firewall *f,
		    const struct fw_member *m)
{
	struct ask ask = { .f = f, .m = m, .n = 1 };
	int r = fw_look(fw, look, &ask);

	if (r < 0 || !is_needed(&ask))
		return r;
	r = ask.missing ? -ENOENT : fw_change_any(fw, plan_new, &ask);
	if (r == -ENOENT || r == -EEXIST || r == -ERESTART)
		r = fw_change(fw, plan_over, &ask);
	return r;
}

static int plan_join(struct fw *fw, void *arg)
{
	return plan_members(fw, arg);
}

int fw_firewall_join(struct fw *fw, const struct fw_firewall *f,
		     const struct fw_member *m, size_t n)
{
	struct ask ask = { .f = f, .m = m, .n = n };

	return n ? fw_change(fw, plan_join, &ask) : 0;
}

/* --- CHECK -----------------------------------------------------------------*/

static int see_member(struct fw *fw, struct ask *ask)
{
	struct fw_elem e, have;
	int r;

	fw_attachment_elem(ask->f->iface, ask->m->owner, &e);
	r = fw_elem_get(fw, &fw_attachments, &e, &have);
	if (r == 1 && has_ports(ask) && ask->m->port) {
		port_elem(ask->m, &e);
		r = fw_elem_get(fw, &fw_ports, &e, &have);
		r = r == 1 ? fw_elem_same(&have, &e) : r;
	}
	if (r == 0)
		ask->missing = attachment;
	return r < 0 ? r : 0;
}

static int look_for_member(struct fw *fw, void *arg)
{
	struct ask *ask = arg;
	int r = look_at_all(fw, ask);

	if (r == 0 && is_needed(ask) && !ask->missing)
		r = see_member(fw, ask);
	return r;
}

int fw_firewall_has(struct fw *fw, const struct fw_firewall *f,
		    const struct fw_member *m, const char **ret_missing)
{
	struct ask ask = { .f = f, .m = m, .n = 1 };
	int r = fw_look(fw, look_for_member, &ask);

	if (r < 0)
		return r;
	*ret_missing = ask.missing;
	return !ask.missing;
}
