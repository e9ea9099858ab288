// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-add.c - mapped ports: ADD and CHECK */
#include "fw/portmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fw/portmap-table.h"

struct ports {
	const struct fw_portmap *p;
	struct portmap_note note;
	struct portmap_own own;
	struct portmap_if only[2]; /* the note's */
	bool *left; /* owned: the mappings that another attachment of the same
		       container has, which this one waits for */
	bool *repeated; /* owned */
	struct fw_port_holder *holder;
	size_t missing;
	struct ip_addr from; /* found: by which ::1 is let out; or unset */
};

static void ports_auto(struct ports *p)
{
	free(p->left);
	free(p->repeated);
}

static bool has_family(const struct fw_portmap *p, bool v6)
{
	size_t i = 0;

	while (i < p->n && (p->v[i].host.family == AF_INET6) != v6)
		i++;
	return i < p->n;
}

static int init(struct ports *ports, const struct fw_portmap *p)
{
	struct portmap_note *note = &ports->note;
	int r = 0;

	*ports = (struct ports){ .p = p };
	snprintf(note->iface, sizeof(note->iface), "%s", p->iface);
	snprintf(note->link, sizeof(note->link), "%s", p->link);
	note->snat = p->snat;
	note->snat_all = p->snat && p->snat_all;
	note->local = p->snat && p->local && *p->iface;
	/* what has conditions and does not hold them is the host's own: it is
	   not to be asked from another address */
	note->lo6 = p->snat && ip_is_set(&p->from) && p->n_only[1] == 0;
	if (note->lo6)
		note->from = p->from;
	for (int v6 = 0; v6 < 2 && r == 0; v6++) {
		if (p->n_only[v6] > 0 && has_family(p, v6))
			r = fw_match_hash(p->only[v6], p->n_only[v6],
					  note->only[v6]);
		portmap_if_init(&ports->only[v6], v6 ? AF_INET6 : AF_INET,
				note->only[v6], p->only[v6], p->n_only[v6]);
	}
	portmap_own_init(&ports->own, p->owner);
	portmap_note_print(note, ports->own.note);
	if (r == 0)
		r = portmap_repeated(p->v, p->n, &ports->repeated);
	ports->left = calloc(p->n + 1, sizeof(*ports->left));
	return ports->left ? r : -ENOMEM;
}

/* --- who else has a port ----------------------------------------------------
 */

/* Returns -EADDRINUSE, or -errno. */
static int report_holder(struct fw *fw, struct ports *ports,
			 const struct fw_port *port, const char *owner)
{
	struct portmap_own other;
	struct portmap_note note;
	struct fw_set_seen seen;
	int r;

	portmap_own_init(&other, owner);
	r = fw_set_get(fw, &other.set, &seen);
	if (r < 0)
		return r;
	portmap_note_parse(seen.note, &note);
	ports->holder->port = *port;
	snprintf(ports->holder->owner, sizeof(ports->holder->owner), "%s",
		 owner);
	memcpy(ports->holder->link, note.link, IFNAMSIZ);
	return -EADDRINUSE;
}

/* Who has the port, at any address or at one. Returns -EADDRINUSE where another
 * container has it, 0 or -errno. */
static int look_for(struct fw *fw, struct ports *ports,
		    const struct fw_port *port, const struct ip_addr *host)
{
	const char *owner = ports->p->owner;
	struct fw_port at = *port;
	struct fw_elem key, have;
	const struct fw_set *map;
	int r;

	at.host = *host;
	map = portmap_elem(PORTMAP_MAP, &ports->note, &at, owner, &key);
	r = fw_elem_get(fw, map, &key, &have);
	if (r <= 0 || strcmp(have.comment, owner) == 0 ||
	    portmap_same_container(have.comment, owner))
		return r < 0 ? r : 0;
	return report_holder(fw, ports, port, have.comment);
}

/* The addresses of a family at which anybody has a port. */
struct hosts {
	struct ip_addr *v; /* owned */
	size_t n;
	unsigned family;
};

static void hosts_auto(struct hosts *h)
{
	free(h->v);
}

