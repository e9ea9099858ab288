/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - all that is in a network namespace and below some folders, as
 * lines that begin with the namespace's name and the kind of thing. Objects of
 * the kernel have all their attributes, but for what
 *
 *   counts or ages     packets, timers, times of use, expirations, learned
 *                      forwarding entries and neighbours, MLD groups, who
 *                      listens to a link (a capture ends with its process)
 *   is numbered        indexes of links, handles of nf_tables
 *   follows from the   carrier and what it decides: RUNNING, LOWER_UP, DORMANT,
 *   rest in the        the state of a bridge's port, linkdown; link-local
 *   kernel's own time  addresses and the routes that IPv6 makes for a link and
 *                      for each address; whether an address is tentative yet
 *   says it twice      how many rules a chain has, that a link has no queue
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "lines.h"

struct view {
	const char *name; /* at the start of its lines */
	int ns;		  /* the namespace, owned */
	int route, nft;	  /* sockets inside; nft is -1 where there is none */
};

/* Makes a new network namespace, whose lo is up if asked for. */
void view_new(struct view *v, const char *name, bool lo_up);
/* Opens that of a process, and enters it. */
void view_open(struct view *v, const char *name, const char *pid);
void view_close(struct view *v);

/* Makes it the process's own. */
void view_enter(const struct view *v);

/* The lines of a view; the process must be inside it. */
void snapshot_view(const struct view *v, struct lines *ret);

/* The lines of everything below a folder, with content. */
void snapshot_files(const char *dir, struct lines *ret);

/*
 * The reservations in a store of host-local's, and the index of them, without
 * what a network keeps: its folder and lock, and the address given out last.
 */
void snapshot_store(const char *dir, struct lines *ret);

#endif
