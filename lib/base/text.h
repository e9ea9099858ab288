/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - a text that grows while it is written
 *
 * Not open_memstream(): its writes are buffered, and where no memory is found
 * for what they hold, C libraries differ in who is told, if anybody.
 */
#ifndef CNI_TEXT_H
#define CNI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

/* Begins as all zeros. What was to be added where there was no memory is lost.
 */
struct text {
	char *s;
	size_t len, room;
	bool lost;
};

static inline void text_auto(struct text *t)
{
	free(t->s);
}

/* Adds n bytes. */
void text_add(struct text *t, const char *s, size_t n);
/* Adds a string, or what a format makes of its arguments: 255 bytes at most. */
void text_put(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The whole text, owned by the caller, or NULL where any of it was lost. */
char *text_take(struct text *t);

#endif
