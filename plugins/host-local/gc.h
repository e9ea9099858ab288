/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gc.h - removing the reservations of attachments that are no more */
#ifndef HOST_LOCAL_GC_H
#define HOST_LOCAL_GC_H

#include <stdbool.h>

#include "store.h"

/*
 * Removes garbage and every reservation that keep does not want; ifname is ""
 * for one in the old format. In a store that other hosts may share, only
 * garbage: of their attachments the caller knows nothing. Goes on after an
 * error. Returns 0 or the first -errno; a file that we may not read is -EACCES.
 */
typedef bool (*gc_keep_fn)(const void *arg, const char *id, const char *ifname);
int gc_store(struct store *s, gc_keep_fn keep, const void *arg);

#endif
