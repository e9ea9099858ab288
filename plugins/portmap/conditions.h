/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conditions.h - conditionsV4 and conditionsV6 */
#ifndef PORTMAP_CONDITIONS_H
#define PORTMAP_CONDITIONS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "fw/match.h"

/*
 * Whether the list has arguments of iptables, and not words of nft, as the
 * reference tells them apart: by the first character.
 */
bool conditions_of_iptables(const cJSON *list);

/*
 * Reads the list, of either kind, as matches of that family: addresses,
 * interfaces, the mark and the types of addresses. No word is passed on as
 * text. key names it in messages. *ret is owned by the caller, with *ret_n
 * matches, which may be none; after a failure it is left alone. Returns 0, or
 * -1 with code 7 for what is no list of strings, or 2 and the word that cannot
 * be had.
 */
int conditions_read(const cJSON *list, const char *key, unsigned family,
		    struct fw_match **ret, size_t *ret_n, struct cni_err *err);

#endif
