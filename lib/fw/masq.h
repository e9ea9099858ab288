/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq.h - masquerade: elements of maps, an attachment's own */
#ifndef CNI_FW_MASQ_H
#define CNI_FW_MASQ_H

#include <stddef.h>

#include "base/ipaddr.h"
#include "base/name.h"
#include "fw/fw.h"

/*
 * What is masqueraded: packets that come in through iif, from the address, and
 * leave its subnet, multicast excepted. Nothing leaves a subnet of prefix
 * length 0, and no packet stays in one of a single address (/32, /128). The
 * string is borrowed.
 *
 * Each address is an element of a map of the table, with the owner text of its
 * attachment as its comment, and leads to the chain of its subnet. The rules of
 * the table are the same for all, and those of a chain for all in such a
 * subnet; where one is not there the first address makes it, and the last one
 * takes it along if nothing else is in it.
 *
 * iifname in postrouting needs Linux 5.8.
 */
struct fw_masq {
	const char *iif;       /* the bridge, or the VLAN interface on it */
	struct ip_net address; /* with the prefix length of its subnet */
};
/* so many of one attachment; more are -E2BIG */
#define FW_MASQ_MAX 1024

/*
 * Masquerades the n addresses of the attachment; those that are already stay
 * as they are. What another one left at such an address and iif becomes this
 * one's. It only adds, which waits for nothing, but where something has to be
 * replaced, or rules be put back that somebody removed. Returns 0 or -errno:
 * -EINVAL also for what is no address and for an impossible iif. All of them
 * or none; but a failure to read the kernel's answer does not tell whether it
 * was done: to be safe push the undo, fw_masq_del(), before.
 */
int fw_masq_add(struct fw *fw, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n);

/*
 * After somebody removed the table, or all in it, only what is added since is
 * there. fw_masq_known() tells whether the table has been told that all living
 * attachments of the network are in it: 1, 0 or -errno. fw_masq_restore() adds
 * another attachment's addresses, whose owner text is given, as
 * fw_masq_add() would, but leaves alone what is there under another one;
 * -ENOENT: the table was removed once more.
 * fw_masq_learn() tells the table, which forgets with the network's last pod.
 * These return 0 or -errno. fw_masq_unrestore() is fw_masq_del() by the text.
 */
int fw_masq_known(struct fw *fw, const char *network);
int fw_masq_restore(struct fw *fw, const char *owner, const struct fw_masq *m,
		    size_t n);
int fw_masq_unrestore(struct fw *fw, const char *owner, const char *network);
int fw_masq_learn(struct fw *fw, const char *network);

/*
 * CHECK: whether each of the n addresses is masqueraded for this attachment.
 * Returns 1, 0 or -errno, as above. After 0 *ret_missing is the first that is
 * not; of rules that are not there, it is 0.
 */
int fw_masq_has(struct fw *fw, const struct cni_attachment *owner,
		const struct fw_masq *m, size_t n, size_t *ret_missing);

/*
 * Ends the masquerade of this attachment, whatever its addresses. Commits only
 * if there is any. Returns the number of addresses, or -errno.
 */
int fw_masq_del(struct fw *fw, const struct cni_attachment *owner);

/*
 * GC of one network: the same for its attachments that are not among the n
 * valid ones (whose network is taken as given, their id and ifname count).
 */
int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n);

#endif
