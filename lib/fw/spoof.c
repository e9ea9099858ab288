// SPDX-License-Identifier: GPL-2.0-or-later
/* spoof.c - macspoofchk: a port may send with its own MAC address only */
#include "fw/spoof.h"

#include <net/if.h> /* the kernel's own does not compile before this one */
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter/nf_tables.h>

#include "fw/expr.h"
#include "fw/owned.h"
#include "fw/spoof-go.h"
#include "fw/table.h"

#define TABLE "cni_spoof"

static const struct fw_set ports = { .family = NFPROTO_BRIDGE,
				     .table = TABLE,
				     .name = "ports",
				     .part = { FW_TYPE_IFNAME } };
static const struct fw_set macs = { .family = NFPROTO_BRIDGE,
				    .table = TABLE,
				    .name = "macs",
				    .part = { FW_TYPE_IFNAME, FW_TYPE_ETHER } };
static const struct fw_set *const sets[] = { &ports, &macs, NULL };

/*
 * iifname . ether saddr @macs return
 * iifname @ports drop
 */
static void put_rule(struct fw *fw, unsigned i)
{
	static const enum fw_field field[] = { FW_IIFNAME, FW_ETHER_SADDR };

	fw_expr_in_set(fw, i == 0 ? &macs : &ports, field);
	fw_expr_verdict(fw, i == 0 ? NFT_RETURN : NF_DROP);
}

/* type filter hook prerouting priority dstnat, as the Go plugins have it */
static const struct fw_table table = {
	.chain = { NFPROTO_BRIDGE, TABLE, "prerouting" },
	.hook = { "filter", NF_BR_PRE_ROUTING, NF_BR_PRI_NAT_DST_BRIDGED },
	.comment = "CNI networks: frames with a container's own MAC alone",
	.sets = sets,
	.rules = 2,
	.rule = put_rule,
};

/* A guarded port: its elements, in the order of the sets. */
struct guard {
	struct fw_elem elem[2];
	struct fw_owned owned; /* what there is of it */
};

static void guard_auto(struct guard *g)
{
	fw_owned_done(&g->owned);
}

static void make_guard(const struct fw_spoof *s, struct guard *g)
{
	char owner[CNI_COMMENT_LEN];

	cni_owner(s->att, owner, sizeof(owner));
	fw_owned_init(&g->owned, sets, owner, s->att->network);
	for (unsigned i = 0; i < ARRAY_SIZE(g->elem); i++) {
		struct fw_elem *e = &g->elem[i];

		fw_elem_put_ifname(e, s->host_if);
		memcpy(e->comment, owner, sizeof(owner));
	}
	memcpy(g->owned.iif, g->elem[0].key, IFNAMSIZ);
	fw_elem_put(&g->elem[1], s->mac, s->mac, sizeof(s->mac));
}

/* --- ADD and CHECK ---------------------------------------------------------
 */

static int plan_new(struct fw *fw, void *arg)
{
	const struct guard *g = arg;

	for (unsigned i = 0; i < ARRAY_SIZE(g->elem); i++)
		fw_add_elem(fw, sets[i], &g->elem[i]);
	return 0;
}

/* Whatever there is: another MAC, another port, what others left. */
static int plan_over(struct fw *fw, void *arg)
{
	struct guard *g = arg;
	bool have[ARRAY_SIZE(g->elem)] = { 0 };
	int r = fw_table_make(fw, &table);

	if (r == 0)
		r = fw_owned_find(fw, &g->owned);
	if (r < 0)
		return r;
	for (size_t k = 0; k < g->owned.n; k++) {
		const struct fw_found *f = &g->owned.v[k];
		unsigned i = f->set == &ports ? 0 : 1;

		if (fw_elem_same(&f->elem, &g->elem[i]))
			have[i] = true;
		else
			fw_del_elem(fw, f->set, &f->elem);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(have); i++)
		if (!have[i])
			fw_add_elem(fw, sets[i], &g->elem[i]);
	return 0;
}

int fw_spoof_add(struct fw *fw, const struct fw_spoof *s)
{
	AUTO(guard) struct guard g = { 0 };

	make_guard(s, &g);
	return fw_table_add(fw, &table, plan_new, plan_over, &g);
}

static int look(struct fw *fw, void *arg)
{
	const struct guard *g = arg;

	for (unsigned i = 0; i < ARRAY_SIZE(g->elem); i++) {
		struct fw_elem have;
		int r = fw_elem_get(fw, sets[i], &g->elem[i], &have);

		if (r <= 0 || !fw_elem_same(&have, &g->elem[i]))
			return r < 0 ? r : 0;
	}
	return fw_table_look(fw, &table);
}

int fw_spoof_has(struct fw *fw, const struct fw_spoof *s)
{
	AUTO(guard) struct guard g = { 0 };
	int r;

	make_guard(s, &g);
	r = fw_look(fw, look, &g);
	return r != 0 ? r : spoof_go_has(fw, s->att, s->host_if, s->mac);
}

/* --- DEL and GC ------------------------------------------------------------
 */

static int plan_removal(struct fw *fw, void *arg)
{
	struct fw_owned *o = arg;
	int r = fw_owned_find(fw, o);

	if (r == 0 && o->n > 0 && o->n_kept == 0)
		r = fw_table_drop(fw, &table);
	for (size_t i = 0; i < o->n && r == 0; i++)
		fw_del_elem(fw, o->v[i].set, &o->v[i].elem);
	return r < 0 ? r : (int)o->n;
}

int fw_spoof_del(struct fw *fw, const struct cni_attachment *att)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };
	char owner[CNI_COMMENT_LEN];
	int r, go;

	cni_owner(att, owner, sizeof(owner));
	fw_owned_init(&o, sets, owner, att->network);
	o.all = 2; /* a port and its MAC */
	r = fw_change(fw, plan_removal, &o);
	go = spoof_go_del(fw, att);
	if (r < 0 || go < 0)
		return r < 0 ? r : go;
	return r > 0 || go > 0;
}

int fw_spoof_gc(struct fw *fw, const char *network,
		const struct cni_attachment *valid, size_t n)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };
	int r = fw_owned_gc(&o, sets, network, valid, n);

	return r < 0 ? r : fw_change(fw, plan_removal, &o);
}
