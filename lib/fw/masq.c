// SPDX-License-Identifier: GPL-2.0-or-later
/* masq.c - masquerade: elements of sets, an attachment's own */
#include "fw/masq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fw/masq-table.h"
#include "base/names.h"

/* The addresses asked about, and whose they are. */
struct masq {
	const struct fw_masq *m;
	size_t n;
	char owner[CNI_COMMENT_LEN];
	size_t missing; /* of a look: the first that is not there */
};

static bool is_everything(const struct fw_masq *m)
{
	return m->address.plen == 0;
}

/* An address of its own has no inside. */
static bool is_single(const struct fw_masq *m)
{
	return m->address.plen == ip_bits(m->address.addr.family);
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
	cni_owner(owner, masq->owner, sizeof(masq->owner));
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
	memcpy(ret->comment, owner, strlen(owner) + 1);
}

static void make_inside(const struct fw_masq *m, const char *owner,
			struct fw_elem *ret)
{
	struct ip_addr first = ip_net_first(&m->address);
	struct ip_addr last = ip_net_last(&m->address);

	make_pod(m, owner, ret);
	fw_elem_put(ret, first.b, last.b, ip_bytes(first.family));
}

/* What is inside for a pod, of whatever subnet: the address itself is in it. */
static int get_inside(struct fw *fw, const struct fw_elem *pod, unsigned family,
		      struct fw_elem *ret)
{
	const uint8_t *ip = pod->key + IFNAMSIZ;
	struct fw_elem at = *pod;

	fw_elem_put(&at, ip, ip, ip_bytes(family));
	return fw_elem_get(fw, masq_inside(family), &at, ret);
}

/* --- CHECK -----------------------------------------------------------------
 */

/* Whether this address is masqueraded. Returns 1, 0 or -errno. */
static int look_at(struct fw *fw, const struct fw_masq *m, const char *owner)
{
	unsigned family = m->address.addr.family;
	struct fw_elem pod, inside, have;
	int r;

	if (is_everything(m))
		return 1;
	make_pod(m, owner, &pod);
	r = fw_elem_get(fw, masq_pods(family), &pod, &have);
	if (r <= 0 || !fw_elem_same(&have, &pod))
		return r < 0 ? r : 0;
	r = get_inside(fw, &pod, family, &have);
	if (r < 0 || is_single(m))
		return r < 0 ? r : r == 0;
	make_inside(m, owner, &inside);
	return r == 1 && fw_elem_same(&have, &inside);
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
	return masq_table_look(fw);
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
	struct masq masq;
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
		if (is_single(m))
			continue;
		make_inside(m, masq->owner, &e);
		fw_add_elem(fw, masq_inside(family), &e);
	}
	return 0;
}

/* have: what is in the place of want, if r is 1; want may be NULL. */
static int replace(struct fw *fw, const struct fw_set *set, int r,
		   const struct fw_elem *have, const struct fw_elem *want)
{
	if (r < 0 || (r == 1 && want && fw_elem_same(have, want)))
		return r < 0 ? r : 0;
	if (r == 1)
		fw_del_elem(fw, set, have);
	if (want)
		fw_add_elem(fw, set, want);
	return 0;
}

/* Whatever there is: what others left, no rules, no table. */
static int plan_over(struct fw *fw, void *arg)
{
	const struct masq *masq = arg;
	struct fw_elem pod, inside, have;
	int r = masq_table_make(fw);

	for (size_t i = 0; i < masq->n && r == 0; i++) {
		const struct fw_masq *m = &masq->m[i];
		unsigned family = m->address.addr.family;

		if (is_everything(m) || is_repeated(masq, i))
			continue;
		make_pod(m, masq->owner, &pod);
		make_inside(m, masq->owner, &inside);
		r = fw_elem_get(fw, masq_pods(family), &pod, &have);
		r = replace(fw, masq_pods(family), r, &have, &pod);
		if (r < 0)
			break;
		r = get_inside(fw, &pod, family, &have);
		r = replace(fw, masq_inside(family), r, &have,
			    is_single(m) ? NULL : &inside);
	}
	return r;
}

static int look_at_rules(struct fw *fw, void *arg)
{
	(void)arg;
	return masq_table_look(fw);
}

/*
 * Nothing is read but the rules, so long as all is new. If it is not, nor the
 * table there any more, or the answer got lost, all is looked at.
 */
int fw_masq_add(struct fw *fw, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n)
{
	struct masq masq;
	int r = init(&masq, owner, m, n);

	if (r < 0 || !is_needed(&masq))
		return r;
	r = fw_look(fw, look_at_rules, NULL);
	if (r == 1)
		r = fw_change_any(fw, plan_new, &masq);
	else if (r == 0)
		r = -ENOENT;
	if (r == -ENOENT || r == -EEXIST || r == -ERESTART)
		r = fw_change(fw, plan_over, &masq);
	return r;
}

/* --- DEL and GC ------------------------------------------------------------
 */

struct removal {
	bool (*chosen)(const char *comment, void *arg);
	void *arg;
	unsigned family;      /* of the set that is read */
	struct fw_elem *pods; /* owned: those chosen */
	size_t n, n_kept;
};

static int see_pod(const struct fw_elem *e, void *arg)
{
	struct removal *rm = arg;
	struct fw_elem *pods;

	if (e->len != IFNAMSIZ + ip_bytes(rm->family) ||
	    !rm->chosen(e->comment, rm->arg)) {
		rm->n_kept++;
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
	int r = get_inside(fw, pod, family, &inside);

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

int fw_masq_del(struct fw *fw, const struct cni_attachment *owner)
{
	char comment[CNI_COMMENT_LEN];
	struct removal rm = { .chosen = is_owner, .arg = comment };

	cni_owner(owner, comment, sizeof(comment));
	return remove_pods(fw, &rm);
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
	struct removal rm = { .chosen = is_garbage, .arg = &gc };
	int r = names_add_owners(&names, network, valid, n);

	return r < 0 ? r : remove_pods(fw, &rm);
}
