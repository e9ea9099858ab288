/* SPDX-License-Identifier: GPL-2.0-or-later */
/* goplugins.h - masquerade rules that the Go reference plugins left behind */
#ifndef CNI_FW_GOPLUGINS_H
#define CNI_FW_GOPLUGINS_H

#include <stddef.h>

#include "base/ipaddr.h"
#include "base/name.h"
#include "fw/fw.h"

/*
 * Masquerade of the Go plugins, of both their backends: iptables (through its
 * nf_tables form; the legacy tables of old iptables are out of reach of
 * nf_tables) and nftables. Rules of theirs are read and deleted, never made.
 */

/*
 * CHECK: whether the Go plugins' masquerade of this address of the attachment
 * is there, in either form. Returns 1, 0 or -errno.
 */
int fw_goplugins_has(struct fw *fw, const struct cni_attachment *att,
		     const struct ip_addr *ip);

/*
 * Removes what the Go plugins left for the attachment. The iptables chain is
 * shared by all interfaces of a container on one network: only the jumps from
 * the n addresses given are removed, and the chain with the last one. With n 0
 * the addresses are not known, and all of the chain is. Finding nothing costs
 * four small requests and no commit. Returns 1 if it removed something, 0 or
 * -errno.
 */
int fw_goplugins_del(struct fw *fw, const struct cni_attachment *att,
		     const struct ip_addr *ips, size_t n);

/*
 * GC of one network: removes what the Go plugins left for containers (iptables)
 * and attachments (nftables) of it that are not among the n valid ones. Returns
 * the number of chains and rules found dead, or -errno.
 */
int fw_goplugins_gc(struct fw *fw, const char *network,
		    const struct cni_attachment *valid, size_t n);

#endif
