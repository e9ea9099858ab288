/* SPDX-License-Identifier: GPL-2.0-or-later */
/* die.h - what cannot go on, says why: it is the test itself that failed */
#ifndef SNAPSHOT_DIE_H
#define SNAPSHOT_DIE_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 2), noreturn)) static inline void die(
	const char *fmt, ...)
{
	int err = errno; /* for %m */
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	errno = err;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

#endif
