/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - all that is in a network namespace and below some folders,
 * as lines: objects of the kernel with all their attributes, but for what
 * counts, ages, or follows from the rest in the kernel's own time
 */
#ifndef SWEEP_SNAPSHOT_H
#define SWEEP_SNAPSHOT_H

#include "lines.h"

struct view {
	const char *name; /* at the start of its lines */
	int ns;		  /* the namespace, owned */
	int route, nft;	  /* sockets inside; nft is -1 where there is none */
};

/* Makes a new network namespace, whose lo is up if asked for. */
void view_new(struct view *v, const char *name, bool lo_up);
void view_close(struct view *v);

/* Makes it the process's own. */
void view_enter(const struct view *v);

/* Links, addresses, routes, rules, neighbours, queues. */
void snapshot_route(const struct view *v, struct lines *ret);

/* nf_tables */
void snapshot_nft(const struct view *v, struct lines *ret);

/* The process must be inside: settings of interfaces and forwarding. */
void snapshot_sysctl(const struct view *v, struct lines *ret);

/* Everything below a folder, with content. */
void snapshot_files(const char *dir, struct lines *ret);

#endif
