/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts.h - of what a snapshot of a namespace is made */
#ifndef SNAPSHOT_PARTS_H
#define SNAPSHOT_PARTS_H

#include <linux/netlink.h>
#include <stdint.h>

#include "attr.h"
#include "snapshot.h"

/* The links of a namespace by their indexes. Zero-initialise before use. */
struct link_names {
	struct link_name *v;
	unsigned n, size;
};

/* A dump: what its functions share. */
struct dump {
	const struct view *view;
	struct lines *ret;
	struct link_names links;
	bool elsewhere; /* what that is linked to is in another namespace */
	struct text text;
};

/* Never NULL. */
const char *link_name(const struct dump *d, uint32_t index);
/* For rules: " name LINK", of an attribute that is the index of a link */
void attr_link(struct text *t, const char *name, const struct nlattr *a,
	       void *dump);

/* Sets d->links. */
void snapshot_names(struct dump *d);
void snapshot_links(struct dump *d);
void snapshot_routes(struct dump *d);
void snapshot_nft(struct dump *d);
/* Settings: the process must be inside. */
void snapshot_sysctl(const struct view *v, struct lines *ret);

/* The name of a protocol family. */
const char *family_name(unsigned family);

/* For rules: the expressions of an nf_tables rule, or one of them */
void attr_exprs(struct text *t, const char *name, const struct nlattr *a,
		void *arg);
void attr_expr(struct text *t, const char *name, const struct nlattr *a,
	       void *arg);
/* For rules: a value to compare or to load, and user data such as comments */
void attr_value(struct text *t, const char *name, const struct nlattr *a,
		void *arg);
void attr_userdata(struct text *t, const char *name, const struct nlattr *a,
		   void *arg);

#endif
