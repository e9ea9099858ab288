/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq.h - masquerade of an attachment's addresses, and its state in CHECK */
#ifndef CNI_ATTACH_MASQ_H
#define CNI_ATTACH_MASQ_H

#include "attach/masq-tag.h"
#include "cni/cni.h"
#include "cni/keys.h"

struct undo;

/* ipMasqBackend: both words mean the same native rules (doc/compat.md). */
extern const char *const masq_backends[];
#define KEY_MASQ_BACKEND(type_, member)                                        \
	KEY_WORD("ipMasqBackend", type_, member, masq_backends,                \
		 "ipmasq backend")

/*
 * Masquerades what comes from own's addresses by the link called iif, in the
 * eyes of netfilter, and leaves their subnets. Marks masq_del, a step of the
 * plugin's DEL. Returns 0, or -1 with code 100.
 */
int masq_add(const struct cni_call *call, const char *iif,
	     const struct cni_result *own, struct undo *undo,
	     struct cni_err *err);

/*
 * CHECK: each of own's addresses is masqueraded, by us or by the Go plugins.
 * Returns 0, or -1 with code 104, or 100.
 */
int masq_check(const struct cni_call *call, const char *iif,
	       const struct cni_result *own, struct cni_err *err);

/*
 * Steps: of DEL, whatever the addresses are; of GC, that of the network's
 * attachments that are not valid, and of the Go plugins' ones.
 */
int masq_del(const struct cni_call *call, struct cni_err *err);
int masq_gc(const struct cni_call *call, struct cni_err *err);

#endif
