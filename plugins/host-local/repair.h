/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repair.h - putting a store right: garbage, and what earlier boots left */
#ifndef HOST_LOCAL_REPAIR_H
#define HOST_LOCAL_REPAIR_H

#include "files.h"
#include "iplist.h"

/*
 * Reads every file, removes garbage and what an earlier boot left, and writes
 * the index anew. Returns 0 or -errno.
 */
int repair_store(struct store *s);

/*
 * Lists the addresses whose files repair_store() would remove. Returns 0 or
 * -errno.
 */
int repair_list(const struct store *s, struct ip_list *ret);

#endif
