/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls.h - the system calls that are made to fail, and what they fail with */
#ifndef SWEEP_CALLS_H
#define SWEEP_CALLS_H

#include <stdbool.h>

#define CALLS_MAX 6  /* system calls that are one kind */
#define ERRORS_MAX 6 /* errors of one kind */

/*
 * Calls that do the same, so that it does not matter by which of them a
 * library does it; unused entries are -1.
 */
struct call_kind {
	const char *name;
	int nr[CALLS_MAX];
	int error[ERRORS_MAX]; /* unused ones are 0 */
};

/* all kinds; the last one has no name */
extern const struct call_kind call_kinds[];

/* the kind that asks the kernel for memory */
extern const char call_memory[];
/* the kind that receives an answer, which gets lost with the call */
extern const char call_answer[];

bool call_is(const struct call_kind *kind, int nr);

/* The name of an error as in errno.h, such as "ENOMEM", or its number. */
const char *error_name(int error);

/*
 * Whether the call leaves all as it was outside of its own process: a process
 * that is killed after it is as one that was killed before.
 */
bool call_is_private(int nr);

/* Whether a C library makes the call before main(), without a loader too. */
bool call_is_startup(int nr);

#endif
