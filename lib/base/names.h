/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - a set of strings */
#ifndef CNI_NAMES_H
#define CNI_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/name.h"

/* Zero-initialise before use. Owns copies of the strings. */
struct names {
	char **v;
	size_t n, size;
	bool unsorted;
};

/* Adds a copy of s, even if there is one. Returns 0 or -ENOMEM. */
int names_add(struct names *names, const char *s);

bool names_has(struct names *names, const char *s);

/*
 * Adds cni_owner() of each of the n attachments, all on that network, as it
 * is in a comment. Returns 0 or -ENOMEM.
 */
int names_add_owners(struct names *names, const char *network,
		     const struct cni_attachment *att, size_t n);

/* Frees the strings and empties the set. */
void names_done(struct names *names);

static inline void names_auto(struct names *names)
{
	names_done(names);
}

#endif
