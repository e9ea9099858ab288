// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-del.c - masquerade: the end of it, by DEL and GC */
#include "fw/masq-table.h"
#include "fw/masq.h"
#include "fw/owned.h"

/* The elements, and the chains that nothing leads to then. */
static int remove_pods(struct fw *fw, struct fw_owned *o)
{
	AUTO(names) struct names left = { 0 };
	int r = 0;

	for (size_t i = 0; i < o->n && r == 0; i++) {
		fw_del_elem(fw, o->v[i].set, &o->v[i].elem);
		if (!names_has(&o->used, o->v[i].elem.to))
			r = names_add(&left, o->v[i].elem.to);
	}
	return r < 0 ? r : masq_outside_left(fw, &left);
}

/* All of it, where no pod is left. Returns 1, 0 or -errno. */
static int drop(struct fw *fw)
{
	AUTO(masq_tables) struct masq_tables all = { 0 };
	int r = masq_tables_read(fw, &all);

	return r < 0 ? r : fw_table_drop(fw, &all.table);
}

/* A network without pods is none that the table has to know. */
static int forget_network(struct fw *fw, const char *network)
{
	struct fw_elem e, have;
	int r;

	masq_network_elem(network, &e);
	r = fw_elem_get(fw, &masq_networks, &e, &have);
	if (r == 1)
		fw_del_elem(fw, &masq_networks, &have);
	return r < 0 ? r : 0;
}

static int plan_removal(struct fw *fw, void *arg)
{
	struct fw_owned *o = arg;
	int r = fw_owned_find(fw, o);

	if (r == 0 && o->n > 0 && o->n_kept == 0)
		r = drop(fw);
	if (r != 0)
		return r < 0 ? r : (int)o->n;
	r = remove_pods(fw, o);
	if (r == 0 && o->n > 0 && !o->more)
		r = forget_network(fw, o->network);
	return r < 0 ? r : (int)o->n;
}

int fw_masq_unrestore(struct fw *fw, const char *owner, const char *network)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };

	fw_owned_init(&o, masq_all_pods, owner, network);
	return fw_change(fw, plan_removal, &o);
}

int fw_masq_del(struct fw *fw, const struct cni_attachment *owner)
{
	char comment[CNI_COMMENT_LEN];

	cni_owner(owner, comment, sizeof(comment));
	return fw_masq_unrestore(fw, comment, owner->network);
}

int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };
	int r = fw_owned_gc(&o, masq_all_pods, network, valid, n);

	return r < 0 ? r : fw_change(fw, plan_removal, &o);
}
