/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repair.h - putting a store right: empty files, and what earlier boots left */
#ifndef HOST_LOCAL_REPAIR_H
#define HOST_LOCAL_REPAIR_H

#include "files.h"

/*
 * Reads every file, removes those that are empty and what an earlier boot left,
 * and writes the index anew. Returns 0 or -errno.
 */
int repair_store(struct store *s);

#endif
