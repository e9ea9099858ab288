// SPDX-License-Identifier: GPL-2.0-or-later
/* gc.c - removing the reservations of attachments that are no more */
#include "gc.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/auto.h"
#include "owner.h"
#include "scan.h"

struct gc {
	struct store *store;
	gc_keep_fn keep;
	const void *arg;
	int r; /* the first error */
};

static int remove_empty(struct store *s, const char *name)
{
	/* whose entry it has in the index, if any, cannot be told any more */
	s->indexed = false;
	s->changed = true;
	return unlinkat(s->dir, name, 0) < 0 ? -errno : 0;
}

static int collect_one(void *arg, const struct reservation *res)
{
	struct gc *gc = arg;
	AUTO(str) char *id = NULL;
	const char *ifname;
	int r = 0;

	if (!res->owner) {
		r = remove_empty(gc->store, res->name);
	} else if (*res->owner) {
		id = owner_split(res->owner, &ifname);
		if (!id)
			return -ENOMEM;
		/* of a store that is shared, others know attachments too */
		if (gc->store->local && !gc->keep(gc->arg, id, ifname))
			r = store_release(gc->store, &res->ip, res->owner);
	}
	if (gc->r == 0)
		gc->r = r;
	return 0;
}

int gc_store(struct store *s, gc_keep_fn keep, const void *arg)
{
	struct gc gc = { .store = s, .keep = keep, .arg = arg };
	int r = scan_store(s, collect_one, &gc);

	if (r < 0 || gc.r < 0)
		return r < 0 ? r : gc.r;
	/* whether that file's owner lives, nobody can say */
	return r > 0 ? -EACCES : 0;
}
