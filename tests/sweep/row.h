/* SPDX-License-Identifier: GPL-2.0-or-later */
/* row.h - one verb with one kind of injection, at every place */
#ifndef SWEEP_ROW_H
#define SWEEP_ROW_H

#include "world.h"

struct row {
	struct world *world;
	const char *verb;
	const struct call_kind *kind; /* that fails, or NULL: a kill */
	int error;
	bool all; /* kills at every call, each of them in every way */

	unsigned hits;	 /* out: how many times something was injected */
	unsigned failed; /* out: how many of these went wrong */
};

/*
 * Says what is wrong, as comments of TAP. Afterwards the world is as it was,
 * or a new one.
 */
void row_run(struct row *row);

#endif
