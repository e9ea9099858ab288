/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the reservations of one network, as files that this plugin and
 * the reference plugin may both use at any moment
 *
 *   store    this: reservations and their index, together
 *   repair   every file read: what is void goes, the index is made anew
 *   index    an owner's reservations found without that
 *   scan     reading the files
 *   files    the files themselves: their layout is in files.h
 *
 * Each uses those below it, none one above.
 */
#ifndef HOST_LOCAL_STORE_H
#define HOST_LOCAL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "conf.h"
#include "files.h"
#include "iplist.h"

/*
 * Opens the store that conf names. Under the lock it is put right first: what
 * an earlier boot, a crash or a power failure left is removed. Returns 1, or 0
 * where there is none (never for CREATE), or -1 and the reason in err: code 5,
 * or 11 where the lock stayed taken for STORE_LOCK_MS.
 */
int store_open(struct store *s, const struct store_conf *conf,
	       enum store_use use, struct cni_err *err);

/* Brings the index up to date, unlocks, frees. Accepts a closed one. */
void store_close(struct store *s);

static inline void store_auto(struct store *s)
{
	store_close(s);
}

/*
 * Appends what exactly that owner holds to ret, by the index where there is
 * one. Returns 0 or -errno.
 */
int store_find(struct store *s, const char *owner, struct ip_list *ret);

/*
 * The same from the files, whatever the index says, of either owner. An index
 * that knew less counts as wrong from here on.
 */
int store_read(struct store *s, const char *owner, const char *other,
	       struct ip_list *ret);

/*
 * Adds to err's details what of the store nobody can release: how many files
 * name no attachment, and one of them. Nothing where there is none.
 */
void store_tell_unknown(const struct store *s, struct cni_err *err);

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
 * Lists the addresses that name a file in the store, whatever kind of file it
 * is. Returns 0 or -errno.
 */
int store_names(const struct store *s, struct ip_list *ret);

#endif
