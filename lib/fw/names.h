/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - inside lib/fw: a set of strings */
#ifndef CNI_FW_NAMES_H
#define CNI_FW_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "auto.h"
#include "name.h"

/* Zero-initialise before use. Owns copies of the strings. */
struct fw_names {
	char **v;
	size_t n, size;
	bool unsorted;
};

/* Adds a copy of s, even if there is one. Returns 0 or -ENOMEM. */
int fw_names_add(struct fw_names *names, const char *s);

bool fw_names_has(struct fw_names *names, const char *s);

/*
 * Adds cni_owner() of each of the n attachments, all on that network, as it
 * is in a comment. Returns 0 or -ENOMEM.
 */
int fw_names_add_owners(struct fw_names *names, const char *network,
			const struct cni_attachment *att, size_t n);

/* Frees the strings and empties the set. */
void fw_names_done(struct fw_names *names);

static inline void fw_names_auto(struct fw_names *names)
{
	fw_names_done(names);
}

#endif
