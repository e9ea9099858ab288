// SPDX-License-Identifier: GPL-2.0-or-later
/* mend.c - putting a store right: garbage, earlier boots, the dead */
#include "mend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "boot.h"
#include "index.h"
#include "scan.h"

/*
 * Whether the address is free although there is a file. What the index knew
 * under an older boot is from before this one even if the clock was wrong
 * then; for what the reference plugin wrote there is only the file's date.
 */
static bool is_void(const struct store *s, const struct timespec *booted,
		    const struct reservation *r)
{
	struct index_entry e;

	if (!r->owner)
		return true;
	if (s->same_boot || !s->reclaim || !s->local)
		return false;
	if (boot_earlier(&r->mtime, booted))
		return true;
	index_entry(&e, r->owner, &r->ip, &r->mtime);
	return s->older_boot && index_knows(s, &e);
}

struct mending {
	const struct store *store;
	struct timespec booted;
	struct index_entry *v; /* owned */
	size_t n;
};

static void mending_auto(struct mending *m)
{
	free(m->v);
}

static int keep_entry(struct mending *m, const struct reservation *r)
{
	if ((m->n & (m->n - 1)) == 0) {
		size_t room = m->n ? 2 * m->n : 1;
		struct index_entry *v = realloc(m->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		m->v = v;
	}
	index_entry(&m->v[m->n++], r->owner, &r->ip, &r->mtime);
	return 0;
}

static int mend_one(void *arg, const struct reservation *r)
{
	struct mending *m = arg;

	if (!is_void(m->store, &m->booted, r))
		return keep_entry(m, r);
	/* where it cannot be removed, its address stays taken, no more */
	unlinkat(m->store->dir, r->name, 0);
	return 0;
}

int mend_store(struct store *s)
{
	AUTO(mending) struct mending m = { .store = s };
	int r;

	boot_time(&m.booted);
	s->indexed = false;
	s->changed = true;
	r = scan_store(s, mend_one, &m);
	if (r < 0)
		return r;
	s->scanned = true;
	/* an index must have everything: a file may be readable tomorrow */
	if (s->usable && r == 0)
		index_write(s, m.v, m.n);
	return 0;
}

struct listing {
	const struct store *store;
	struct timespec booted;
	struct ip_list *ret;
};

static int list_one(void *arg, const struct reservation *r)
{
	const struct listing *l = arg;

	return is_void(l->store, &l->booted, r) ? ip_list_add(l->ret, &r->ip)
						: 0;
}

int mend_list(const struct store *s, struct ip_list *ret)
{
	struct listing l = { .store = s, .ret = ret };
	int r;

	boot_time(&l.booted);
	r = scan_store(s, list_one, &l);
	return r < 0 ? r : 0;
}

struct sweep {
	struct store *store;
	mend_keep_fn keep;
	const void *arg;
	int r; /* the first error */
};

static int remove_garbage(struct store *s, const char *name)
{
	/* whose entry it has in the index, if any, cannot be told any more */
	s->indexed = false;
	s->changed = true;
	return unlinkat(s->dir, name, 0) < 0 ? -errno : 0;
}

static int sweep_one(void *arg, const struct reservation *res)
{
	struct sweep *sweep = arg;
	AUTO(str) char *id = NULL;
	const char *ifname;
	int r = 0;

	if (!res->owner) {
		r = remove_garbage(sweep->store, res->name);
	} else {
		id = scan_split(res->owner, &ifname);
		if (!id)
			return -ENOMEM;
		/* of a store that is shared, others know attachments too */
		if (sweep->store->local && !sweep->keep(sweep->arg, id, ifname))
			r = store_release(sweep->store, &res->ip, res->owner);
	}
	if (sweep->r == 0)
		sweep->r = r;
	return 0;
}

int mend_sweep(struct store *s, mend_keep_fn keep, const void *arg)
{
	struct sweep sweep = { .store = s, .keep = keep, .arg = arg };
	int r = scan_store(s, sweep_one, &sweep);

	if (r < 0 || sweep.r < 0)
		return r < 0 ? r : sweep.r;
	/* whether that file's owner lives, nobody can say */
	return r > 0 ? -EACCES : 0;
}
