// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fortify.c - functions that look whether there is room, for static executables
 * with musl: what the compiler makes of those in fortify.h where it does not
 * know how much will be written
 *
 * The names are glibc's, and Debian's libnftnl.a, which is compiled with it,
 * calls some of them; both libraries pass arguments alike, as the platform's
 * ABI says.
 */
#undef _FORTIFY_SOURCE /* with it, glibc's header has them */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room);
void *__memmove_chk(void *to, const void *from, size_t n, size_t room);
void *__mempcpy_chk(void *to, const void *from, size_t n, size_t room);
void *__memset_chk(void *to, int byte, size_t n, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__stpcpy_chk(char *to, const char *from, size_t room);
char *__strncpy_chk(char *to, const char *from, size_t n, size_t room);
char *__strcat_chk(char *to, const char *from, size_t room);
char *__strncat_chk(char *to, const char *from, size_t n, size_t room);
int __vsnprintf_chk(char *to, size_t n, int flag, size_t room,
		    const char *format, va_list args);
int __snprintf_chk(char *to, size_t n, int flag, size_t room,
		   const char *format, ...);
int __vsprintf_chk(char *to, int flag, size_t room, const char *format,
		   va_list args);
int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);

static void must_fit(size_t n, size_t room)
{
	if (n > room)
		abort();
}

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room)
{
	must_fit(n, room);
	return memcpy(to, from, n);
}

void *__memmove_chk(void *to, const void *from, size_t n, size_t room)
{
	must_fit(n, room);
	return memmove(to, from, n);
}

void *__mempcpy_chk(void *to, const void *from, size_t n, size_t room)
{
	return (char *)__memcpy_chk(to, from, n, room) + n;
}

void *__memset_chk(void *to, int byte, size_t n, size_t room)
{
	must_fit(n, room);
	return memset(to, byte, n);
}

/* Puts n bytes of from and a NUL at to, and returns where that is. */
static char *put(char *to, const char *from, size_t n, size_t room)
{
	must_fit(n + 1, room);
	memcpy(to, from, n);
	to[n] = '\0';
	return to + n;
}

char *__stpcpy_chk(char *to, const char *from, size_t room)
{
	return put(to, from, strlen(from), room);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
	put(to, from, strlen(from), room);
	return to;
}

char *__strncpy_chk(char *to, const char *from, size_t n, size_t room)
{
	must_fit(n, room);
	return strncpy(to, from, n);
}

static char *put_after(char *to, const char *from, size_t n, size_t room)
{
	size_t len = strlen(to);

	must_fit(len, room);
	put(to + len, from, n, room - len);
	return to;
}

char *__strncat_chk(char *to, const char *from, size_t n, size_t room)
{
	return put_after(to, from, strnlen(from, n), room);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
	return put_after(to, from, strlen(from), room);
}

int __vsnprintf_chk(char *to, size_t n, int flag, size_t room,
		    const char *format, va_list args)
{
	(void)flag;
	must_fit(n, room);
	return vsnprintf(to, n, format, args);
}

int __snprintf_chk(char *to, size_t n, int flag, size_t room,
		   const char *format, ...)
{
	va_list args;
	int written;

	va_start(args, format);
	written = __vsnprintf_chk(to, n, flag, room, format, args);
	va_end(args);
	return written;
}

int __vsprintf_chk(char *to, int flag, size_t room, const char *format,
		   va_list args)
{
	/* a room that the compiler does not know is SIZE_MAX, of which musl's
	 * vsnprintf() says EOVERFLOW */
	int written =
		vsnprintf(to, room < INT_MAX ? room : INT_MAX, format, args);

	(void)flag;
	if (written >= 0)
		must_fit((size_t)written + 1, room);
	return written;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int written;

	va_start(args, format);
	written = __vsprintf_chk(to, flag, room, format, args);
	va_end(args);
	return written;
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;
	int written;

	(void)flag;
	va_start(args, format);
	written = vfprintf(file, format, args);
	va_end(args);
	return written;
}
