/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files.h - the files of a store: opened, locked, listed, made and removed
 *
 *   <dataDir>/<network>/              the store
 *     <ip>                 reservation: its owner (owner.h)
 *     last_reserved_ip.<n> the last address that range set n handed out
 *     lock                 flock(2)ed by whoever changes the store
 *     .cnic/               ours: see index.h; nothing in it can be taken for
 *                          a reservation
 */
#ifndef HOST_LOCAL_FILES_H
#define HOST_LOCAL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "base/ipaddr.h"
#include "boot.h"

/*
 * How long to wait for the lock: well under the minute or two after which a
 * runtime gives up on us, and far more than any queue of sane length needs.
 */
#define STORE_LOCK_MS 10000

/* the longest content of a file: more than an environment variable holds */
#define STORE_FILE_MAX (132u << 10)

/*
 * The use that a caller has for the store. LOOK neither locks nor writes.
 * CHANGE takes the lock; CREATE does too, and makes the store where it is
 * missing.
 */
enum store_use {
	STORE_LOOK,
	STORE_CHANGE,
	STORE_CREATE
};

/* STORE_CLOSED before use */
struct store {
	char *path;	    /* owned */
	int dir, own, lock; /* the store, .cnic, lock; -1 where not open */
	/* what index.c, repair.c and store.c know of it */
	bool reclaim;	       /* as configured */
	char boot[BOOT_IDLEN]; /* "" where unknown */
	bool local;	 /* on a file system that is this machine's alone */
	bool same_boot;	 /* the stamp is of this boot */
	bool ended_boot; /* of one that has ended: it was up for longer */
	bool usable;	 /* the index can work here */
	bool indexed;	 /* and does: it agrees with the files */
	bool scanned; /* every file was put right since the store was opened */
	bool changed; /* by us, since it was opened */
};

#define STORE_CLOSED                                                           \
	(struct store)                                                         \
	{                                                                      \
		.dir = -1, .own = -1, .lock = -1                               \
	}

/*
 * Opens the folder at s->path, its lock and .cnic. Returns 1, or 0 where there
 * is none (never for CREATE), or -1 and the reason in err: code 5, or 11 where
 * the lock stayed taken for STORE_LOCK_MS. For CHANGE, which releases, it goes
 * on without the lock where nobody can have it: on a full disk, and where
 * there is no flock(2). The folder may be a symbolic link of root's.
 */
int files_open(struct store *s, enum store_use use, struct cni_err *err);

/*
 * Whether the file system of fd, the lock, has locks, without taking it.
 * Returns 0, or -1 and the reason in err.
 */
int files_check_lock(const struct store *s, int fd, struct cni_err *err);

/* Unlocks and closes; frees the path. */
void files_close(struct store *s);

/*
 * Calls fn for each name in the store that is an address in canonical form,
 * whatever kind of file it is. Stops at a negative return. Returns that, 0 or
 * -errno.
 */
typedef int (*files_each_fn)(void *arg, const char *name,
			     const struct ip_addr *ip);
int files_each(const struct store *s, files_each_fn fn, void *arg);

/*
 * Makes the file, atomically: it appears with its content or not at all.
 * Returns 0 and when it was written, -EEXIST where something has that name, or
 * -errno.
 */
int files_make(const struct store *s, const char *name, const char *text,
	       struct timespec *ret_mtime);

/*
 * Makes the file, or gives it another content. Killed half way, it may have a
 * part of it. Returns 0 or -errno.
 */
int files_write(const struct store *s, const char *name, const char *text);

#endif
