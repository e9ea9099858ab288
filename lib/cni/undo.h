/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.h - the log of what a failed ADD has to take back, last in first out */
#ifndef CNI_UNDO_H
#define CNI_UNDO_H

#include "base/err.h"

#define UNDO_MAX 16

/*
 * An undo step. arg is borrowed and must live until undo_run() or
 * undo_commit(). Returns 0, or -1 after cni_fail() on err, whose first report
 * is the ADD's own.
 */
typedef int (*undo_fn)(void *arg, struct cni_err *err);

struct undo {
	struct cni_err *err; /* borrowed; where failed undos are added */
	unsigned n;
	struct {
		const char *what;
		undo_fn fn;
		void *arg;
		void (*release)(void *arg);
	} step[UNDO_MAX];
};

/*
 * Push before what can half-succeed (a delegate), after what is atomic (one
 * netlink message, one nft batch); or all before, where each knows by its arg
 * whether it is due. release, if not NULL, frees arg after the step ran or was
 * committed, so arg may outlive the handler. There is room for UNDO_MAX steps;
 * more abort the process, since it is a bug.
 */
void undo_push(struct undo *u, const char *what, undo_fn fn, void *arg,
	       void (*release)(void *arg));

/* Runs the steps, last first; a failed one is added to the error's details. */
void undo_run(struct undo *u);

/* Forgets the steps: the ADD succeeded and its result is written. */
void undo_commit(struct undo *u);

#endif
