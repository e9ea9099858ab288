/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shown.h - which of a network's attachments the kernel shows living */
#ifndef CNI_SHOWN_H
#define CNI_SHOWN_H

#include "cni/cni.h"

/*
 * A plugin's living(): an attachment lives while its veth does, which has its
 * alias. They are not told where a veth may be an attachment's and has no
 * alias, as those of the Go plugins, or one that names it by hashes.
 */

/* Such a veth is a port of that bridge. */
int shown_on_bridge(const struct cni_call *call, const char *bridge,
		    cJSON **list, struct cni_err *err);

/* Such a veth is a port of no bridge. */
int shown_alone(const struct cni_call *call, cJSON **list, struct cni_err *err);

/*
 * Where err says that the pool is full, adds to it how many other attachments
 * of the network have a veth with their alias here. The rest of the
 * reservations may be of the dead. Returns -1, always.
 */
int shown_tell(const struct cni_call *call, struct cni_err *err);

#endif
