// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-del.c - the firewall's elements: DEL, GC and what is left over */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "fw/filter.h"
#include "fw/firewall-table.h"
#include "fw/firewall.h"
#include "fw/owned.h"

typedef char ifname[IFNAMSIZ];

static const struct fw_set *const attachments[] = { &fw_attachments, NULL };
static const struct fw_set *const ports[] = { &fw_ports, NULL };

/* Interfaces whose last attachment goes. */
struct last {
	ifname *v; /* owned */
	size_t n;
};

static void last_auto(struct last *last)
{
	free(last->v);
}

static bool has(const struct last *last, const uint8_t *name)
{
	for (size_t i = 0; i < last->n; i++)
		if (memcmp(last->v[i], name, IFNAMSIZ) == 0)
			return true;
	return false;
}

static int add_last(struct last *last, const uint8_t *name)
{
	ifname *v = realloc(last->v, (last->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	last->v = v;
	memcpy(v[last->n++], name, IFNAMSIZ);
	return 0;
}

/* How many of those found have the interface. */
static size_t count(const struct fw_owned *o, const uint8_t *name)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += memcmp(o->v[i].elem.key, name, IFNAMSIZ) == 0;
	return n;
}

/* Interfaces of which all attachments are among those found. */
static int find_last(struct fw *fw, const struct fw_owned *o, struct last *last)
{
	int r = 0;

	for (size_t i = 0; i < o->n && r == 0; i++) {
		const uint8_t *name = o->v[i].elem.key;
		AUTO(fw_owned) struct fw_owned all = { 0 };

		if (has(last, name))
			continue;
		/* whatever is at the interface, and nobody's by this name */
		fw_owned_init(&all, attachments, "-", "-");
		memcpy(all.iif, name, IFNAMSIZ);
		r = fw_owned_find(fw, &all);
		if (r == 0 && all.n == count(o, name))
			r = add_last(last, name);
	}
	return r;
}

struct one_set {
	struct fw *fw;
	const struct fw_set *set;
	const struct last *last;
};

static int del_of_last(const struct fw_elem *e, void *arg)
{
	const struct one_set *in = arg;

	if (e->len >= IFNAMSIZ && has(in->last, e->key))
		fw_del_elem(in->fw, in->set, e);
	return 0;
}

/* All of the interfaces' but their attachments, in the sets of one chain. */
static int drop_last_in(struct fw *fw, const struct fw_table *t,
			const struct last *last)
{
	const struct fw_set *const *set = t->sets;
	int r = 0;

	for (; *set && r == 0; set++) {
		struct one_set in = { fw, *set, last };

		if (*set != &fw_attachments)
			r = fw_elems(fw, *set, del_of_last, &in);
	}
	return r;
}

static int drop_last(struct fw *fw, const struct last *last)
{
	const struct fw_table *t = &fw_firewall_table;
	int r = 0;

	for (; t && r == 0; t = t->more)
		r = drop_last_in(fw, t, last);
	return r;
}

/* What goes: of the one table, and of the other. */
struct removal {
	struct fw_owned attachments, ports;
};

static void removal_auto(struct removal *re)
{
	fw_owned_done(&re->attachments);
	fw_owned_done(&re->ports);
}

static void init(struct removal *re, const char *owner, const char *network)
{
	fw_owned_init(&re->attachments, attachments, owner, network);
	fw_owned_init(&re->ports, ports, owner, network);
}

/* With the last one of all the table goes. */
static int remove_found(struct fw *fw, const struct fw_table *t,
			struct fw_owned *o)
{
	int r = fw_owned_find(fw, o);

	if (r == 0 && o->n > 0 && o->n_kept == 0)
		r = fw_table_drop(fw, t);
	for (size_t i = 0; i < o->n && r == 0; i++)
		fw_del_elem(fw, o->v[i].set, &o->v[i].elem);
	return r;
}

static int plan_removal(struct fw *fw, void *arg)
{
	AUTO(last) struct last last = { 0 };
	struct removal *re = arg;
	int r, dropped;

	r = remove_found(fw, &fw_firewall_port_table, &re->ports);
	if (r < 0)
		return r;
	dropped = remove_found(fw, &fw_firewall_table, &re->attachments);
	if (dropped < 0)
		return dropped;
	r = find_last(fw, &re->attachments, &last);
	if (r == 0 && last.n > 0)
		r = fw_filter_drop(fw, (const ifname *)last.v, last.n);
	if (r == 0 && last.n > 0 && !dropped)
		r = drop_last(fw, &last);
	return r < 0 ? r : (int)(re->attachments.n + re->ports.n);
}

int fw_firewall_del(struct fw *fw, const struct cni_attachment *att)
{
	AUTO(removal) struct removal re = { 0 };
	char owner[CNI_COMMENT_LEN];

	cni_owner(att, owner, sizeof(owner));
	init(&re, owner, att->network);
	return fw_change(fw, plan_removal, &re);
}

int fw_firewall_gc(struct fw *fw, const char *network,
		   const struct cni_attachment *valid, size_t n)
{
	AUTO(removal) struct removal re = { 0 };
	int r = fw_owned_gc(&re.attachments, attachments, network, valid, n);

	if (r == 0)
		r = fw_owned_gc(&re.ports, ports, network, valid, n);
	return r < 0 ? r : fw_change(fw, plan_removal, &re);
}

/* --- what is left over -----------------------------------------------------*/

/* Interfaces that elements name and that are not there. */
static int note_gone(const struct fw_elem *e, void *arg)
{
	char name[IFNAMSIZ + 1] = "";
	struct last *gone = arg;

	if (e->len < IFNAMSIZ || has(gone, e->key))
		return 0;
	memcpy(name, e->key, IFNAMSIZ);
	if (if_nametoindex(name) != 0 || errno != ENODEV)
		return 0;
	return add_last(gone, e->key);
}

static int look_for_gone(struct fw *fw, void *arg)
{
	struct last *gone = arg;
	int r = fw_elems(fw, &fw_attachments, note_gone, gone);

	return r < 0 ? r : fw_elems(fw, &fw_ports, note_gone, gone);
}

int fw_firewall_sweep(struct fw *fw)
{
	AUTO(last) struct last gone = { 0 };
	int n = 0, r = fw_look(fw, look_for_gone, &gone);

	for (size_t i = 0; i < gone.n && r >= 0; i++) {
		AUTO(removal) struct removal re = { 0 };

		/* whatever is at the interface, and nobody's by this name */
		init(&re, "-", "-");
		memcpy(re.attachments.iif, gone.v[i], IFNAMSIZ);
		memcpy(re.ports.iif, gone.v[i], IFNAMSIZ);
		r = fw_change(fw, plan_removal, &re);
		n += r;
	}
	return r < 0 ? r : n;
}
