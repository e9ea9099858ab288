/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq-restore.h - within lib/attach: masquerade of a network's other pods */
#ifndef CNI_MASQ_RESTORE_H
#define CNI_MASQ_RESTORE_H

#include "cni/cni.h"
#include "fw/fw.h"

/*
 * Masquerades all of the network's attachments that live and were masqueraded,
 * after somebody removed the table and this ADD has made it again: those whose
 * veth, marked by its alias and MASQ_TAG, is where this attachment's is. Their
 * addresses are those that the kernel has on the other end: not a store's,
 * which knows no subnet, nor a runtime's cache, which not every runtime has.
 * Returns 0 or -errno.
 */
int masq_restore(const struct cni_call *call, const char *iif, struct fw *fw);

#endif