static int see_host(const struct fw_elem *e, void *arg)
{
	struct hosts *h = arg;
	struct ip_addr *v;

	if (e->len != ip_bytes(h->family))
		return 0;
	v = realloc(h->v, (h->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	h->v = v;
	v[h->n] = (struct ip_addr){ .family = h->family };
	memcpy(v[h->n++].b, e->key, e->len);
	return 0;
}

/* Of those that are asked for at any address of the family. */
static int look_at_hosts(struct fw *fw, struct ports *ports, unsigned family)
{
	AUTO(hosts) struct hosts hosts = { .family = family };
	const struct fw_portmap *p = ports->p;
	int r = fw_elems(fw, &portmap_sets(family)->hosts, see_host, &hosts);

	for (size_t i = 0; i < p->n && r == 0; i++) {
		if (p->v[i].host.family != family || !ip_is_zero(&p->v[i].host))
			continue;
		for (size_t j = 0; j < hosts.n && r == 0; j++)
			r = look_for(fw, ports, &p->v[i], &hosts.v[j]);
	}
	return r;
}

/*
 * Who has a port at all addresses does not share it with one of them. Each is
 * asked for by its key: there may be thousands, at a few addresses.
 */
static int look_overlap(struct fw *fw, struct ports *ports)
{
	const struct fw_portmap *p = ports->p;
	bool any[2] = { false, false };
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++) {
		struct ip_addr all = { .family = p->v[i].host.family };

		if (ip_is_zero(&p->v[i].host))
			any[all.family == AF_INET6] = true;
		else
			r = look_for(fw, ports, &p->v[i], &all);
	}
	for (int v6 = 0; v6 < 2 && r == 0; v6++)
		if (any[v6])
			r = look_at_hosts(fw, ports, v6 ? AF_INET6 : AF_INET);
	return r;
}

/* --- ADD -------------------------------------------------------------------
 */

typedef int (*add_fn)(struct fw *fw, const struct fw_set *set,
		      const struct fw_elem *e);

static int add_new(struct fw *fw, const struct fw_set *set,
		   const struct fw_elem *e)
{
	fw_add_elem(fw, set, e);
	return 0;
}

/* Another's element in the place of ours, which nobody else can need. */
static int replace(struct fw *fw, const struct fw_set *set,
		   const struct fw_elem *want)
{
	struct fw_elem have;
	int r = fw_elem_get(fw, set, want, &have);

	if (r < 0 || (r == 1 && fw_elem_same(&have, want)))
		return r < 0 ? r : 0;
	if (r == 1)
		fw_del_elem(fw, set, &have);
	fw_add_elem(fw, set, want);
	return 0;
}

static void add_hosts(struct fw *fw, const struct fw_portmap *p)
{
	struct fw_elem e;

	for (size_t i = 0; i < p->n; i++) {
		const struct fw_set *hosts = portmap_host_elem(&p->v[i], &e);

		/* a runtime's list repeats one address */
		if (hosts &&
		    (i == 0 || ip_cmp(&p->v[i].host, &p->v[i - 1].host) != 0))
			fw_share_elem(fw, hosts, &e);
	}
}

/* Those of a set follow each other, as they go in one message. */
static int add_ports(struct fw *fw, const struct ports *ports, add_fn add_one)
{
	const struct fw_portmap *p = ports->p;
	struct fw_elem e;
	int r = 0;

	fw_add_new_set(fw, &ports->own.set);
	for (size_t i = 0; i < p->n; i++) {
		portmap_own_elem(&p->v[i], &e);
		fw_add_elem(fw, &ports->own.set, &e);
	}
	add_hosts(fw, p);
	for (int kind = 0; kind < PORTMAP_KINDS; kind++)
		for (size_t i = 0; i < p->n && r == 0; i++) {
			const struct fw_set *set =
				portmap_elem(kind, &ports->note, &p->v[i],
					     p->owner, &e);

			const bool *without = portmap_is_held(kind)
						      ? ports->left
						      : ports->repeated;

			if (set && !without[i])
				r = add_one(fw, set, &e);
		}
	if (r == 0 && ports->note.local) {
		portmap_open_elem(&ports->note, p->owner, &e);
		r = add_one(fw, &portmap_open, &e);
	}
	if (r == 0 && ports->note.waits) {
		portmap_waiting_elem(&ports->note, p->owner, &e);
		r = add_one(fw, &portmap_waiting, &e);
	}
	return r;
}

/* Whether the chains of its conditions are there. 1, 0 or -errno. */
static int look_ifs(struct fw *fw, const struct ports *ports)
{
	int r = 1;

	for (int v6 = 0; v6 < 2 && r == 1; v6++)
		if (*ports->note.only[v6])
			r = fw_table_look(fw, &ports->only[v6].table);
	return r;
}

static int plan_new(struct fw *fw, void *arg)
{
	int r = look_ifs(fw, arg);

	if (r != 1)
		return r < 0 ? r : -ENOENT;
	return add_ports(fw, arg, add_new);
}

/* Whether another attachment has the port; then what to do about it. */
static int look_port(struct fw *fw, struct ports *ports, size_t i)
{
	const struct fw_port *port = &ports->p->v[i];
	const char *owner = ports->p->owner;
	struct fw_elem want, have;
	const struct fw_set *map =
		portmap_elem(PORTMAP_MAP, &ports->note, port, owner, &want);
	int r = fw_elem_get(fw, map, &want, &have);

	ports->left[i] = false;
	if (r <= 0 || strcmp(have.comment, owner) == 0)
		return r < 0 ? r : 0;
	ports->left[i] = portmap_same_container(have.comment, owner);
	ports->note.waits |= ports->left[i];
	return ports->left[i] ? 0
			      : report_holder(fw, ports, port, have.comment);
}

/* Whatever there is: no table, no rules, others' elements. */
static int plan_over(struct fw *fw, void *arg)
{
	struct ports *ports = arg;
	int use = fw_table_use(fw, portmap_table.chain.family,
			       portmap_table.chain.table);
	int r = use < 0 ? use : fw_table_make(fw, &portmap_table);

	for (int v6 = 0; v6 < 2 && r == 0; v6++) {
		/* no rule has it, and so whole rules do not say that it is
		 * there */
		fw_add_set(fw, &portmap_sets(v6 ? AF_INET6 : AF_INET)->hosts);
		if (*ports->note.only[v6])
			r = fw_table_make(fw, &ports->only[v6].table);
	}
	ports->note.waits = false;
	/* in a table that is only made now, nobody has anything */
	for (size_t i = 0; i < ports->p->n && r == 0 && use > 0; i++)
		r = look_port(fw, ports, i);
	portmap_note_print(&ports->note, ports->own.note);
	return r < 0 ? r : add_ports(fw, ports, use > 0 ? replace : add_new);
}

/* Whether something of the attachment is there, if all can be had. 1, 0 or
 * -errno. */
static int look_before(struct fw *fw, void *arg)
{
	struct ports *ports = arg;
	struct fw_set_seen seen;
	int r = look_overlap(fw, ports);

	return r < 0 ? r : fw_set_get(fw, &ports->own.set, &seen);
}

/*
 * Only the attachment's own set is asked to be new. It is looked for before:
 * where it is there, all that it lists is, too, and the kernel refuses each
 * message, thousands for many ports.
 */
int fw_portmap_add(struct fw *fw, const struct fw_portmap *p,
		   struct fw_port_holder *holder, struct fw_portmap_gone *gone)
{
	AUTO(ports) struct ports ports;
	int r = init(&ports, p);

	ports.holder = holder;
	if (r == 0)
		r = fw_look(fw, look_before, &ports);
	if (r == 1)
		r = fw_portmap_del(fw, p->owner, gone);
	return r < 0 ? r
		     : fw_table_add(fw, &portmap_table, plan_new, plan_over,
				    &ports);
}

/* --- CHECK -----------------------------------------------------------------
 */

/*
 * By which address ::1 was let out when it was added, which need not be the one
 * that the host would choose now. It is the same for all ports.
 */
static void take_from(struct ports *ports, const struct fw_elem *have,
		      struct fw_elem *want)
{
	if (!ip_is_set(&ports->from)) {
		ports->from.family = AF_INET6;
		memcpy(ports->from.b, have->data, 16);
	}
	memcpy(want->data, ports->from.b, 16);
}

/* Whether all of a mapping is there. 1, 0 or -errno. */
static int look_at(struct fw *fw, struct ports *ports, size_t i)
{
	const char *owner = ports->p->owner;
	struct fw_elem want, have;
	const struct fw_set *hosts = portmap_host_elem(&ports->p->v[i], &want);
	bool left = false;
	int r = hosts ? fw_elem_get(fw, hosts, &want, &have) : 1;

	for (int kind = 0; kind < PORTMAP_KINDS && r == 1; kind++) {
		const struct fw_set *set =
			portmap_elem(kind, &ports->note, &ports->p->v[i], owner,
				     &want);

		if (!set || (left && portmap_is_held(kind)))
			continue;
		r = fw_elem_get(fw, set, &want, &have);
		if (r == 1 && kind == PORTMAP_LO)
			take_from(ports, &have, &want);
		if (r <= 0 || fw_elem_same(&have, &want))
			continue;
		left = kind == PORTMAP_MAP &&
		       strcmp(have.comment, owner) != 0 &&
		       portmap_same_container(have.comment, owner);
		r = left;
	}
	return r;
}

static int look(struct fw *fw, void *arg)
{
	struct ports *ports = arg;
	struct fw_elem want, have;
	int r = 1;

	ports->from = (struct ip_addr){ 0 };
	for (size_t i = 0; i < ports->p->n && r == 1; i++) {
		ports->missing = i;
		r = look_at(fw, ports, i);
	}
	if (r != 1)
		return r;
	ports->missing = ports->p->n;
	if (ports->note.local) {
		portmap_open_elem(&ports->note, ports->p->owner, &want);
		r = fw_elem_get(fw, &portmap_open, &want, &have);
	}
	if (r == 1)
		r = look_ifs(fw, ports);
	return r == 1 ? fw_table_look(fw, &portmap_table) : r;
}

int fw_portmap_has(struct fw *fw, const struct fw_portmap *p,
		   size_t *ret_missing, struct ip_addr *ret_from)
{
	AUTO(ports) struct ports ports;
	int r = init(&ports, p);

	if (r == 0)
		r = fw_look(fw, look, &ports);
	if (r == 0)
		*ret_missing = ports.missing;
	if (r == 1)
		*ret_from = ports.from;
	return r;
}
