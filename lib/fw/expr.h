/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expr.h - inside lib/fw: the expressions of the rule being built */
#ifndef CNI_FW_EXPR_H
#define CNI_FW_EXPR_H

#include <stdint.h>

#include "fw/set.h"

/*
 * Between fw_rule_begin() and fw_rule_end(), each adds to the rule what its
 * comment says in nft syntax. Failures stay with the transaction.
 */

/* meta nfproto ipv4: in a table of family inet, before what looks at IP */
void fw_expr_nfproto(struct fw *fw, unsigned family);

/* ip daddr 10.9.0.0/24, ip6 daddr ...; the prefix length is not 0 */
void fw_expr_daddr(struct fw *fw, const struct ip_net *net);

/* iifname . ip saddr . ip daddr @set: the fields of the packet that make up the
 * set's key, as many as that has; the types say of which family they are. */
enum fw_field {
	FW_IIFNAME,
	FW_ETHER_SADDR,
	FW_SADDR,
	FW_DADDR
};
void fw_expr_in_set(struct fw *fw, const struct fw_set *set,
		    const enum fw_field *field);

/* masquerade */
void fw_expr_masquerade(struct fw *fw);

/* drop, return: verdict is NF_DROP, NFT_RETURN */
void fw_expr_verdict(struct fw *fw, int verdict);

#endif
