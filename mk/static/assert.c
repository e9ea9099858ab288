// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * assert.c - what a failed assert() calls, for static executables
 *
 * glibc's own says it in the user's language and to a wide stream if need be:
 * 30 kB in every executable, since the start of a process refers to it.
 */
#include <stdio.h>
#include <stdlib.h>

_Noreturn void __assert_fail(const char *what, const char *file, unsigned line,
			     const char *function);

void __assert_fail(const char *what, const char *file, unsigned line,
		   const char *function)
{
	dprintf(2, "%s:%u: %s: assertion '%s' failed\n", file, line, function,
		what);
	abort();
}
