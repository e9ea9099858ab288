/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject.h - runs a program, and one system call of it, or of a process it
 * starts, fails, or is where the process is killed
 *
 * All processes are watched by one seccomp filter, and it is exactly one call
 * of one of them that is hit, so that what is done about it is not hit too.
 * Calls of the dynamic loader are not counted: a process that dies there has
 * done nothing.
 */
#ifndef SWEEP_INJECT_H
#define SWEEP_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calls.h"

#define PROCESSES_MAX 256

enum inject_kill {
	KILL_NONE,
	KILL_ONE, /* the process that calls */
	KILL_ALL  /* and all the others with it, as a runtime's cgroup */
};

struct inject {
	/* what counts: calls of that kind, or NULL: every call */
	const struct call_kind *kind;
	/* of those, only the ones after one that is not private */
	bool after_effect;
	/* which one: the nth (from 1; 0 is none) of a process; 0 is the program
	   itself, the others are in the order of their first calls */
	unsigned process, nth;
	/* what happens to it */
	int error;
	enum inject_kill kill;

	unsigned processes; /* out: how many there were */
	/* out: of each process, how many calls counted, until one was hit */
	unsigned calls[PROCESSES_MAX];
	bool done;  /* out: there was such a call */
	int nr;	    /* out: which one that was */
	bool first; /* out: and the program itself was hit */
};

struct outcome {
	int status; /* as wait() says it */
	bool hung;  /* it was ended by us */
	char *out;  /* its stdout and stderr, owned */
	char *err;
};

/* whoever runs longer is ended */
extern unsigned run_timeout_s;

/*
 * Runs file with input on stdin until it and all that it started have ended.
 * Without inject nothing is watched. A caller must be the subreaper.
 */
void run(const char *file, char *const env[], const char *input,
	 struct inject *inject, struct outcome *ret);

void outcome_done(struct outcome *o);

#endif
