// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * glibc.c - what Debian's libnftnl.a, which is compiled with glibc, calls of it
 * that musl has not: for static executables with musl
 *
 * These are glibc's names for functions that look whether there is room; both
 * libraries pass arguments alike, as the platform's ABI says.
 */
#undef _FORTIFY_SOURCE /* with it, glibc's header has them */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

int __snprintf_chk(char *text, size_t len, int flag, size_t room,
		   const char *format, ...);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);

int __snprintf_chk(char *text, size_t len, int flag, size_t room,
		   const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	if (len > room)
		abort();
	va_start(args, format);
	n = vsnprintf(text, len, format, args);
	va_end(args);
	return n;
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	va_start(args, format);
	n = vfprintf(file, format, args);
	va_end(args);
	return n;
}
