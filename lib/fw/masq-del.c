// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-del.c - masquerade: the end of it, by DEL and GC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/names.h"
#include "fw/masq-table.h"
#include "fw/masq.h"

struct removal {
	bool (*chosen)(const char *comment, void *arg);
	void *arg;
	const char *network;  /* they are of this one */
	unsigned family;      /* of the set that is read */
	struct fw_elem *pods; /* owned: those chosen */
	size_t n, n_kept;
	bool more; /* of the network */
};

static int see_pod(const struct fw_elem *e, void *arg)
{
	struct removal *rm = arg;
	struct fw_elem *pods;

	if (e->len != IFNAMSIZ + ip_bytes(rm->family) ||
	    !rm->chosen(e->comment, rm->arg)) {
		rm->n_kept++;
		rm->more |= cni_owner_in_network(e->comment, rm->network);
		return 0;
	}
	for (size_t i = 0; i < rm->n; i++)
		if (fw_elem_same(&rm->pods[i], e))
			return 0;
	pods = realloc(rm->pods, (rm->n + 1) * sizeof(*pods));
	if (!pods)
		return -ENOMEM;
	rm->pods = pods;
	pods[rm->n++] = *e;
	return 0;
}

static int remove_pod(struct fw *fw, const struct fw_elem *pod)
{
	unsigned family =
		pod->len == IFNAMSIZ + ip_bytes(AF_INET) ? AF_INET : AF_INET6;
	struct fw_elem inside;
	int r = masq_get_inside(fw, pod, family, &inside);

	if (r < 0)
		return r;
	fw_del_elem(fw, masq_pods(family), pod);
	if (r == 1)
		fw_del_elem(fw, masq_inside(family), &inside);
	return 0;
}

static int list_pods(struct fw *fw, struct removal *rm)
{
	static const unsigned families[] = { AF_INET, AF_INET6 };
	int r = 0;

	rm->n = rm->n_kept = 0;
	rm->more = false;
	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		rm->family = families[i];
		r = fw_elems(fw, masq_pods(rm->family), see_pod, rm);
	}
	return r;
}

/*
 * What is listed twice alike counts: where the kernel makes a set's hash table
 * larger or smaller between two parts of a list, that lacks elements or has
 * them twice, and the generation does not tell.
 */
static int list_surely(struct fw *fw, struct removal *rm)
{
	size_t n = 0, n_kept = 0;
	int r = list_pods(fw, rm);

	while (r == 0 && (rm->n != n || rm->n_kept != n_kept)) {
		n = rm->n;
		n_kept = rm->n_kept;
		r = list_pods(fw, rm);
	}
	return r;
}

/* A network without pods is none that the table has to know. */
static int forget_network(struct fw *fw, const char *network)
{
	struct fw_elem e, have;
	int r;

	masq_network_elem(network, &e);
	r = fw_elem_get(fw, masq_networks(), &e, &have);
	if (r == 1)
		fw_del_elem(fw, masq_networks(), &have);
	return r < 0 ? r : 0;
}

static int plan_removal(struct fw *fw, void *arg)
{
	struct removal *rm = arg;
	int r = list_surely(fw, rm);

	if (r == 0 && rm->n > 0 && rm->n_kept == 0)
		r = masq_table_drop(fw);
	if (r != 0)
		return r < 0 ? r : (int)rm->n;
	for (size_t i = 0; i < rm->n && r == 0; i++)
		r = remove_pod(fw, &rm->pods[i]);
	if (r == 0 && rm->n > 0 && !rm->more)
		r = forget_network(fw, rm->network);
	return r < 0 ? r : (int)rm->n;
}

static int remove_pods(struct fw *fw, struct removal *rm)
{
	int r = fw_change(fw, plan_removal, rm);

	free(rm->pods);
	return r;
}

static bool is_owner(const char *comment, void *arg)
{
	return strcmp(comment, arg) == 0;
}

int fw_masq_unrestore(struct fw *fw, const char *owner, const char *network)
{
	char comment[CNI_COMMENT_LEN];
	struct removal rm = { .chosen = is_owner,
			      .arg = comment,
			      .network = network };

	snprintf(comment, sizeof(comment), "%s", owner);
	return remove_pods(fw, &rm);
}

int fw_masq_del(struct fw *fw, const struct cni_attachment *owner)
{
	char comment[CNI_COMMENT_LEN];

	cni_owner(owner, comment, sizeof(comment));
	return fw_masq_unrestore(fw, comment, owner->network);
}

struct gc {
	const char *network;
	struct names *valid; /* owner texts */
};

static bool is_garbage(const char *comment, void *arg)
{
	struct gc *gc = arg;

	return cni_owner_in_network(comment, gc->network) &&
	       !names_has(gc->valid, comment);
}

int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n)
{
	AUTO(names) struct names names = { 0 };
	struct gc gc = { .network = network, .valid = &names };
	struct removal rm = { .chosen = is_garbage,
			      .arg = &gc,
			      .network = network };
	int r = names_add_owners(&names, network, valid, n);

	return r < 0 ? r : remove_pods(fw, &rm);
}
