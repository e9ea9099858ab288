/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the reservations of one network, as files that this plugin and
 * the reference plugin may both use at any moment
 *
 *   <dataDir>/<network>/              the store
 *     <ip>                 reservation: "<containerID>\r\n<ifname>", or only
 *                          the container ID (old format)
 *     last_reserved_ip.<n> the last address that range set n handed out
 *     lock                 flock(2)ed by whoever changes the store
 *     .cnic/               ours: see index.h; nothing in it can be taken for
 *                          a reservation
 */
#ifndef HOST_LOCAL_STORE_H
#define HOST_LOCAL_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "boot.h"
#include "conf.h"
#include "base/err.h"
#include "iplist.h"

/*
 * How long to wait for the lock: well under the minute or two after which a
 * runtime gives up on us, and far more than any queue of sane length needs.
 */
#define STORE_LOCK_MS 10000

/* the longest content of a file: more than an environment variable holds */
#define STORE_FILE_MAX (132u << 10)

/*
 * What a caller is going to do. LOOK neither locks nor writes. CHANGE takes
 * the lock; CREATE does too, and makes the store where it is missing.
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
	/* the rest is index.c's */
	bool reclaim;	       /* as configured */
	char boot[BOOT_IDLEN]; /* "" where unknown */
	bool local;	 /* on a file system that is this machine's alone */
	bool same_boot;	 /* the stamp is of this boot */
	bool older_boot; /* of an older one; neither: there is none */
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
 * Opens the store of place. Under the lock it is put right first: what an
 * earlier boot, a crash or a power failure left is removed. Returns 1, or 0
 * where there is none (never for CREATE), or -1 and the reason in err: code 5,
 * or 11 where the lock stayed taken for STORE_LOCK_MS.
 */
int store_open(struct store *s, const struct store_place *place,
	       enum store_use use, struct cni_err *err);

/* Brings the index up to date, unlocks, frees. Accepts a closed one. */
void store_close(struct store *s);

static inline void store_auto(struct store *s)
{
	store_close(s);
}

/*
 * The content of a reservation: "<id>\r\n<ifname>", or, where ifname is NULL,
 * the old format, "<id>". Returns an owned string or NULL.
 */
char *store_owner(const char *id, const char *ifname);

/* Appends what exactly that owner holds to ret. Returns 0 or -errno. */
int store_find(struct store *s, const char *owner, struct ip_list *ret);

/* Whether anything goes by that address's name. */
bool store_has(const struct store *s, const struct ip_addr *ip);

/*
 * Reserves ip for owner, atomically: the file appears with its content or not
 * at all. Returns 0, -EEXIST where it is taken, or -errno.
 */
int store_reserve(struct store *s, const struct ip_addr *ip, const char *owner);

/*
 * When the reservation of ip was made, to the nanosecond: two of one address
 * are told apart by that. Returns 0 or -errno.
 */
int store_reserved_at(const struct store *s, const struct ip_addr *ip,
		      struct timespec *ret);

/* Removes owner's reservation of ip. Returns 0 or -errno; gone is 0. */
int store_release(struct store *s, const struct ip_addr *ip, const char *owner);

/*
 * The address that range set n handed out last. An unreadable or senseless
 * file leaves *ret unset: the search then starts at the beginning.
 */
void store_get_last(const struct store *s, size_t n, struct ip_addr *ret);
/* Returns 0 or -errno. */
int store_set_last(const struct store *s, size_t n, const struct ip_addr *ip);

/*
 * Calls fn for each name in the store that is an address in canonical form,
 * whatever kind of file it is. Stops at a negative return. Returns that, 0 or
 * -errno.
 */
typedef int (*store_each_fn)(void *arg, const char *name,
			     const struct ip_addr *ip);
int store_each(const struct store *s, store_each_fn fn, void *arg);

/* Lists those addresses. Returns 0 or -errno. */
int store_names(const struct store *s, struct ip_list *ret);

#endif
