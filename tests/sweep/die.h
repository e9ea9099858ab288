/* SPDX-License-Identifier: GPL-2.0-or-later */
/* die.h - what cannot go on, says why: it is the sweep itself that failed */
#ifndef SWEEP_DIE_H
#define SWEEP_DIE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 2), noreturn)) static inline void die(
	const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sweep: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

#endif
