/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipam.h - addresses from the IPAM plugin that the configuration names */
#ifndef CNI_IPAM_H
#define CNI_IPAM_H

#include "cni/cni.h"

/*
 * The functions do nothing for a network without "ipam". The delegate's own
 * code, message and details are passed on.
 */

/*
 * Looks for the plugin before anything is made. Returns 1 where it is in this
 * executable: it needs no link, and is to be asked first, so that what it
 * refuses touches nothing; 0 where it is a process, which may need the link
 * and is to be asked when that works, or where there is none; or -1. Sets
 * *roaming, if not NULL, to whether its addresses may have been another host's.
 */
int ipam_comes_first(const struct cni_call *call, bool *roaming,
		     struct cni_err *err);

/*
 * Fills own with addresses, routes and DNS, and marks ipam_del, which is a
 * step of the plugin's DEL. At least one address, and no gateway of the other
 * family, or code 7.
 */
int ipam_add(const struct cni_call *call, struct cni_result *own,
	     struct undo *undo, struct cni_err *err);

int ipam_check(const struct cni_call *call, struct cni_err *err);

/*
 * Steps. After links in DEL: an address is free when nobody has it. STATUS
 * without the plugin is code 50: no ADD would succeed.
 */
int ipam_del(const struct cni_call *call, struct cni_err *err);
int ipam_gc(const struct cni_call *call, struct cni_err *err);
int ipam_status(const struct cni_call *call, struct cni_err *err);

#endif
