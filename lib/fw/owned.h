/* SPDX-License-Identifier: GPL-2.0-or-later */
/* owned.h - inside lib/fw: elements, found by whose they are */
#ifndef CNI_FW_OWNED_H
#define CNI_FW_OWNED_H

#include "base/names.h"
#include "fw/set.h"

/* An element that was found, and where. */
struct fw_found {
	const struct fw_set *set;
	struct fw_elem elem;
};

/*
 * A search in sets whose keys begin with an interface's name: for the elements
 * of one attachment, or those of a network whose attachments are not valid, by
 * the owner texts in their comments. Zero-initialise before use.
 */
struct fw_owned {
	const struct fw_set *const *sets; /* NULL after the last one */
	const char *network;
	char owner[CNI_COMMENT_LEN]; /* "": what is not valid */
	struct names valid;	     /* owned; owner texts */
	char iif[IFNAMSIZ];	     /* and whatever has this one; "": none */
	size_t all;		     /* so many are all; 0: not known */
	struct fw_found *v;	     /* owned; those found */
	size_t n, n_kept;
	struct names used; /* owned; the chains that those kept lead to */
	bool more;	   /* the network has others */
	/* and those that it wants; NULL: none */
	bool (*wanted)(const struct fw_elem *e, const void *arg);
	const void *arg;
};

/*
 * The search borrows sets and the network's name; owner is an owner text.
 * fw_owned_gc() returns 0 or -ENOMEM.
 */
void fw_owned_init(struct fw_owned *o, const struct fw_set *const *sets,
		   const char *owner, const char *network);
int fw_owned_gc(struct fw_owned *o, const struct fw_set *const *sets,
		const char *network, const struct cni_attachment *valid,
		size_t n);

/* Within a look or a plan: finds them, none where there is no set. Returns 0 or
 * -errno. */
int fw_owned_find(struct fw *fw, struct fw_owned *o);

void fw_owned_done(struct fw_owned *o);

static inline void fw_owned_auto(struct fw_owned *o)
{
	fw_owned_done(o);
}

#endif
