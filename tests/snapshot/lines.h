/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - a text, line by line, in order, to compare with another one */
#ifndef SNAPSHOT_LINES_H
#define SNAPSHOT_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise before use. Owns copies of the lines. */
struct lines {
	char **v;
	size_t n, size;
};

__attribute__((format(printf, 2, 3))) void lines_add(struct lines *l,
						     const char *fmt, ...);
void lines_sort(struct lines *l);
void lines_done(struct lines *l);

/* Whether two sorted texts are the same. */
bool lines_equal(const struct lines *a, const struct lines *b);

/*
 * Writes to buf what only one of them has, a line each, "-" before those of
 * a, "+" before those of b, as many as there is room for.
 */
void lines_diff(const struct lines *a, const struct lines *b, char *buf,
		size_t size);

/* Replaces each old by new, which is no longer. */
void lines_replace(struct lines *l, const char *old, const char *new);

/* The first line that begins so and has text in it, or NULL. */
const char *lines_find(const struct lines *l, const char *start,
		       const char *text);

/* Appends those lines of from that begin so and have not got text in them. */
void lines_copy(struct lines *l, const struct lines *from, const char *start,
		const char *text);

#endif
