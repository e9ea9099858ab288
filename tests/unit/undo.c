// SPDX-License-Identifier: GPL-2.0-or-later
/* undo.c - the log of a failed ADD: order, release, failures */
#include "cni/undo.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char trace[256];

static void note(const char *sign, const char *name)
{
	size_t len = strlen(trace);

	snprintf(trace + len, sizeof(trace) - len, "%s%s ", sign, name);
}

static int step(void *arg, struct cni_err *err)
{
	const char *name = arg;

	note("", name);
	/* a name in upper case fails */
	return *name < 'a' ? cni_fail(err, 100, 0, "%s failed", name) : 0;
}

static void release(void *arg)
{
	note("-", arg);
}

static void push(struct undo *u, const char *name, void (*rel)(void *))
{
	undo_push(u, name, step, (void *)name, rel);
}

static void runs_last_in_first_out(void)
{
	struct cni_err err = { 0 };
	struct undo u = { .err = &err };

	trace[0] = '\0';
	push(&u, "a", NULL);
	push(&u, "b", release);
	push(&u, "c", release);
	undo_run(&u);
	EQ_STR(trace, "c -c b -b a ");
	OK(!err.set);
	/* nothing is left */
	undo_run(&u);
	undo_commit(&u);
	EQ_STR(trace, "c -c b -b a ");
}

static void commit_only_releases(void)
{
	struct cni_err err = { 0 };
	struct undo u = { .err = &err };

	trace[0] = '\0';
	push(&u, "a", release);
	push(&u, "b", NULL);
	push(&u, "c", release);
	undo_commit(&u);
	EQ_STR(trace, "-c -a ");
	undo_run(&u);
	EQ_STR(trace, "-c -a ");
}

static void a_failed_step_stops_nothing(void)
{
	struct cni_err err = { 0 };
	struct undo u = { .err = &err };

	trace[0] = '\0';
	cni_fail(&err, 5, 0, "the ADD's own");
	push(&u, "a", NULL);
	push(&u, "B", release);
	push(&u, "C", NULL);
	undo_run(&u);
	EQ_STR(trace, "C B -B a ");
	EQ_INT(err.code, 5);
	EQ_STR(err.msg, "the ADD's own");
	EQ_STR(err.details, "C failed; could not C; B failed; could not B");
}

static void an_empty_log_does_nothing(void)
{
	struct cni_err err = { 0 };
	struct undo u = { .err = &err };

	undo_run(&u);
	undo_commit(&u);
	OK(!err.set);
}

static int del_a(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	note("", call->command);
	note("", "del-a");
	return 0;
}

static int del_b(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	note("", "del-b");
	return cni_fail(err, 100, 0, "del-b failed");
}

static int del_c(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	(void)err;
	note("", "del-c");
	return 0;
}

static const struct cni_step del[] = {
	{ "do a", del_a }, { "do b", del_b }, { "do c", del_c }, { 0 }
};

/* The order of the marks does not count; what was pushed is undone before. */
static void marked_steps_run_in_the_order_of_del(void)
{
	const struct cni_call call = { .command = "ADD" };
	struct cni_err err = { 0 };
	struct undo u = { .err = &err, .call = &call, .del = del };

	trace[0] = '\0';
	cni_fail(&err, 5, 0, "the ADD's own");
	undo_mark(&u, del_c);
	undo_mark(&u, del_b);
	undo_mark(&u, del_a);
	undo_mark(&u, del_a);
	push(&u, "x", release);
	undo_run(&u);
	EQ_STR(trace, "x -x ADD del-a del-b del-c ");
	EQ_STR(err.msg, "the ADD's own");
	EQ_STR(err.details, "del-b failed; could not do b");
	/* nothing is left */
	undo_run(&u);
	EQ_STR(trace, "x -x ADD del-a del-b del-c ");
}

static void what_is_not_marked_does_not_run(void)
{
	struct cni_err err = { 0 };
	struct undo u = { .err = &err, .del = del };

	trace[0] = '\0';
	undo_mark(&u, del_b);
	undo_mark(&u, del_c);
	undo_unmark(&u, del_b);
	undo_run(&u);
	EQ_STR(trace, "del-c ");
	undo_mark(&u, del_b);
	undo_commit(&u);
	undo_run(&u);
	EQ_STR(trace, "del-c ");
	OK(!err.set);
}

static void fill(unsigned n)
{
	struct undo u = { 0 };

	for (unsigned i = 0; i < n; i++)
		push(&u, "x", NULL);
	undo_commit(&u);
	_exit(0);
}

/* A function that is none of DEL's steps. */
static void mark_another(unsigned n)
{
	struct undo u = { .del = n ? del + 1 : NULL };

	undo_mark(&u, del_a);
	_exit(0);
}

static int status_after(void (*fn)(unsigned), unsigned n)
{
	const struct rlimit no_core = { 0, 0 };
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		fn(n);
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	return status;
}

static void holds_sixteen_and_no_more(void)
{
	int status;

	EQ_INT(UNDO_MAX, 16);
	EQ_INT(status_after(fill, UNDO_MAX), 0);
	status = status_after(fill, UNDO_MAX + 1);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void a_mark_for_no_step_is_a_bug(void)
{
	for (unsigned n = 0; n < 2; n++) {
		int status = status_after(mark_another, n);

		OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

TAP_MAIN(TEST(marked_steps_run_in_the_order_of_del),
	 TEST(what_is_not_marked_does_not_run),
	 TEST(a_mark_for_no_step_is_a_bug), TEST(runs_last_in_first_out),
	 TEST(commit_only_releases), TEST(a_failed_step_stops_nothing),
	 TEST(an_empty_log_does_nothing), TEST(holds_sixteen_and_no_more))
