// SPDX-License-Identifier: GPL-2.0-or-later
/* tap.c - the harness of these programs: what it makes of a test that hangs */
#include "tap.h"

#include <sys/wait.h>

static char said[4096]; /* by the program that ran last */

/*
 * Runs tests as a program of its own, until it and all its children have ended;
 * returns its exit status, or -1.
 */
static int run(const struct tap_test *t, size_t n, int seconds)
{
	int fds[2], status = 0;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(fds) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		tap_deadline = seconds;
		exit(tap_run(t, n));
	}
	close(fds[1]);
	/* to the end of the last one that has it */
	while ((got = read(fds[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	close(fds[0]);
	OK(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void fine(void)
{
}

static void hangs(void)
{
	OK(!"seen");
	for (;;)
		pause();
}

static void has_a_child_that_hangs(void)
{
	pid_t pid = fork();

	if (pid == 0)
		hangs();
	waitpid(pid, NULL, 0);
}

static void takes_alarms(void)
{
	alarm(10000);
	signal(SIGALRM, SIG_IGN);
	hangs();
}

static void a_test_that_hangs_is_named(void)
{
	static const struct tap_test t[] = { TEST(fine), TEST(hangs),
					     TEST(fine) };

	unsetenv("TAP_SLOW");
	EQ_INT(run(t, 3, 1), 1);
	OK(strstr(said, "1..3\nok 1 - fine\n# ") == said);
	OK(strstr(said, ": !\"seen\"\n# hangs took longer than 1 s\n"
			"not ok 2 - hangs\n"));
	OK(!strstr(said, "ok 3"));
}

static void alarms_are_left_to_the_test(void)
{
	static const struct tap_test t[] = { TEST(takes_alarms) };

	EQ_INT(run(t, 1, 1), 1);
	OK(strstr(said, "not ok 1 - takes_alarms\n"));
}

/* Or they would wait for ever, with what they have open. */
static void its_children_end_with_it(void)
{
	static const struct tap_test t[] = { TEST(has_a_child_that_hangs) };

	EQ_INT(run(t, 1, 1), 1);
	OK(strstr(said, "not ok 1 - has_a_child_that_hangs\n"));
}

static void all_is_slower_under_valgrind(void)
{
	static const struct tap_test t[] = { TEST(fine), TEST(hangs) };

	setenv("TAP_SLOW", "2", 1);
	EQ_INT(run(t, 2, 1), 1);
	unsetenv("TAP_SLOW");
	OK(strstr(said, "# hangs took longer than 2 s\nnot ok 2 - hangs\n"));
}

TAP_MAIN(TEST(a_test_that_hangs_is_named), TEST(alarms_are_left_to_the_test),
	 TEST(its_children_end_with_it), TEST(all_is_slower_under_valgrind))
