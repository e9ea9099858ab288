/* SPDX-License-Identifier: GPL-2.0-or-later */
/* undo.h - what a failed ADD has to take back */
#ifndef CNI_UNDO_H
#define CNI_UNDO_H

#include "cni/cni.h"

#define UNDO_MAX 16

/*
 * An undo step that is no step of DEL. arg is borrowed and must live until
 * undo_run() or undo_commit(). Returns 0, or -1 after cni_fail() on err, whose
 * first report is the ADD's own.
 */
typedef int (*undo_fn)(void *arg, struct cni_err *err);

struct undo {
	struct cni_err *err; /* borrowed; where failed undos are added */
	const struct cni_call *call;
	const struct cni_step *del; /* the plugin's; NULL for none */
	unsigned marked;	    /* bit i: del[i] is due */
	unsigned n;
	struct {
		const char *what;
		undo_fn fn;
		void *arg;
		void (*release)(void *arg);
	} step[UNDO_MAX];
};

/*
 * Marks the step of DEL with that function as due: before what can half
 * succeed (a delegate, a request whose answer may get lost), after what is
 * atomic. A function that is no step of the plugin's DEL aborts the process,
 * since it is a bug.
 */
void undo_mark(struct undo *u,
	       int (*fn)(const struct cni_call *call, struct cni_err *err));
/* Takes the mark back: there is nothing to undo after all. */
void undo_unmark(struct undo *u,
		 int (*fn)(const struct cni_call *call, struct cni_err *err));

/*
 * Pushes what no step of DEL takes back: something that was replaced.
 * release, if not NULL, frees arg after the step ran or was committed, so arg
 * may outlive the handler. There is room for UNDO_MAX steps; more abort the
 * process, since it is a bug.
 */
void undo_push(struct undo *u, const char *what, undo_fn fn, void *arg,
	       void (*release)(void *arg));

/*
 * Runs what was pushed, last first, and then the marked steps in the order of
 * DEL; a failed one is added to the error's details.
 */
void undo_run(struct undo *u);

/* Forgets the steps: the ADD succeeded and its result is written. */
void undo_commit(struct undo *u);

#endif
