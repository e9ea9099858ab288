/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spoof.h - macspoofchk: a port may send with its own MAC address only */
#ifndef CNI_FW_SPOOF_H
#define CNI_FW_SPOOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/name.h"
#include "fw/fw.h"

/*
 * A bridge's port, and the MAC that what comes in by it may have. Both are
 * elements of sets of the table bridge cni_spoof, with the owner text of the
 * attachment as their comment. The rules of the table are the same for all;
 * where there is no table, the first port makes it, and the last one takes it
 * along if nothing else is in it. All strings are borrowed.
 */
struct fw_spoof {
	const struct cni_attachment *att;
	const char *host_if; /* the bridge's end of the veth */
	uint8_t mac[6];	     /* of the container's end */
};

/*
 * Guards the port, in one transaction, in place of whatever there was for it.
 * The transaction only adds, which waits for nothing, but where something has
 * to be replaced, or rules be put back that somebody removed. Returns 0 or
 * -errno. Atomic, but a failure to read the kernel's answer
 * (-ETIMEDOUT, say) does not tell whether it was done: to be safe push the
 * undo, fw_spoof_del(), before.
 */
int fw_spoof_add(struct fw *fw, const struct fw_spoof *s);

/*
 * CHECK: whether the port is guarded, by us or by rules that the Go plugins
 * made for the attachment. Returns 1, 0 or -errno.
 */
int fw_spoof_has(struct fw *fw, const struct fw_spoof *s);

/*
 * Ends the guard of the attachment's port, whichever that is and whoever made
 * it. Commits only if there is any. Returns 1 if it removed something, 0 or
 * -errno.
 */
int fw_spoof_del(struct fw *fw, const struct cni_attachment *att);

/*
 * GC of one network: the same for its attachments that are not among the n
 * valid ones. What the Go plugins made bears no network's name and is left
 * alone. Returns the number of elements removed, or -errno.
 */
int fw_spoof_gc(struct fw *fw, const char *network,
		const struct cni_attachment *valid, size_t n);

#endif
