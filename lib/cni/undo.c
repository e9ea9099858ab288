// SPDX-License-Identifier: GPL-2.0-or-later
/* undo.c - what a failed ADD has to take back */
#include "cni/undo.h"

#include <stdlib.h>

/* The bit of the step of DEL with that function. */
static unsigned bit_of(const struct undo *u,
		       int (*fn)(const struct cni_call *, struct cni_err *))
{
	for (unsigned i = 0; i < 32 && u->del && u->del[i].fn; i++)
		if (u->del[i].fn == fn)
			return 1u << i;
	abort();
}

void undo_mark(struct undo *u,
	       int (*fn)(const struct cni_call *call, struct cni_err *err))
{
	u->marked |= bit_of(u, fn);
}

void undo_unmark(struct undo *u,
		 int (*fn)(const struct cni_call *call, struct cni_err *err))
{
	u->marked &= ~bit_of(u, fn);
}

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
	for (unsigned i = 0; u->marked; u->marked &= ~(1u << i++))
		if (u->marked & 1u << i && u->del[i].fn(u->call, u->err) < 0)
			cni_detail(u->err, "could not %s", u->del[i].what);
}

void undo_commit(struct undo *u)
{
	while (u->n > 0)
		drop(u, --u->n);
	u->marked = 0;
}
