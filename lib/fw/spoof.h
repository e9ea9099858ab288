/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spoof.h - macspoofchk: a port may send with its own MAC address only */
#ifndef CNI_FW_SPOOF_H
#define CNI_FW_SPOOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/name.h"
#include "fw/fw.h"

/*
 * Table, chains and comments are those of the reference plugins, so that a
 * DEL of either removes what the other made; ours also carry the owner text
 * as the comment of the first chain. All strings are borrowed.
 */
struct fw_spoof {
	const struct cni_attachment *att;
	const char *host_if; /* the bridge's end of the veth */
	uint8_t mac[6];	     /* of the container's end */
};

/*
 * Puts the rules in, all in one transaction, in place of any there were for
 * this container and interface. Returns 0 or -errno. Atomic, but a failure
 * to read the kernel's answer (-ETIMEDOUT, say) does not tell whether it was
 * done: to be safe push the undo, fw_spoof_del(), before.
 */
int fw_spoof_add(struct fw *fw, const struct fw_spoof *s);

/* CHECK: whether exactly these rules are in force. Returns 1, 0 or -errno. */
int fw_spoof_has(struct fw *fw, const struct fw_spoof *s);

/*
 * Removes the attachment's rules and chains, of whichever implementation;
 * those that bear the name of another network are left alone. Commits only
 * if there are any. Returns 1 if it removed something, 0 or -errno.
 */
int fw_spoof_del(struct fw *fw, const struct cni_attachment *att);

/*
 * GC of one network: removes rules and chains of its attachments that are
 * not among the n valid ones. What the reference plugins made bears no
 * network's name and is left alone. Returns the number of attachments
 * removed, or -errno.
 */
int fw_spoof_gc(struct fw *fw, const char *network,
		const struct cni_attachment *valid, size_t n);

#endif
