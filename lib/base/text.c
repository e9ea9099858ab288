// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - a text that grows while it is written */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Makes room for n bytes and a NUL. */
static bool grow(struct text *t, size_t n)
{
	size_t room = t->room ? t->room : 512;
	char *s;

	while (room - t->len <= n)
		room *= 2;
	if (room == t->room)
		return true;
	s = realloc(t->s, room);
	if (!s) {
		t->lost = true;
		return false;
	}
	t->s = s;
	t->room = room;
	return true;
}

void text_add(struct text *t, const char *s, size_t n)
{
	if (!grow(t, n))
		return;
	memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void text_put(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *format, ...)
{
	char s[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(s, sizeof(s), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(s))
		t->lost = true;
	else
		text_add(t, s, (size_t)n);
}

char *text_take(struct text *t)
{
	return t->lost ? NULL : TAKE(t->s);
}
