/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap.h - the smallest useful test harness: a table of tests, TAP output, and
 * a deadline for each test
 *
 * A test that waits for what never comes is named, and the program ends, with
 * the children that it has by then. TAP_SLOW=30 in the environment makes the
 * deadlines so many times as long.
 */
#ifndef TAP_H
#define TAP_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds for a test; a program whose tests are long has its own. */
#ifndef TAP_DEADLINE
#define TAP_DEADLINE 60
#endif

static int tap_failed; /* checks that failed in the running test */
static int tap_deadline = TAP_DEADLINE;
static char tap_late[512]; /* what is said of it if it takes too long */

/* Whether TAP_WITHOUT=" name name ", if it is set, leaves that test out. */
static inline bool tap_without(const char *name)
{
	const char *names = getenv("TAP_WITHOUT");
	char word[128];

	snprintf(word, sizeof(word), " %s ", name);
	return names && strstr(names, word);
}

#define OK(cond)                                                               \
	do {                                                                   \
		if (!(cond)) {                                                 \
			tap_failed++;                                          \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);    \
		}                                                              \
	} while (0)

#define EQ_INT(a, b)                                                           \
	do {                                                                   \
		long long a_ = (a), b_ = (b);                                  \
		if (a_ != b_) {                                                \
			tap_failed++;                                          \
			printf("# %s:%d: %s is %lld, expected %lld\n",         \
			       __FILE__, __LINE__, #a, a_, b_);                \
		}                                                              \
	} while (0)

#define EQ_STR(a, b)                                                           \
	do {                                                                   \
		const char *a_ = (a), *b_ = (b);                               \
		if (!a_ || !b_ || strcmp(a_, b_) != 0) {                       \
			tap_failed++;                                          \
			printf("# %s:%d: %s is \"%s\", expected \"%s\"\n",     \
			       __FILE__, __LINE__, #a, a_ ? a_ : "(null)",     \
			       b_ ? b_ : "(null)");                            \
		}                                                              \
	} while (0)

struct tap_test {
	const char *name;
	void (*fn)(void);
};

/* Ends the children of this process: only it would have. */
static inline void tap_end_children(void)
{
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	pid_t pid = 0;
	char c;

	while (fd >= 0 && read(fd, &c, 1) == 1) {
		if (c >= '0' && c <= '9') {
			pid = pid * 10 + (c - '0');
			continue;
		}
		if (pid > 0)
			kill(pid, SIGKILL);
		pid = 0;
	}
}

/* Only what a signal handler may do: the test may hold any lock. */
static inline void tap_is_late(int sig)
{
	ssize_t n = write(STDOUT_FILENO, tap_late, strlen(tap_late));

	(void)sig;
	(void)n;
	tap_end_children();
	_exit(1);
}

/* A timer of its own: tests use alarm()'s. fork() does not pass it on. */
static inline timer_t tap_timer(void)
{
	struct sigaction act = { .sa_handler = tap_is_late };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN };
	timer_t timer;

	if (sigaction(SIGRTMIN, &act, NULL) < 0 ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
		abort();
	return timer;
}

static inline void tap_set_timer(timer_t timer, size_t number, const char *name)
{
	const char *slow = getenv("TAP_SLOW");
	struct itimerspec left = { 0 };
	int seconds = tap_deadline * (slow && atoi(slow) > 1 ? atoi(slow) : 1);

	snprintf(tap_late, sizeof(tap_late),
		 "# %s took longer than %d s\nnot ok %zu - %s\n", name, seconds,
		 number, name);
	left.it_value.tv_sec = seconds;
	if (timer_settime(timer, 0, &left, NULL) < 0)
		abort();
}

static inline int tap_run(const struct tap_test *t, size_t n)
{
	timer_t timer = tap_timer();
	size_t plan = 0, ran = 0;
	int failed = 0;

	/* A program that is its own delegate: in a test of that it is called
	   as a function. As a process it would start the next one, and so on.
	 */
	if (getenv("CNI_COMMAND")) {
		fprintf(stderr, "a test, started as a delegate\n");
		return 99;
	}
	/* what was said before is not lost, whatever ends the program */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < n; i++)
		plan += !tap_without(t[i].name);
	printf("1..%zu\n", plan);
	for (size_t i = 0; i < n; i++) {
		if (tap_without(t[i].name))
			continue;
		tap_failed = 0;
		tap_set_timer(timer, ++ran, t[i].name);
		t[i].fn();
		failed += tap_failed != 0;
		printf("%sok %zu - %s\n", tap_failed ? "not " : "", ran,
		       t[i].name);
	}
	timer_delete(timer);
	return failed != 0;
}

/* Skips the whole program, naming what is missing; a failure if MUST_RUN=1. */
static inline void skip_all(const char *what)
{
	const char *must = getenv("MUST_RUN");
	bool fail = must && strcmp(must, "1") == 0;

	if (fail)
		printf("1..1\nnot ok 1 - needs %s\n", what);
	else
		printf("1..0 # SKIP needs %s\n", what);
	fflush(stdout);
	_exit(fail);
}

#define TAP_MAIN(...)                                                          \
	int main(void)                                                         \
	{                                                                      \
		static const struct tap_test t[] = { __VA_ARGS__ };            \
                                                                               \
		return tap_run(t, sizeof(t) / sizeof(t[0]));                   \
	}
#define TEST(fn)                                                               \
	{                                                                      \
#fn, fn                                                        \
	}

#endif
