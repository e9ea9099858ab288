// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-bridge.c - what a network wants of its bridge */
#include "fw/firewall-bridge.h"

#include <string.h>

#include "fw/firewall-prefixes.h"
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
			b->missing = flag[i].what;
		else if (change < 0 && flag[i].set == &fw_inside && b->needed)
			b->missing = fw_isolation;
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

/* --- both ------------------------------------------------------------------*/

static int look_once(struct fw *fw, struct fw_bridge *b)
{
	struct fw_prefixes p = { .f = b->f, .shared = b->shared };
	int r = look_at_flags(fw, b);

	if (r < 0 || b->missing)
		return r;
	r = fw_prefixes_look(fw, &p);
	if (p.missing)
		b->missing = fw_guard;
	b->more |= p.more;
	return r;
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
	struct fw_prefixes p = { .f = b->f, .shared = b->shared };
	int r = plan_flags(fw, b), limited;

	if (r < 0)
		return r;
	limited = has_flag(fw, b, &fw_limited);
	return limited < 0 ? limited : fw_prefixes_plan(fw, &p, limited);
}
