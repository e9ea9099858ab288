// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-add.c - the firewall's elements: ADD and CHECK */
#include "fw/firewall.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "fw/filter.h"
#include "fw/firewall-bridge.h"
#include "fw/firewall-go.h"
#include "fw/firewall-table.h"

static const char attachment[] = "attachment";

/* What is asked for, and what the last look or plan found. */
struct ask {
	const struct fw_firewall *f;
	const struct fw_member *m;
	size_t n;
	struct fw_bridge bridge;
	const char *missing; /* NULL: nothing */
};

static bool has_guard(const struct fw_firewall *f)
{
	return f->n_deny > 0 || f->limited || f->no_host;
}

static bool is_needed(const struct ask *ask)
{
	return ask->bridge.needed;
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

	ask->bridge = (struct fw_bridge){ .f = ask->f, .filter = r > 0 };
	ask->bridge.needed =
		ask->f->policy != FW_OPEN || has_guard(ask->f) || r > 0;
	return r < 0 ? r : 0;
}

/* --- the Go plugins' bridges -----------------------------------------------*/

struct ours {
	const char *iface;
	bool found;
};

static int see_ours(const struct fw_elem *e, void *arg)
{
	char name[IFNAMSIZ + 1] = "";
	struct ours *ours = arg;

	if (e->len >= IFNAMSIZ)
		memcpy(name, e->key, IFNAMSIZ);
	ours->found |= strcmp(name, ours->iface) == 0;
	return 0;
}

/* Whether their chains alone know of it. Returns 1, 0 or -errno. */
static int is_left_out(struct fw *fw, const struct ask *ask, const char *bridge)
{
	struct ours ours = { .iface = bridge };
	struct fw_elem e = { 0 }, have;
	int r;

	if (strcmp(bridge, ask->f->iface) == 0)
		return 0;
	fw_elem_put_ifname(&e, bridge);
	r = fw_elem_get(fw, &fw_bridges, &e, &have);
	if (r != 0)
		return r < 0 ? r : 0;
	/* where attachments of ours are, their network says what holds */
	r = fw_elems(fw, &fw_attachments, see_ours, &ours);
	return r < 0 ? r : !ours.found;
}

static void add_bridge(struct fw *fw, const char *bridge)
{
	struct fw_elem e = { 0 };

	fw_elem_put_ifname(&e, bridge);
	fw_add_elem(fw, &fw_bridges, &e);
	fw_elem_put_ifname(&e, bridge);
	fw_add_elem(fw, &fw_inside, &e);
}

/*
 * Their chains keep their bridges apart, our table ours: each of theirs is put
 * there, too. Returns how many there are, or -errno.
 */
static int each_left_out(struct fw *fw, const struct ask *ask, bool add)
{
	AUTO(names) struct names names = { 0 };
	int n = 0, r = 0;

	if (ask->f->policy != FW_OPEN)
		r = fw_firewall_go_bridges(fw, &names);
	for (size_t i = 0; i < names.n && r >= 0; i++) {
		r = is_left_out(fw, ask, names.v[i]);
		if (r == 1 && add)
			add_bridge(fw, names.v[i]);
		n += r == 1;
	}
	return r < 0 ? r : n;
}

/* --- what is there ---------------------------------------------------------*/

/* Both, as far as they are needed. */
static int look_at_tables(struct fw *fw, struct ask *ask)
{
	int r = fw_table_look(fw, &fw_firewall_table);

	if (r == 0)
		ask->missing = "table inet " FW_FIREWALL_TABLE;
	if (r == 1 && has_ports(ask)) {
		r = fw_table_look(fw, &fw_firewall_port_table);
		if (r == 0)
			ask->missing = "table bridge " FW_FIREWALL_TABLE;
	}
	return r < 0 ? r : 0;
}

/* Where nothing is wanted, something may be there from when it was. */
static int look_at_rest(struct fw *fw, struct ask *ask)
{
	int r = fw_chain_get(fw, &fw_firewall_table.chain);

	return r == 1 ? fw_bridge_look(fw, &ask->bridge) : r;
}

/* All but the attachments. What is missing comes first. */
static int look_at_all(struct fw *fw, struct ask *ask)
{
	struct fw_filter filter = filter_of(ask);
	int r = look_for_filter(fw, ask);

	ask->missing = NULL;
	if (r < 0)
		return r;
	if (!is_needed(ask))
		return look_at_rest(fw, ask);
	r = look_at_tables(fw, ask);
	if (r == 0)
		r = fw_bridge_look(fw, &ask->bridge);
	if (r == 0 && !ask->missing)
		ask->missing = ask->bridge.missing;
	if (r == 0 && !ask->missing) {
		r = each_left_out(fw, ask, false);
		if (r > 0)
			ask->missing = fw_isolation;
	}
	if (r >= 0 && !ask->missing && ask->bridge.filter) {
		r = fw_filter_look(fw, &filter);
		if (r == 0)
			ask->missing = fw_exceptions;
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

static int make_tables(struct fw *fw, const struct ask *ask)
{
	int r = fw_table_make(fw, &fw_firewall_table);

	return r == 0 && has_ports(ask)
		       ? fw_table_make(fw, &fw_firewall_port_table)
		       : r;
}

/* Whatever there is. Returns 1 where it was not all of it, 0 or -errno. */
static int plan_over(struct fw *fw, void *arg)
{
	struct ask *ask = arg;
	struct fw_filter filter = filter_of(ask);
	int r = look_at_all(fw, ask);
	bool all = !ask->missing;

	if (r == 0 && !all)
		r = make_tables(fw, ask);
	if (r == 0 && (!all || ask->bridge.more))
		r = fw_bridge_plan(fw, &ask->bridge);
	if (r == 0 && !all)
		r = each_left_out(fw, ask, true);
	if (r < 0 || !is_needed(ask))
		return r;
	r = all ? 0 : fw_filter_make(fw, &filter);
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

	if (r < 0 || (!is_needed(&ask) && !ask.bridge.more))
		return r;
	r = ask.missing || ask.bridge.more ? -ENOENT
					   : fw_change_any(fw, plan_new, &ask);
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
