/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fortify.h - what _FORTIFY_SOURCE=2 is with glibc, for musl, which has not got
 * it: where the compiler knows the size of a buffer, a call that would write
 * more into it ends the program
 *
 * The functions that our code and the libraries' write by; the compiler checks
 * what it can when it compiles. fortify.c has what it calls for the rest.
 */
/* as the C library's own headers: without warnings */
#pragma GCC system_header

#ifndef FORTIFY_H
#define FORTIFY_H

/* as all have it; nothing is included before this */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__OPTIMIZE__) && !defined(__clang__)

#define FORTIFY                                                                \
	extern inline __attribute__((gnu_inline, always_inline, artificial))
/* of all of the object, and of the member that is pointed to */
#define ROOM(p) __builtin_object_size(p, 0)
#define ROOM_TEXT(p) __builtin_object_size(p, 1)

FORTIFY void *memcpy(void *to, const void *from, size_t n)
{
	return __builtin___memcpy_chk(to, from, n, ROOM(to));
}

FORTIFY void *memmove(void *to, const void *from, size_t n)
{
	return __builtin___memmove_chk(to, from, n, ROOM(to));
}

FORTIFY void *mempcpy(void *to, const void *from, size_t n)
{
	return __builtin___mempcpy_chk(to, from, n, ROOM(to));
}

FORTIFY void *memset(void *to, int byte, size_t n)
{
	return __builtin___memset_chk(to, byte, n, ROOM(to));
}

FORTIFY char *strcpy(char *to, const char *from)
{
	return __builtin___strcpy_chk(to, from, ROOM_TEXT(to));
}

FORTIFY char *stpcpy(char *to, const char *from)
{
	return __builtin___stpcpy_chk(to, from, ROOM_TEXT(to));
}

FORTIFY char *strncpy(char *to, const char *from, size_t n)
{
	return __builtin___strncpy_chk(to, from, n, ROOM_TEXT(to));
}

FORTIFY char *strcat(char *to, const char *from)
{
	return __builtin___strcat_chk(to, from, ROOM_TEXT(to));
}

FORTIFY char *strncat(char *to, const char *from, size_t n)
{
	return __builtin___strncat_chk(to, from, n, ROOM_TEXT(to));
}

FORTIFY int snprintf(char *to, size_t n, const char *format, ...)
{
	return __builtin___snprintf_chk(to, n, 1, ROOM_TEXT(to), format,
					__builtin_va_arg_pack());
}

FORTIFY int vsnprintf(char *to, size_t n, const char *format, va_list args)
{
	return __builtin___vsnprintf_chk(to, n, 1, ROOM_TEXT(to), format, args);
}

FORTIFY int sprintf(char *to, const char *format, ...)
{
	return __builtin___sprintf_chk(to, 1, ROOM_TEXT(to), format,
				       __builtin_va_arg_pack());
}

FORTIFY int vsprintf(char *to, const char *format, va_list args)
{
	return __builtin___vsprintf_chk(to, 1, ROOM_TEXT(to), format, args);
}

/* CHECKED(type, name, (parameters), buffer, bytes, (arguments)): a function
 * that writes so many bytes into the buffer at most */
#define CHECKED(type, name, parameters, buffer, bytes, arguments)              \
	extern type fortify_##name parameters __asm__(#name);                  \
	FORTIFY type name parameters                                           \
	{                                                                      \
		if ((bytes) > ROOM(buffer))                                    \
			abort();                                               \
		return fortify_##name arguments;                               \
	}

CHECKED(ssize_t, read, (int fd, void *to, size_t n), to, n, (fd, to, n))
CHECKED(ssize_t, pread, (int fd, void *to, size_t n, off_t at), to, n,
	(fd, to, n, at))
CHECKED(ssize_t, recv, (int fd, void *to, size_t n, int flags), to, n,
	(fd, to, n, flags))
CHECKED(ssize_t, readlink, (const char *path, char *to, size_t n), to, n,
	(path, to, n))
CHECKED(ssize_t, readlinkat, (int at, const char *path, char *to, size_t n), to,
	n, (at, path, to, n))
CHECKED(char *, getcwd, (char *to, size_t n), to, n, (to, n))
CHECKED(size_t, fread, (void *to, size_t size, size_t n, FILE *file), to,
	size *n, (to, size, n, file))
CHECKED(char *, fgets, (char *to, int n, FILE *file), to, (size_t)n,
	(to, n, file))
CHECKED(ssize_t, recvfrom,
	(int fd, void *to, size_t n, int flags, struct sockaddr *from,
	 socklen_t *len),
	to, n, (fd, to, n, flags, from, len))
CHECKED(int, ppoll,
	(struct pollfd * fds, nfds_t n, const struct timespec *timeout,
	 const sigset_t *mask),
	fds, n * sizeof(*fds), (fds, n, timeout, mask))
CHECKED(int, poll, (struct pollfd * fds, nfds_t n, int timeout), fds,
	n * sizeof(*fds), (fds, n, timeout))

#endif
#endif
