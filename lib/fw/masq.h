/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq.h - masquerade of a network: one rule for each subnet, none a pod */
#ifndef CNI_FW_MASQ_H
#define CNI_FW_MASQ_H

#include <stddef.h>

#include "fw/fw.h"
#include "base/ipaddr.h"
#include "base/name.h"

/* Our own table, of family inet, and its base chain. */
#define FW_MASQ_TABLE "cni_masq"
#define FW_MASQ_CHAIN "postrouting"

/*
 * What is masqueraded: packets that come in through iif, from the subnet,
 * and leave it. All strings are borrowed.
 *
 * The rule belongs to the network and outlives its pods: it does nothing
 * once iif is deleted, and is then swept by the next commit of any function
 * here, unless somebody makes iif again at that moment. A subnet of one address
 * (/32, /128) has no inside, so its rule belongs to the attachment that owner
 * names, and fw_masq_del_owned() or fw_masq_gc() removes it.
 *
 * iifname in postrouting needs Linux 5.8.
 */
struct fw_masq {
	const char *network;
	const char *iif;      /* the bridge, or the VLAN interface on it */
	struct ip_net subnet; /* host bits are ignored */
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
 * Returns 1 if it changed the ruleset, 0 if all was there, or -errno: -EINVAL
 * also for /32 or /128 without an owner, no address or an impossible iif;
 * -E2BIG for n > 64.
 */
int fw_masq_ensure(struct fw *fw, const struct fw_masq *m, size_t n);

/*
 * Removes the rules that belong to this attachment alone. Commits only if
 * there are any. Returns the number of rules removed, or -errno.
 */
int fw_masq_del_owned(struct fw *fw, const struct cni_attachment *owner);

/*
 * Ends the masquerade of a network: removes its rules of these n interfaces
 * and of VLANs on them (<iif>.<ID>), of whatever subnet, but not those of
 * single attachments. Commits only if there are any. Returns the number of
 * rules removed, or -errno.
 */
int fw_masq_end(struct fw *fw, const char *network, const char *const *iif,
		size_t n);

/*
 * GC of one network: removes the rules of its attachments that are not among
 * the n valid ones (whose network is taken as given, their id and ifname
 * count), and the network's rules whose interface is gone. Commits only if
 * there are any. Returns the number of rules removed, or -errno.
 */
int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n);

#endif
