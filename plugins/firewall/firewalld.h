/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewalld.h - an attachment's addresses as sources of a zone of firewalld */
#ifndef FIREWALL_FIREWALLD_H
#define FIREWALL_FIREWALLD_H

#include "cni/cni.h"

/*
 * Whether firewalld is to be told: it is asked for, or nothing is and it runs.
 * Returns 1, 0, or -1 with code 100: it is needed and cannot be reached.
 */
int firewalld_wanted(const struct cni_call *call, struct cni_err *err);

/*
 * ADD: all of prevResult's addresses become sources of the zone, and those of
 * the network that are there no more, after a reload; those whose interface is
 * gone, of any network, are none any more. iface is the attachment's on the
 * host, "" if it has none. Marks firewalld_del.
 * CHECK: they are. Returns 0, or -1 with code 100, or 104.
 */
int firewalld_add(const struct cni_call *call, const char *iface,
		  struct undo *undo, struct cni_err *err);
int firewalld_check(const struct cni_call *call, struct cni_err *err);

/* Steps of DEL, GC and STATUS. */
int firewalld_del(const struct cni_call *call, struct cni_err *err);
int firewalld_gc(const struct cni_call *call, struct cni_err *err);
int firewalld_status(const struct cni_call *call, struct cni_err *err);

#endif
