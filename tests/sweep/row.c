// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * row.c - the sweep of one row: the first call, the second one, and so on, of
 * the plugin, then the same of each process that it starts
 */
#include "row.h"

#include <stdio.h>
#include <string.h>

#include "../snapshot/die.h"

#define IF "eth0"    /* the attachment that is swept */
#define OTHER "eth1" /* one that lives on meanwhile */
#define SHOWN 3	     /* that went wrong */
#define NTH_MAX 5000

/* A place of a row; in starts with zeros, but for what the row says. */
struct place {
	struct row *row;
	struct inject in;
	bool sandbox; /* DEL is told of it */
};

/* After a call that failed without a kill, or whose process lives on. */
static bool told(const struct place *p)
{
	return !p->in.kill || (!p->in.first && p->in.kill == KILL_ONE);
}

static bool after_add(struct place *p, bool ok)
{
	struct world *w = p->row->world;

	if (ok)
		return world_check(w, IF) && world_del(w, IF, p->sandbox) &&
		       world_same(w);
	if (told(p) && !world_same(w))
		return false;
	if (p->in.kill && !(world_del(w, IF, p->sandbox) && world_same(w)))
		return false;
	return p->in.kill || w->fresh ? world_works(w, IF, !p->sandbox) : true;
}

static bool try_add(struct place *p)
{
	struct world *w = p->row->world;
	bool ok;

	if (w->fresh && !world_new(w))
		return false;
	return world_try(w, "ADD", IF, &p->in, &ok) && after_add(p, ok);
}

static bool try_del(struct place *p)
{
	struct world *w = p->row->world;
	bool ok;

	if (!world_add(w, IF) || !world_try(w, "DEL", IF, &p->in, &ok))
		return false;
	return (ok || world_del(w, IF, p->sandbox)) && world_same(w);
}

/*
 * OTHER is there all the time, and the only one that is said to live. What is
 * in a sandbox ends with that: GC finds no more than its addresses.
 */
static bool try_gc(struct place *p)
{
	struct world *w = p->row->world;
	bool ok;

	if (!(w->inside ? world_reserve(w, IF) : world_add(w, IF)))
		return false;
	if (!world_try(w, "GC", OTHER, &p->in, &ok))
		return false;
	if (!ok && !p->in.kill && !world_gc(w, OTHER))
		return false;
	if (p->in.kill && !world_del(w, IF, p->sandbox))
		return false;
	return world_same(w);
}

static bool try(struct place *p)
{
	if (strcmp(p->row->verb, "ADD") == 0)
		return try_add(p);
	if (strcmp(p->row->verb, "DEL") == 0)
		return try_del(p);
	return try_gc(p);
}

/* Makes OTHER, the attachment that stands meanwhile. */
static bool prepare(const struct row *row)
{
	struct world *w = row->world;

	if (strcmp(row->verb, "GC") != 0 || !world_collects(w))
		return true;
	if (!world_add(w, OTHER))
		return false;
	world_mark(w);
	return true;
}

static bool clean_up(const struct row *row)
{
	struct world *w = row->world;

	if (!w->fresh && !world_works(w, IF, true))
		return false;
	if (strcmp(row->verb, "GC") != 0 || !world_collects(w))
		return true;
	if (!world_del(w, OTHER, true))
		return false;
	world_mark(w);
	return true;
}

static void tell(const struct row *row, const struct place *p)
{
	const char *line = row->world->why;

	printf("#   process %u, %s %u", p->in.process,
	       row->kind ? row->kind->name : "call", p->in.nth);
	if (p->in.done && !row->kind)
		printf(" (system call %d)%s", p->in.nr,
		       p->in.kill == KILL_ALL ? ", all of them" : "");
	putchar('\n');
	for (; *line; line += strcspn(line, "\n"), line += *line == '\n')
		printf("#     %.*s\n", (int)strcspn(line, "\n"), line);
}

/* Returns whether something was injected. */
static bool visit(struct row *row, struct place *p)
{
	bool ok = try(p);

	row->hits += p->in.done;
	if (row->list && p->in.done)
		printf("# place %s %s %s %u %u\n", row->verb,
		       row->kind ? row->kind->name : "kill",
		       row->kind ? error_name(row->error) : "-", p->in.process,
		       p->in.nth);
	if (ok)
		return p->in.done;
	if (row->failed++ < SHOWN)
		tell(row, p);
	if (!world_new(row->world) || !prepare(row)) {
		printf("#   a new world: %s\n", row->world->why);
		return false;
	}
	return p->in.done;
}

static void set_injection(struct place *p)
{
	const struct row *row = p->row;

	p->in.kind = row->kind;
	p->in.error = row->error;
	p->in.after_effect = !row->kind && !row->all;
}

/*
 * Visits a place in each of its ways: a kill of one process or of all of them,
 * and a DEL with the sandbox or without. Where not all are wanted, they take
 * turns.
 */
static bool visit_all(struct row *row, unsigned process, unsigned nth,
		      unsigned *ret_processes)
{
	bool all = row->all && !row->kind;
	bool hit = true;

	for (unsigned i = 0; i < (all ? 4 : 1) && hit; i++) {
		unsigned way = all ? i : process + nth;
		struct place p = { .row = row, .sandbox = way % 2 == 0 };

		set_injection(&p);
		p.in.process = process;
		p.in.nth = nth;
		if (!row->kind)
			p.in.kill = way / 2 % 2 ? KILL_ALL : KILL_ONE;
		hit = visit(row, &p);
		*ret_processes = p.in.processes;
	}
	return hit;
}

/* Visits the places of each process, until there is no such call. */
static void visit_each(struct row *row)
{
	unsigned processes = 1;

	for (unsigned process = 0; process < processes; process++)
		for (unsigned nth = 1; visit_all(row, process, nth, &processes);
		     nth++)
			if (nth == NTH_MAX)
				die("%s does not end", row->verb);
}

/* Finds out how many places there are: by a run in which nothing is hit. */
static void count_places(struct row *row)
{
	struct place p = { .row = row, .sandbox = true };

	set_injection(&p);
	(void)visit(row, &p);
	row->processes = p.in.processes;
	memcpy(row->calls, p.in.calls, sizeof(row->calls));
	row->counted = true;
}

static void visit_share(struct row *row)
{
	unsigned places = 0, number = 0, n, processes;

	if (!row->counted)
		count_places(row);
	for (unsigned i = 0; i < row->processes; i++)
		places += row->calls[i];
	n = places < row->share.n ? places : row->share.n;
	for (unsigned i = 0; i < row->processes; i++)
		for (unsigned nth = 1; nth <= row->calls[i]; nth++)
			if (number++ % n == row->share.k % n)
				(void)visit_all(row, i, nth, &processes);
	/* this time it did without those calls */
	if (places > 0 && row->hits == 0)
		visit_each(row);
}

void row_run(struct row *row)
{
	row->hits = row->failed = 0;
	if (!prepare(row)) {
		row->failed = 1;
		printf("#   %s\n", row->world->why);
		return;
	}
	if (row->share.n > 0)
		visit_share(row);
	else
		visit_each(row);
	if (!clean_up(row)) {
		row->failed++;
		printf("#   at the end: %s\n", row->world->why);
		(void)world_new(row->world);
	}
}
