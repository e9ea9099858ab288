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

static void fill(unsigned n)
{
	struct undo u = { 0 };

	for (unsigned i = 0; i < n; i++)
		push(&u, "x", NULL);
	undo_commit(&u);
	_exit(0);
}

static int status_after(unsigned n)
{
	const struct rlimit no_core = { 0, 0 };
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		fill(n);
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	return status;
}

static void holds_sixteen_and_no_more(void)
{
	int status;

	EQ_INT(UNDO_MAX, 16);
	EQ_INT(status_after(UNDO_MAX), 0);
	status = status_after(UNDO_MAX + 1);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TAP_MAIN(TEST(runs_last_in_first_out), TEST(commit_only_releases),
	 TEST(a_failed_step_stops_nothing), TEST(an_empty_log_does_nothing),
	 TEST(holds_sixteen_and_no_more))
