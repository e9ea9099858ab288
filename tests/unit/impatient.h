/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * impatient.h - time that passes at once: for a test of what is given up at a
 * deadline, which nobody should have to wait for
 */
#ifndef IMPATIENT_H
#define IMPATIENT_H

#include <poll.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Not static: with _FORTIFY_SOURCE, poll() is inline for clang. */
bool impatient;	 /* a poll() in vain takes no time, and the clock does */
long long ahead; /* of the real clock, in ms */

int clock_gettime(clockid_t id, struct timespec *t)
{
	long r = syscall(SYS_clock_gettime, id, t);

	t->tv_sec += ahead / 1000;
	t->tv_nsec += ahead % 1000 * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
	return (int)r;
}

/* The clock that whoever is tested reads, in ms: real time passes as well. */
static inline long long clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	const struct timespec now = { 0 };
	struct timespec then = { timeout / 1000, timeout % 1000 * 1000000L };
	const struct timespec *t = timeout < 0 ? NULL : &then;
	long r = syscall(SYS_ppoll, fds, n, impatient ? &now : t, NULL, 8);

	if (r == 0 && impatient && timeout > 0)
		ahead += timeout;
	return (int)r;
}

#endif
