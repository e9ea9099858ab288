/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mend.h - putting a store right: garbage, earlier boots, the dead */
#ifndef HOST_LOCAL_MEND_H
#define HOST_LOCAL_MEND_H

#include <stdbool.h>

#include "store.h"

/*
 * Reads every file, removes garbage and what an earlier boot left, and writes
 * the index anew. Returns 0 or -errno.
 */
int mend_store(struct store *s);

/*
 * Lists the addresses whose files mend_store() would remove. Returns 0 or
 * -errno.
 */
int mend_list(const struct store *s, struct ip_list *ret);

/*
 * Removes garbage and every reservation that keep does not want; ifname is ""
 * for one in the old format. In a store that other hosts may share, only
 * garbage: of their attachments the caller knows nothing. Goes on after an
 * error. Returns 0 or the first -errno; a file that we may not read is -EACCES.
 */
typedef bool (*mend_keep_fn)(const void *arg, const char *id,
			     const char *ifname);
int mend_sweep(struct store *s, mend_keep_fn keep, const void *arg);

#endif
