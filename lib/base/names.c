// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - a set of strings */
#include "base/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int names_add(struct names *names, const char *s)
{
	if (names->n == names->size) {
		size_t size = names->size ? names->size * 2 : 16;
		char **v = reallocarray(names->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		names->v = v;
		names->size = size;
	}
	names->v[names->n] = strdup(s);
	if (!names->v[names->n])
		return -ENOMEM;
	names->n++;
	names->unsorted = true;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool names_has(struct names *names, const char *s)
{
	if (names->n == 0)
		return false;
	if (names->unsorted)
		qsort(names->v, names->n, sizeof(*names->v), compare);
	names->unsorted = false;
	return bsearch(&s, names->v, names->n, sizeof(*names->v), compare);
}

int names_add_owners(struct names *names, const char *network,
		     const struct cni_attachment *att, size_t n)
{
	char owner[CNI_COMMENT_LEN];

	for (size_t i = 0; i < n; i++) {
		struct cni_attachment a = att[i];
		int r;

		a.network = network;
		r = names_add(names, cni_owner(&a, owner, sizeof(owner)));
		if (r < 0)
			return r;
	}
	return 0;
}

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct names){ 0 };
}
