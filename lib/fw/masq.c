// SPDX-License-Identifier: GPL-2.0-or-later
/* masq.c - masquerade: elements of maps, an attachment's own */
#include "fw/masq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fw/masq-table.h"

/* The addresses asked about, and whose they are. */
struct masq {
	const struct fw_masq *m;
	size_t n;
	char owner[CNI_COMMENT_LEN];
	size_t missing; /* of a look: the first that is not there */
	struct masq_tables tables;
};

static void masq_auto(struct masq *masq)
{
	masq_tables_done(&masq->tables);
}

static bool is_everything(const struct fw_masq *m)
{
	return m->address.plen == 0;
}

/* The same once more, or with another prefix length: the first one counts. */
static bool is_repeated(const struct masq *masq, size_t i)
{
	const struct fw_masq *m = masq->m;

	for (size_t j = 0; j < i; j++)
		if (strcmp(m[i].iif, m[j].iif) == 0 && !is_everything(&m[j]) &&
		    ip_cmp(&m[i].address.addr, &m[j].address.addr) == 0)
			return true;
	return false;
}

static int init(struct masq *masq, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n)
{
	*masq = (struct masq){ .m = m, .n = n };
	if (n > FW_MASQ_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		const struct ip_net *net = &m[i].address;

		if (!m[i].iif[0] || strlen(m[i].iif) >= IFNAMSIZ ||
		    ip_bits(net->addr.family) == 0 ||
		    net->plen > ip_bits(net->addr.family))
			return -EINVAL;
	}
	if (owner)
		cni_owner(owner, masq->owner, sizeof(masq->owner));
	if (masq_tables_init(&masq->tables, n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!is_everything(&m[i]) && !is_repeated(masq, i))
			masq_tables_put(&masq->tables, &m[i].address);
	return 0;
}

/* --- elements --------------------------------------------------------------
 */

static void make_pod(const struct fw_masq *m, const char *owner,
		     struct fw_elem *ret)
{
	const struct ip_addr *ip = &m->address.addr;

	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, m->iif);
	fw_elem_put(ret, ip->b, ip->b, ip_bytes(ip->family));
	masq_outside_name(&m->address, ret->to);
	memcpy(ret->comment, owner, strlen(owner) + 1);
}

/* --- CHECK -----------------------------------------------------------------
 */

/* Whether this address is masqueraded. Returns 1, 0 or -errno. */
static int look_at(struct fw *fw, const struct fw_masq *m, const char *owner)
{
	unsigned family = m->address.addr.family;
	struct fw_elem pod, have;
	int r;

	if (is_everything(m))
		return 1;
	make_pod(m, owner, &pod);
	r = fw_elem_get(fw, masq_pods(family), &pod, &have);
	return r == 1 ? fw_elem_same(&have, &pod) : r;
}

static int look(struct fw *fw, void *arg)
{
	struct masq *masq = arg;
	int r = 1;

	for (masq->missing = 0; masq->missing < masq->n; masq->missing++) {
		r = look_at(fw, &masq->m[masq->missing], masq->owner);
		if (r <= 0)
			return r;
	}
	masq->missing = 0;
	return fw_table_look(fw, &masq->tables.table);
}

static bool is_needed(const struct masq *masq)
{
	for (size_t i = 0; i < masq->n; i++)
		if (!is_everything(&masq->m[i]))
			return true;
	return false;
}

int fw_masq_has(struct fw *fw, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n, size_t *ret_missing)
{
	AUTO(masq) struct masq masq = { 0 };
	int r = init(&masq, owner, m, n);

	if (r < 0 || !is_needed(&masq))
		return r < 0 ? r : 1;
	r = fw_look(fw, look, &masq);
	if (r == 0)
		*ret_missing = masq.missing;
	return r;
}

/* --- ADD -------------------------------------------------------------------
 */

static int plan_new(struct fw *fw, void *arg)
{
	const struct masq *masq = arg;
	struct fw_elem e;

	for (size_t i = 0; i < masq->n; i++) {
		const struct fw_masq *m = &masq->m[i];
		unsigned family = m->address.addr.family;

		if (is_everything(m) || is_repeated(masq, i))
			continue;
		make_pod(m, masq->owner, &e);
		fw_add_elem(fw, masq_pods(family), &e);
	}
	return 0;
}

