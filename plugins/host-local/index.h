/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - finding an owner's reservations without reading every file
 *
 * Below <store>/.cnic/, mode 0700, everything but the file that is just being
 * written is a symbolic link that leads nowhere, so that the reference plugin,
 * which reads every regular file of the store, sees nothing of it:
 *
 *   <hash of owner>.<k>  -> <ip>/<seconds>.<nanoseconds>   k-th reservation of
 *                           that owner, and when its file was written
 *   stamp                -> 2/<boot id>/<uptime>/<seconds>.<nanoseconds>
 *
 * The stamp holds the time of modification of the store's folder. After every
 * change we set that to the current second and a random nanosecond, so it
 * differs whenever anybody else has added or removed a file since, even within
 * one tick of the clock, and whenever one of us was killed half way. Then all
 * files are read and the index is written anew. A file that is edited in place
 * goes unnoticed, but what the index tells is checked with the file.
 *
 * On a network file system there is neither index nor stamp: other machines
 * write there, and a boot ID says nothing about them. Where a folder's time
 * does not keep its nanoseconds, the stamp ends in "-" and every call
 * reads all files, as the reference plugin does.
 */
#ifndef HOST_LOCAL_INDEX_H
#define HOST_LOCAL_INDEX_H

#include <time.h>

#include "files.h"
#include "iplist.h"

/* An entry while the index is written. */
struct index_entry {
	char hash[33]; /* of the owner, cut to 128 bits */
	struct ip_addr ip;
	struct timespec mtime;
};

/* Fills in an entry for owner's reservation of ip. */
void index_entry(struct index_entry *e, const char *owner,
		 const struct ip_addr *ip, const struct timespec *mtime);

/* Reads the stamp and sets what it tells in s. Changes nothing. */
void index_load(struct store *s);

/*
 * Whether the index holds the reservation, of a file written at that very
 * time.
 */
bool index_knows(const struct store *s, const struct index_entry *e);

/*
 * Replaces the whole index by these entries, which it sorts. Sets s->indexed
 * to whether that worked.
 */
void index_write(struct store *s, struct index_entry *v, size_t n);

/*
 * Appends what owner holds to ret. Returns 0, -ESTALE where the index turns
 * out to be wrong, or -errno.
 */
int index_find(const struct store *s, const char *owner, struct ip_list *ret);

/*
 * Enter and strike out one reservation. Where that fails, the index counts as
 * wrong from here on, and the next call will rebuild it: no reservation is
 * given up for the sake of the index.
 */
void index_add(struct store *s, const struct ip_addr *ip, const char *owner,
	       const struct timespec *mtime);
void index_remove(struct store *s, const struct ip_addr *ip, const char *owner);

/* Declares the index to agree with the files as they are now. */
void index_stamp(struct store *s);

#endif
