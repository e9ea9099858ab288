// SPDX-License-Identifier: GPL-2.0-or-later
/* repair.c - putting a store right: empty files, and what earlier boots left */
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "boot.h"
#include "index.h"
#include "scan.h"

/*
 * Whether the address is free although there is a file: an empty one, or one of
 * an earlier boot. That is proved by the file's date; where the clock was wrong
 * then, by an index of a boot that has ended. Another boot ID alone proves
 * nothing: container managers mount one of their own.
 */
static bool is_void(const struct store *s, const struct timespec *booted,
		    const struct reservation *r)
{
	struct index_entry e;

	if (!r->owner)
		return true;
	if (!*r->owner || s->same_boot || !s->reclaim || !s->local)
		return false;
	if (boot_earlier(&r->mtime, booted))
		return true;
	index_entry(&e, r->owner, &r->ip, &r->mtime);
	return s->ended_boot && index_knows(s, &e);
}

struct repair {
	const struct store *store;
	struct timespec booted;
	struct index_entry *v; /* owned */
	size_t n;
};

static void repair_auto(struct repair *rep)
{
	free(rep->v);
}

static int keep_entry(struct repair *rep, const struct reservation *r)
{
	if ((rep->n & (rep->n - 1)) == 0) {
		size_t room = rep->n ? 2 * rep->n : 1;
		struct index_entry *v = realloc(rep->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		rep->v = v;
	}
	index_entry(&rep->v[rep->n++], r->owner, &r->ip, &r->mtime);
	return 0;
}

static int repair_one(void *arg, const struct reservation *r)
{
	struct repair *rep = arg;

	if (!is_void(rep->store, &rep->booted, r))
		return *r->owner ? keep_entry(rep, r) : 0;
	/* where it cannot be removed, its address stays taken, no more */
	unlinkat(rep->store->dir, r->name, 0);
	return 0;
}

int repair_store(struct store *s)
{
	AUTO(repair) struct repair rep = { .store = s };
	int r;

	boot_time(&rep.booted);
	s->indexed = false;
	s->changed = true;
	r = scan_store(s, repair_one, &rep);
	if (r < 0)
		return r;
	s->scanned = true;
	/* an index must have everything: a file may be readable tomorrow */
	if (s->usable && r == 0)
		index_write(s, rep.v, rep.n);
	return 0;
}
