/* SPDX-License-Identifier: GPL-2.0-or-later */
/* row.h - one verb with one kind of injection, at every place */
#ifndef SWEEP_ROW_H
#define SWEEP_ROW_H

#include "world.h"

/*
 * A share of a row's places: of n equal ones the kth, from 0. Where a row has
 * fewer places than n, some are in more than one share, and no share is empty.
 * n is 0: all of them.
 */
struct share {
	unsigned k, n;
};

struct row {
	struct world *world;
	const char *verb;
	const struct call_kind *kind; /* that fails, or NULL: a kill */
	int error;
	bool all; /* kills at every call, each of them in every way */
	struct share share;
	bool list; /* as comments, where something is injected */

	unsigned hits;	 /* out: how many times something was injected */
	unsigned failed; /* out: how many of these went wrong */

	/* out: how many places there are in each process, where a share was
	   asked for; the next one of the same verb and kind may take it over */
	bool counted;
	unsigned processes, calls[PROCESSES_MAX];
};

/*
 * Says what is wrong, as comments of TAP. Afterwards the world is as it was,
 * or a new one.
 */
void row_run(struct row *row);

#endif
