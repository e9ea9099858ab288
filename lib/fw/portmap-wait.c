// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-wait.c - mapped ports that go over to another network's attachment */
#include "fw/portmap-wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void portmap_handover_done(struct portmap_handover *h)
{
	names_done(&h->waiting);
	fw_portmap_gone_done(&h->given);
}

static int see_waiting(const struct fw_elem *e, void *arg)
{
	struct portmap_handover *h = arg;

	if (strcmp(e->comment, h->owner) == 0)
		return 0;
	return names_add(&h->waiting, e->comment);
}

int portmap_handover_begin(struct fw *fw, struct portmap_handover *h,
			   const char *owner, const struct portmap_note *note)
{
	portmap_handover_done(h);
	*h = (struct portmap_handover){ .owner = owner, .note = note };
	return fw_elems(fw, &portmap_waiting, see_waiting, h);
}

static void chain_of(struct portmap_if *ret, const struct portmap_note *note,
		     bool v6)
{
	portmap_if_init(ret, v6 ? AF_INET6 : AF_INET, note->only[v6], NULL, 0);
}

/* Counts an element that leads to one of the note's chains. */
static void count(struct portmap_handover *h, const char *chain, int n)
{
	struct portmap_if own;

	for (int v6 = 0; v6 < 2 && *chain; v6++) {
		chain_of(&own, h->note, v6);
		if (strcmp(own.name, chain) == 0)
			h->led[v6] += n;
	}
}

void portmap_handover_left(struct portmap_handover *h, const char *chain)
{
	count(h, chain, 1);
}

/* --- to those who wait ------------------------------------------------------
 */

static bool is_given(const struct portmap_handover *h, const struct fw_port *p)
{
	for (size_t i = 0; i < h->given.n; i++) {
		const struct fw_port *q = &h->given.v[i];

		if (ip_cmp(&q->host, &p->host) == 0 && q->proto == p->proto &&
		    q->port == p->port)
			return true;
	}
	return false;
}

static int note_given(struct portmap_handover *h, const struct fw_port *p)
{
	struct fw_port *v = realloc(h->given.v, (h->given.n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	h->given.v = v;
	v[h->given.n++] = *p;
	return 0;
}

/* Whether nobody has the port when the removal is done. 1, 0 or -errno. */
static int is_free(struct fw *fw, const struct portmap_handover *h,
		   const char *to, const struct portmap_note *note,
		   const struct fw_port *p)
{
	struct fw_elem e, have;
	int r = !is_given(h, p);

	for (int kind = 0; kind < PORTMAP_KINDS && r == 1; kind++) {
		const struct fw_set *set = portmap_elem(kind, note, p, to, &e);

		if (!set || !portmap_is_held(kind))
			continue;
		r = fw_elem_get(fw, set, &e, &have);
		if (r >= 0)
			r = r == 0 || strcmp(have.comment, h->owner) == 0;
	}
	return r;
}

static int give(struct fw *fw, struct portmap_handover *h, const char *to,
		const struct portmap_note *note, const struct fw_port *p)
{
	struct fw_elem e;
	int r = is_free(fw, h, to, note, p);

	if (r != 1)
		return r;
	for (int kind = 0; kind < PORTMAP_KINDS; kind++) {
		const struct fw_set *set = portmap_elem(kind, note, p, to, &e);

		if (!set || !portmap_is_held(kind))
			continue;
		fw_add_elem(fw, set, &e);
		count(h, e.to, -1);
	}
	return note_given(h, p);
}

/* Whether the chains of its conditions are there, so that it can have what it
 * waits for. 1, 0 or -errno. */
static int has_chains(struct fw *fw, const struct portmap_note *note)
{
	struct portmap_if own;
	int r = 1;

	for (int v6 = 0; v6 < 2 && r == 1; v6++) {
		if (!*note->only[v6])
			continue;
		chain_of(&own, note, v6);
		r = fw_chain_get(fw, &own.table.chain);
	}
	return r;
}

/* What the note does not hold. 1, 0 or -errno. */
static int read_from(struct fw *fw, const char *owner,
		     struct portmap_note *note)
{
	struct fw_elem want, have;
	int r;

	portmap_waiting_elem(note, owner, &want);
	r = fw_elem_get(fw, &portmap_waiting, &want, &have);
	note->from = (struct ip_addr){ .family = AF_INET6 };
	if (r == 1)
		memcpy(note->from.b, have.data, sizeof(note->from.b));
	return r;
}

static int give_all(struct fw *fw, struct portmap_handover *h, const char *to)
{
	AUTO(portmap_gone) struct fw_portmap_gone wanted = { 0 };
	struct portmap_note note;
	struct portmap_own own;
	int r;

	portmap_own_init(&own, to);
	r = portmap_own_read(fw, &own, &note, &wanted);
	if (r == 1)
		r = has_chains(fw, &note);
	if (r == 1)
		r = read_from(fw, to, &note);
	if (r != 1)
		return r;
	r = 0;
	for (size_t i = 0; i < wanted.n && r == 0; i++)
		r = give(fw, h, to, &note, &wanted.v[i]);
	return r;
}

int portmap_handover(struct fw *fw, struct portmap_handover *h)
{
	int r = 0;

	for (size_t i = 0; i < h->waiting.n && r == 0; i++)
		if (portmap_same_container(h->waiting.v[i], h->owner))
			r = give_all(fw, h, h->waiting.v[i]);
	return r;
}

/* --- chains of conditions ---------------------------------------------------
 */

/* Whether somebody waits who has the same conditions. 1, 0 or -errno. */
static int is_waited_for(struct fw *fw, const struct portmap_handover *h,
			 bool v6)
{
	struct portmap_note note;
	struct portmap_own own;
	struct fw_set_seen seen;
	int r = 0;

	for (size_t i = 0; i < h->waiting.n && r == 0; i++) {
		portmap_own_init(&own, h->waiting.v[i]);
		r = fw_set_get(fw, &own.set, &seen);
		if (r != 1)
			continue;
		portmap_note_parse(seen.note, &note);
		r = strcmp(note.only[v6], h->note->only[v6]) == 0;
	}
	return r;
}

static int count_rule(const struct fw_rule *rule, void *arg)
{
	(void)rule;
	++*(int *)arg;
	return 0;
}

static int end_chain(struct fw *fw, struct portmap_handover *h, bool v6)
{
	struct portmap_if own;
	int rules = 0, use, r;

	chain_of(&own, h->note, v6);
	r = fw_chain_get(fw, &own.table.chain);
	if (r != 1)
		return r;
	r = fw_rules(fw, &own.table.chain, count_rule, &rules);
	use = r < 0 ? r : fw_chain_use(fw, &own.table.chain);
	if (use < 0 || use - rules > h->led[v6])
		return use < 0 ? use : 0;
	r = is_waited_for(fw, h, v6);
	if (r == 0)
		fw_del_chain(fw, &own.table.chain);
	return r < 0 ? r : !r;
}

int portmap_handover_end(struct fw *fw, struct portmap_handover *h)
{
	int n = 0;

	for (int v6 = 0; v6 < 2; v6++) {
		int r = *h->note->only[v6] ? end_chain(fw, h, v6) : 0;

		if (r < 0)
			return r;
		n += r;
	}
	return n;
}
