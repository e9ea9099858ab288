/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.h - reading the files of a store, all of them or one */
#ifndef HOST_LOCAL_SCAN_H
#define HOST_LOCAL_SCAN_H

#include <time.h>

#include "files.h"

/* A reservation: a file whose name is an address. All is borrowed. */
struct reservation {
	struct ip_addr ip;
	const char *name;
	const char *owner; /* NULL: the address is free; "": nobody can tell */
	struct timespec mtime;
};

/*
 * Calls fn for each regular file of the store that an address names. A file
 * that we may not read is left out: its address stays taken, by somebody else.
 * Stops at a negative return. Returns that, 0, 1 if a file was left out, or
 * -errno, also where reading failed in another way: what there is in the file
 * may be what the caller is looking for.
 */
typedef int (*scan_fn)(void *arg, const struct reservation *r);
int scan_store(const struct store *s, scan_fn fn, void *arg);

/*
 * Whether the file called name belongs to owner: 1 or 0; -errno where it may,
 * but cannot be read.
 */
int scan_is_owner(const struct store *s, const char *name, const char *owner);

#endif
