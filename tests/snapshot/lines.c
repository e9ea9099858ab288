// SPDX-License-Identifier: GPL-2.0-or-later
/* lines.c - a sorted text */
#include "lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

void lines_add(struct lines *l, const char *fmt, ...)
{
	va_list ap;
	char *line;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		die("vasprintf: %m");
	va_end(ap);
	if (l->n == l->size) {
		l->size = l->size ? 2 * l->size : 256;
		l->v = realloc(l->v, l->size * sizeof(*l->v));
		if (!l->v)
			die("realloc: %m");
	}
	l->v[l->n++] = line;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void lines_sort(struct lines *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

void lines_done(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct lines){ 0 };
}

bool lines_equal(const struct lines *a, const struct lines *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

void lines_diff(const struct lines *a, const struct lines *b, char *buf,
		size_t size)
{
	size_t i = 0, k = 0, at = 0;

	buf[0] = '\0';
	while (i < a->n || k < b->n) {
		int c = i == a->n   ? 1
			: k == b->n ? -1
				    : strcmp(a->v[i], b->v[k]);
		const char *line = c < 0 ? a->v[i] : b->v[k];

		if (c && at + strlen(line) + 4 > size)
			return;
		if (c)
			at += (size_t)snprintf(buf + at, size - at, "\n%c%s",
					       c < 0 ? '-' : '+', line);
		i += c <= 0;
		k += c >= 0;
	}
}

void lines_replace(struct lines *l, const char *old, const char *new)
{
	size_t from = strlen(old), to = strlen(new);

	for (size_t i = 0; i < l->n; i++)
		for (char *p = l->v[i]; (p = strstr(p, old)); p += to) {
			memcpy(p, new, to);
			memmove(p + to, p + from, strlen(p + from) + 1);
		}
	lines_sort(l);
}

const char *lines_find(const struct lines *l, const char *start,
		       const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->v[i], start, strlen(start)) == 0 &&
		    strstr(l->v[i], text))
			return l->v[i];
	return NULL;
}

void lines_copy(struct lines *l, const struct lines *from, const char *start,
		const char *text)
{
	for (size_t i = 0; i < from->n; i++)
		if (strncmp(from->v[i], start, strlen(start)) == 0 &&
		    !strstr(from->v[i], text))
			lines_add(l, "%s", from->v[i]);
}
