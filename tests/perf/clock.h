/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - what the programs that time calls have in common */
#ifndef PERF_CLOCK_H
#define PERF_CLOCK_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* what the kernel does behind our back after one call is over before the
 * next is timed; on a bridge with 1,000 ports that is a lot */
static const struct timespec settle = { 0, 50 * 1000 * 1000 };

static inline _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static inline double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

#endif
