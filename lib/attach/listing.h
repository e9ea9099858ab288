/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listing.h - what an ADD tells of its interfaces */
#ifndef CNI_LISTING_H
#define CNI_LISTING_H

#include "attach/veth.h"
#include "cni/cni.h"

/*
 * Refuses what the version cannot tell, a result without addresses, now and
 * not after the work. Returns 0, or -1 with code 1.
 */
int list_check_version(const struct cni_call *call, struct cni_err *err);

/*
 * Appends an interface; sandbox is NULL for one of the host's. Returns 0 or
 * -ENOMEM.
 */
int list_interface(struct cni_result *own, const char *name,
		   const uint8_t mac[MAC_LEN], const char *sandbox);

/* Appends both ends of a veth pair, the host's first. The same. */
int list_pair(const struct cni_call *call, const struct veth *veth,
	      struct cni_result *own);

/*
 * Completes own: its addresses are on its interface number index, and the
 * configuration's DNS, if it has any, replaces IPAM's. Returns 0 or -ENOMEM.
 */
int list_own(const struct cni_call *call, int index, struct cni_result *own);

#endif
