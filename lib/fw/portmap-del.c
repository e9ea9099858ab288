// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-del.c - mapped ports: the end of them, by DEL and GC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>

#include "base/names.h"
#include "fw/portmap-table.h"
#include "fw/portmap-wait.h"
#include "fw/portmap.h"

struct removal {
	const char *owner;
	struct portmap_own own;
	struct portmap_note note;
	struct fw_portmap_gone *gone;
	struct portmap_handover over;
	bool careful;  /* something was removed by others: each is looked for */
	size_t others; /* let out to the same interface by 127.0.0.0/8 */
	char iface[IFNAMSIZ];
};

static void removal_auto(struct removal *rm)
{
	portmap_handover_done(&rm->over);
}

void fw_portmap_gone_done(struct fw_portmap_gone *gone)
{
	free(gone->v);
	*gone = (struct fw_portmap_gone){ 0 };
}

static int see_port(const struct fw_elem *e, void *arg)
{
	struct fw_portmap_gone *gone = arg;
	struct fw_port port, *v;

	if (!portmap_own_port(e, &port))
		return 0;
	v = realloc(gone->v, (gone->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	gone->v = v;
	v[gone->n++] = port;
	return 0;
}

int portmap_own_read(struct fw *fw, const struct portmap_own *own,
		     struct portmap_note *note, struct fw_portmap_gone *ports)
{
	struct fw_set_seen seen;
	int r = fw_set_get(fw, &own->set, &seen);

	if (r != 1)
		return r;
	portmap_note_parse(seen.note, note);
	r = fw_elems(fw, &own->set, see_port, ports);
	return r < 0 ? r : 1;
}

static int by_host(const void *a, const void *b)
{
	const struct fw_port *p = a, *q = b;

	return ip_cmp(&p->host, &q->host);
}

/* The element, if it is this attachment's. */
static int remove_own(struct fw *fw, struct removal *rm,
		      const struct fw_set *set, const struct fw_elem *e)
{
	struct fw_elem have;
	int r = fw_elem_get(fw, set, e, &have);

	if (r == 1 && strcmp(have.comment, rm->owner) == 0) {
		fw_del_elem(fw, set, &have);
		portmap_handover_left(&rm->over, have.to);
	}
	return r < 0 ? r : 0;
}

/* Where it waits, what it asked for may be another one's. */
static int remove_elem(struct fw *fw, struct removal *rm,
		       const struct fw_set *set, const struct fw_elem *e)
{
	if (rm->careful || rm->note.waits)
		return remove_own(fw, rm, set, e);
	fw_del_elem(fw, set, e);
	portmap_handover_left(&rm->over, e->to);
	return 0;
}

DEFINE_AUTO(bools, bool *, free)

static int remove_ports(struct fw *fw, struct removal *rm)
{
	const struct fw_portmap_gone *gone = rm->gone;
	AUTO(bools) bool *repeated = NULL;
	struct fw_elem e;
	int r = portmap_repeated(gone->v, gone->n, &repeated);

	for (int kind = 0; kind < PORTMAP_KINDS; kind++)
		for (size_t i = 0; i < gone->n && r == 0; i++) {
			const struct fw_set *set =
				portmap_elem(kind, &rm->note, &gone->v[i],
					     rm->owner, &e);

			if (set && (portmap_is_held(kind) || !repeated[i]))
				r = remove_elem(fw, rm, set, &e);
		}
	if (r == 0 && rm->note.local) {
		portmap_open_elem(&rm->note, rm->owner, &e);
		r = remove_elem(fw, rm, &portmap_open, &e);
	}
	if (r == 0 && rm->note.waits) {
		portmap_waiting_elem(&rm->note, rm->owner, &e);
		r = remove_elem(fw, rm, &portmap_waiting, &e);
	}
	return r;
}

static int see_local(const struct fw_elem *e, void *arg)
{
	struct removal *rm = arg;

	rm->others += e->len > IFNAMSIZ &&
		      memcmp(e->key, rm->iface, IFNAMSIZ) == 0 &&
		      strcmp(e->comment, rm->owner) != 0;
	return 0;
}

static int count_others(struct fw *fw, struct removal *rm, const char *iface)
{
	memset(rm->iface, 0, sizeof(rm->iface));
	snprintf(rm->iface, sizeof(rm->iface), "%s", iface);
	rm->others = 0;
	return fw_elems(fw, &portmap_open, see_local, rm);
}

static int plan_removal(struct fw *fw, void *arg)
{
	struct removal *rm = arg;
	int r, chains = 0;

	fw_portmap_gone_done(rm->gone);
	r = portmap_own_read(fw, &rm->own, &rm->note, rm->gone);
	if (r <= 0)
		return r;
	/* those of a set follow each other, as they go in one message */
	if (rm->gone->n > 1)
		qsort(rm->gone->v, rm->gone->n, sizeof(*rm->gone->v), by_host);
	r = portmap_handover_begin(fw, &rm->over, rm->owner, &rm->note);
	if (r == 0 && rm->note.local)
		r = count_others(fw, rm, rm->note.iface);
	if (r == 0 && rm->note.local && rm->others == 0)
		memcpy(rm->gone->close, rm->note.iface, IFNAMSIZ);
	if (r == 0)
		r = remove_ports(fw, rm);
	if (r == 0)
		r = portmap_handover(fw, &rm->over);
	if (r == 0)
		r = chains = portmap_handover_end(fw, &rm->over);
	if (r >= 0)
		fw_del_set(fw, &rm->own.set);
	/* what was removed before counts as there */
	if (r >= 0)
		r = fw_table_drop_with(fw, &portmap_table, 1 + chains);
	return r < 0 ? r : 1;
}

static int look(struct fw *fw, void *arg)
{
	struct fw_set_seen seen;

	return fw_set_get(fw, arg, &seen);
}

int fw_portmap_del(struct fw *fw, const char *owner,
		   struct fw_portmap_gone *gone)
{
	AUTO(removal) struct removal rm = { .owner = owner, .gone = gone };
	int r;

	portmap_own_init(&rm.own, owner);
	r = fw_look(fw, look, &rm.own.set);
	if (r > 0)
		r = fw_change(fw, plan_removal, &rm);
	if (r == -ENOENT) {
		rm.careful = true;
		r = fw_change(fw, plan_removal, &rm);
	}
	return r;
}

struct needs {
	struct removal rm;
	const char *iface;
};

static int look_needs(struct fw *fw, void *arg)
{
	struct needs *n = arg;
	int r = count_others(fw, &n->rm, n->iface);

	return r < 0 ? r : n->rm.others > 0;
}

int fw_portmap_needs_local(struct fw *fw, const char *iface)
{
	struct needs n = { .rm.owner = "", .iface = iface };

	return fw_look(fw, look_needs, &n);
}

static int look_table(struct fw *fw, void *arg)
{
	(void)arg;
	return fw_chain_get(fw, &portmap_table.chain);
}

int fw_portmap_is_here(struct fw *fw)
{
	return fw_look(fw, look_table, NULL);
}

static int look_firewalld(struct fw *fw, void *arg)
{
	(void)arg;
	return fw_table_use(fw, NFPROTO_INET, "firewalld") > 0;
}

int fw_firewalld_is_here(struct fw *fw)
{
	return fw_look(fw, look_firewalld, NULL);
}

/* --- GC --------------------------------------------------------------------
 */

struct dead {
	const char *network;
	struct names valid, found; /* owned; owner texts */
};

static void dead_auto(struct dead *d)
{
	names_done(&d->valid);
	names_done(&d->found);
}

static int see_set(const struct fw_set_seen *set, void *arg)
{
	struct dead *d = arg;

	if (strncmp(set->name, "own-", 4) != 0 ||
	    !cni_owner_in_network(set->comment, d->network) ||
	    names_has(&d->valid, set->comment))
		return 0;
	return names_add(&d->found, set->comment);
}

static int look_dead(struct fw *fw, void *arg)
{
	struct dead *d = arg;

	names_done(&d->found);
	return fw_sets(fw, NFPROTO_INET, FW_PORTMAP_TABLE, see_set, d);
}

int fw_portmap_dead(struct fw *fw, const char *network,
		    const struct cni_attachment *valid, size_t n,
		    fw_portmap_fn fn, void *arg)
{
	AUTO(dead) struct dead d = { .network = network };
	int r = names_add_owners(&d.valid, network, valid, n);

	if (r == 0)
		r = fw_look(fw, look_dead, &d);
	for (size_t i = 0; i < d.found.n && r == 0; i++)
		r = fn(d.found.v[i], arg);
	return r;
}
