// SPDX-License-Identifier: GPL-2.0-or-later
/* undo.c - the log of what a failed ADD has to take back */
#include "cni/undo.h"

#include <stdlib.h>

void undo_push(struct undo *u, const char *what, undo_fn fn, void *arg,
	       void (*release)(void *arg))
{
	if (u->n == UNDO_MAX)
		abort();
	u->step[u->n].what = what;
	u->step[u->n].fn = fn;
	u->step[u->n].arg = arg;
	u->step[u->n].release = release;
	u->n++;
}

static void drop(struct undo *u, unsigned i)
{
	if (u->step[i].release)
		u->step[i].release(u->step[i].arg);
}

void undo_run(struct undo *u)
{
	while (u->n > 0) {
		unsigned i = --u->n;

		if (u->step[i].fn(u->step[i].arg, u->err) < 0)
			cni_detail(u->err, "could not %s", u->step[i].what);
		drop(u, i);
	}
}

void undo_commit(struct undo *u)
{
	while (u->n > 0)
		drop(u, --u->n);
}
