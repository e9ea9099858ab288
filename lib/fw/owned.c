// SPDX-License-Identifier: GPL-2.0-or-later
/* owned.c - elements, found by whose they are */
#include "fw/owned.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fw_owned_init(struct fw_owned *o, const struct fw_set *const *sets,
		   const char *owner, const char *network)
{
	o->sets = sets;
	o->network = network;
	snprintf(o->owner, sizeof(o->owner), "%s", owner);
}

int fw_owned_gc(struct fw_owned *o, const struct fw_set *const *sets,
		const char *network, const struct cni_attachment *valid,
		size_t n)
{
	o->sets = sets;
	o->network = network;
	return names_add_owners(&o->valid, network, valid, n);
}

static bool is_looked_for(struct fw_owned *o, const struct fw_elem *e)
{
	if (o->iif[0] && memcmp(e->key, o->iif, sizeof(o->iif)) == 0)
		return true;
	if (o->wanted && o->wanted(e, o->arg))
		return true;
	if (o->owner[0])
		return strcmp(e->comment, o->owner) == 0;
	return cni_owner_in_network(e->comment, o->network) &&
	       !names_has(&o->valid, e->comment);
}

struct one_set {
	struct fw_owned *o;
	const struct fw_set *set;
};

static int keep(struct fw_owned *o, const struct fw_elem *e)
{
	o->n_kept++;
	o->more |= cni_owner_in_network(e->comment, o->network);
	return *e->to && !names_has(&o->used, e->to)
		       ? names_add(&o->used, e->to)
		       : 0;
}

static int see_elem(const struct fw_elem *e, void *arg)
{
	const struct one_set *in = arg;
	struct fw_owned *o = in->o;
	struct fw_found *v;

	if (e->len != fw_set_key_len(in->set) || !is_looked_for(o, e))
		return keep(o, e);
	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].set == in->set && fw_elem_same(&o->v[i].elem, e))
			return 0;
	v = realloc(o->v, (o->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	o->v = v;
	v[o->n++] = (struct fw_found){ in->set, *e };
	return 0;
}

static int list(struct fw *fw, struct fw_owned *o)
{
	int r = 0;

	o->n = o->n_kept = 0;
	o->more = false;
	names_done(&o->used);
	for (size_t i = 0; o->sets[i] && r == 0; i++) {
		struct one_set in = { o, o->sets[i] };

		r = fw_elems(fw, in.set, see_elem, &in);
	}
	return r;
}

/*
 * Two lists that are alike count: while the kernel makes a set's hash table
 * larger or smaller, between two parts of a list, the list lacks elements or
 * has them twice, and the generation does not tell. One list is enough where
 * all elements of the owner were found, and others' too, so that the table
 * stays.
 */
int fw_owned_find(struct fw *fw, struct fw_owned *o)
{
	size_t n = 0, n_kept = 0;
	int r = list(fw, o);

	if (r == 0 && o->all && o->n == o->all && o->n_kept > 0)
		return 0;
	while (r == 0 && (o->n != n || o->n_kept != n_kept)) {
		n = o->n;
		n_kept = o->n_kept;
		r = list(fw, o);
	}
	return r;
}

void fw_owned_done(struct fw_owned *o)
{
	names_done(&o->valid);
	names_done(&o->used);
	free(o->v);
	o->v = NULL;
}
