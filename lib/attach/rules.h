/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules.h - an attachment's part of nf_tables: what DEL, GC and STATUS share */
#ifndef CNI_RULES_H
#define CNI_RULES_H

#include "cni/cni.h"
#include "fw/fw.h"

/*
 * A step of DEL: removes what of the attachment is in nf_tables, which is
 * nothing where the kernel has none, and closes the socket later. step says
 * what fails. Returns 0, or -1 with code 100.
 */
typedef int (*rules_del_fn)(struct fw *fw, const struct cni_call *call);
int rules_del(const struct cni_call *call, rules_del_fn del, const char *step,
	      struct cni_err *err);

/*
 * A step of GC: the same for the network's attachments that are not among the
 * n valid ones; nothing without a list of them.
 */
typedef int (*rules_gc_fn)(struct fw *fw, const char *network,
			   const struct cni_attachment *valid, size_t n);
int rules_gc(const struct cni_call *call, rules_gc_fn gc, const char *step,
	     struct cni_err *err);

/*
 * Closes fw, NULL for none, when the call has done all else: the kernel waits
 * at the close of a netfilter socket until nobody uses what was removed by it
 * (a grace period of RCU), and so it does when a link is deleted. Like this the
 * one goes on during the other.
 */
void rules_close_later(const struct cni_call *call, struct fw *fw);

/* STATUS: nf_tables works, or code 50, which says that key needs it. */
int rules_status(const char *key, struct cni_err *err);

#endif
