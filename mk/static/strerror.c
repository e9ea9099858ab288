// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * strerror.c - the errors' texts as glibc has them, for static executables with
 * musl: what is said does not depend on how a plugin was built
 *
 * mk/static.sh writes them into the file ERRORS, each as ERROR(number, text).
 */
#include <stdio.h>
#include <string.h>

char *__strerror_l(int error, locale_t locale);

char *strerror(int error)
{
	static char unknown[sizeof("Unknown error -2147483648")];

	switch (error) {
#define ERROR(number, text)                                                    \
	case number:                                                           \
		return (char *)text;
#ifdef ERRORS
#include ERRORS
#endif
#undef ERROR
	}
	snprintf(unknown, sizeof(unknown), "Unknown error %d", error);
	return unknown;
}

/* musl's own names for it, which are in the same object there */
char *strerror_l(int error, locale_t locale)
{
	(void)locale;
	return strerror(error);
}

char *__strerror_l(int error, locale_t locale)
{
	(void)locale;
	return strerror(error);
}
