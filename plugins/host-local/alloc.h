/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alloc.h - choosing addresses */
#ifndef HOST_LOCAL_ALLOC_H
#define HOST_LOCAL_ALLOC_H

#include "base/name.h"
#include "conf.h"
#include "store.h"

/*
 * Reserves one address from each range set, in their order: the first one
 * asked for that lies in the set, or the next free one after the last that
 * the set handed out. Appends them to ret. Returns 0, or -1 and the reason in
 * err, with nothing reserved and ret empty: code 101 (nothing free, or not
 * what was asked for), 102 (the attachment has an address of the set), 5.
 */
int alloc_addresses(struct store *s, const struct ipam *ipam,
		    const struct cni_attachment *att, struct ip_list *ret,
		    struct cni_err *err);

/* Releases what is in the list and empties it. Returns 0 or -errno. */
int alloc_give_back(struct store *s, const char *owner, struct ip_list *ips);

#endif
