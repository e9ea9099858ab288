/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq.h - masquerade of a network: one rule for each subnet, none a pod */
#ifndef CNI_FW_MASQ_H
#define CNI_FW_MASQ_H

#include <stddef.h>

#include "fw.h"
#include "ipaddr.h"
#include "name.h"

/* Our own table, of family inet, and its base chain. */
#define FW_MASQ_TABLE "cni_masq"
#define FW_MASQ_CHAIN "postrouting"

/*
 * What is masqueraded: packets that come in through iif, from the subnet,
 * and leave it. All strings are borrowed.
 *
 * The rule belongs to the network and outlives its pods: it does nothing
 * once iif is deleted, and is then swept by the next commit. A subnet of one
 * address (/32, /128) has no inside, so its rule belongs to the attachment
 * that owner names, and fw_masq_del_owned() removes it.
 *
 * iifname in postrouting needs Linux 5.8.
 */
struct fw_masq {
	const char *network;
	const char *iif;      /* the bridge, or the VLAN interface on it */
	struct ip_net subnet; /* host bits are ignored */
	bool renew;	      /* for fw_masq_ensure(): iif was just made */
	const struct cni_attachment *owner; /* for /32 and /128; else unused */
};

/*
 * Whether every one of the n rules is in force. Returns 1, 0 or -errno. One
 * small request, and no commit.
 */
int fw_masq_has(struct fw *fw, const struct fw_masq *m, size_t n);

/*
 * Sees to it that every one of the n rules is there, with table and chain.
 * Commits only if one is missing. However many do this at once, one rule is
 * left. A subnet of prefix length 0 has nothing outside and gets no rule.
 *
 * Somebody else's commit may be about to sweep the rule of an interface that
 * was deleted, and is not told that there is one of that name again. So whoever
 * made that one has the rule renewed: it is put in anew, in one transaction,
 * which makes the kernel refuse the other commit.
 *
 * Returns 1 if it changed the ruleset, 0 if all was there, or -errno: -EINVAL
 * also for /32 or /128 without an owner, no address or an impossible iif;
 * -E2BIG for n > 64.
 */
int fw_masq_ensure(struct fw *fw, const struct fw_masq *m, size_t n);

/*
 * Removes those of the n rules that are there. Commits only if there are any.
 * Returns the number of rules removed, or -errno as fw_masq_ensure().
 */
int fw_masq_del(struct fw *fw, const struct fw_masq *m, size_t n);

/*
 * Removes the rules that belong to this attachment alone. Commits only if
 * there are any. Returns the number of rules removed, or -errno.
 */
int fw_masq_del_owned(struct fw *fw, const struct cni_attachment *owner);

/*
 * GC of one network: removes the rules of its attachments that are not among
 * the n valid ones (whose network is taken as given, their id and ifname
 * count), and the network's rules whose interface is gone. Commits only if
 * there are any. Returns the number of rules removed, or -errno.
 */
int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n);

#endif