/* Whatever there is: what others left, no rules, no table. */
static int plan_over(struct fw *fw, void *arg)
{
	const struct masq *masq = arg;
	AUTO(names) struct names left = { 0 };
	struct fw_elem pod, have;
	int r = fw_table_make(fw, &masq->tables.table);

	for (size_t i = 0; i < masq->n && r >= 0; i++) {
		const struct fw_masq *m = &masq->m[i];
		const struct fw_set *pods = masq_pods(m->address.addr.family);

		if (is_everything(m) || is_repeated(masq, i))
			continue;
		make_pod(m, masq->owner, &pod);
		r = fw_elem_get(fw, pods, &pod, &have);
		if (r < 0 || (r == 1 && fw_elem_same(&have, &pod)))
			continue;
		if (r == 1) {
			fw_del_elem(fw, pods, &have);
			if (!masq_tables_has(&masq->tables, have.to))
				r = names_add(&left, have.to);
		}
		fw_add_elem(fw, pods, &pod);
	}
	return r < 0 ? r : masq_outside_left(fw, &left);
}

int fw_masq_add(struct fw *fw, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n)
{
	AUTO(masq) struct masq masq = { 0 };
	int r = init(&masq, owner, m, n);

	if (r < 0 || !is_needed(&masq))
		return r;
	return fw_table_add(fw, &masq.tables.table, plan_new, plan_over, &masq);
}

/* --- the network's other attachments ----------------------------------------
 */

/* A single request, whose answer is right whatever else changes. */
int fw_masq_known(struct fw *fw, const char *network)
{
	struct fw_elem e, have;
	int r;

	masq_network_elem(network, &e);
	r = fw_elem_get(fw, &masq_networks, &e, &have);
	return r == -ERESTART ? 0 : r;
}

/* Whether there are elements for all of them, whoever's. 1, 0 or -errno. */
static int are_there(struct fw *fw, const struct masq *masq)
{
	struct fw_elem pod, have;
	int r = 1;

	for (size_t i = 0; i < masq->n && r == 1; i++) {
		const struct fw_masq *m = &masq->m[i];

		make_pod(m, masq->owner, &pod);
		r = fw_elem_get(fw, masq_pods(m->address.addr.family), &pod,
				&have);
	}
	return r == -ERESTART ? 0 : r;
}

/* Where the chain of a subnet is not there, but the table is. */
static int plan_chains(struct fw *fw, void *arg)
{
	const struct masq *masq = arg;
	int r = fw_chain_get(fw, &masq_table.chain);

	if (r == 1)
		r = fw_table_make(fw, &masq->tables.table);
	else
		r = r < 0 ? r : -ENOENT;
	return r < 0 ? r : plan_new(fw, arg);
}

int fw_masq_restore(struct fw *fw, const char *owner, const struct fw_masq *m,
		    size_t n)
{
	AUTO(masq) struct masq masq = { 0 };
	int r = init(&masq, NULL, m, n);

	if (r < 0 || !is_needed(&masq))
		return r;
	snprintf(masq.owner, sizeof(masq.owner), "%s", owner);
	/* each commit makes others look again: none that is not needed */
	r = are_there(fw, &masq);
	if (r != 0)
		return r < 0 ? r : 0;
	r = fw_change_any(fw, plan_new, &masq);
	if (r == -ENOENT)
		r = fw_change(fw, plan_chains, &masq);
	return r == -EEXIST || r == -ERESTART ? 0 : r;
}

static int plan_network(struct fw *fw, void *arg)
{
	struct fw_elem e;

	masq_network_elem(arg, &e);
	fw_add_elem(fw, &masq_networks, &e);
	return 0;
}

int fw_masq_learn(struct fw *fw, const char *network)
{
	int r = fw_change_any(fw, plan_network, (void *)network);

	/* another ADD was faster, or took the table along meanwhile */
	return r == -EEXIST || r == -ENOENT || r == -ERESTART ? 0 : r;
}
