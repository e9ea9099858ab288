/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expr.h - inside lib/fw: the expressions of the rule being built */
#ifndef CNI_FW_EXPR_H
#define CNI_FW_EXPR_H

#include <stdint.h>

#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/rtnetlink.h>

#include "fw/set.h"

/*
 * Between fw_rule_begin() and fw_rule_end(), each adds to the rule what its
 * comment says in nft syntax. Failures stay with the transaction.
 */

/* meta nfproto ipv4: in a table of family inet, before what looks at IP */
void fw_expr_nfproto(struct fw *fw, unsigned family);

/* iifname . ip saddr . ip daddr @set: the fields of the packet that make up the
 * set's key, as many as that has; the types say of which family they are. */
enum fw_field {
	FW_IIFNAME,
	FW_OIFNAME,
	FW_ETHER_SADDR,
	FW_SADDR,
	FW_DADDR,
	FW_L4PROTO,
	FW_DPORT,
	FW_ORIG_DPORT /* ct original proto-dst */
};
void fw_expr_in_set(struct fw *fw, const struct fw_set *set,
		    const enum fw_field *field);

/* ... != @set */
void fw_expr_not_in_set(struct fw *fw, const struct fw_set *set,
			const enum fw_field *field);

/*
 * dnat ip to meta l4proto . th dport map @map, dnat ip6 to ...: fields as
 * above; the map's data are an address and a port.
 */
void fw_expr_dnat_map(struct fw *fw, const struct fw_set *map,
		      const enum fw_field *field);

/* meta l4proto . th dport vmap @map: the map's data are where to go */
void fw_expr_goto_map(struct fw *fw, const struct fw_set *map,
		      const enum fw_field *field);

/*
 * ip6 saddr set meta l4proto . th dport map @map: fields as above; the map's
 * data are an address of IPv6. Nothing is set where the map has none.
 */
void fw_expr_set_saddr6_map(struct fw *fw, const struct fw_set *map,
			    const enum fw_field *field);

/* ip6 daddr set ADDRESS, of IPv6 */
void fw_expr_set_daddr6(struct fw *fw, const struct ip_addr *addr);

/* ct original ip6 daddr ADDRESS, of IPv6 */
void fw_expr_ct_orig_daddr6(struct fw *fw, const struct ip_addr *addr);

/* What is compared below is so, or is not. */
enum fw_op {
	FW_IS,
	FW_NOT
};

/* ip daddr 10.9.0.0/24, ip saddr != ..., ip6 ...: FW_SADDR or FW_DADDR; the
 * prefix length is not 0 */
void fw_expr_addr(struct fw *fw, enum fw_field field, enum fw_op op,
		  const struct ip_net *net);
static inline void fw_expr_daddr(struct fw *fw, const struct ip_net *net)
{
	fw_expr_addr(fw, FW_DADDR, FW_IS, net);
}
static inline void fw_expr_saddr(struct fw *fw, const struct ip_net *net)
{
	fw_expr_addr(fw, FW_SADDR, FW_IS, net);
}

/* fib daddr type local, fib saddr type != ...: type is RTN_LOCAL or another */
void fw_expr_addr_type(struct fw *fw, enum fw_field field, enum fw_op op,
		       uint32_t type);
static inline void fw_expr_to_local(struct fw *fw)
{
	fw_expr_addr_type(fw, FW_DADDR, FW_IS, RTN_LOCAL);
}

/* iifname "br0", oifname != "br0"; with begins iifname "br*". The name is
 * shorter than IFNAMSIZ, and not "". */
void fw_expr_name(struct fw *fw, enum fw_field field, enum fw_op op,
		  const char *name, bool begins);
static inline void fw_expr_ifname(struct fw *fw, enum fw_field field,
				  const char *name)
{
	fw_expr_name(fw, field, FW_IS, name, false);
}

/* meta mark & MASK == MARK, meta mark != MARK where all bits are meant;
 * iptables: -m mark --mark MARK/MASK */
void fw_expr_mark_is(struct fw *fw, enum fw_op op, uint32_t mark,
		     uint32_t mask);
static inline void fw_expr_mark(struct fw *fw, uint32_t bit)
{
	fw_expr_mark_is(fw, FW_IS, bit, bit);
}

/* iifname != "lo" */
void fw_expr_not_from_lo(struct fw *fw);

/* iif 0: without an interface that it came by */
void fw_expr_no_iif(struct fw *fw);

/* meta mark set meta mark & ~BIT ^ BIT */
void fw_expr_set_mark(struct fw *fw, uint32_t bit);

/* ct state established,related */
void fw_expr_ct_established(struct fw *fw);

/* ct status dnat */
void fw_expr_ct_dnat(struct fw *fw);

/* ct direction original, reply: not what has no connection */
void fw_expr_ct_direction(struct fw *fw, enum ip_conntrack_dir dir);

/* icmpv6 type >= nd-router-solicit icmpv6 type <= nd-redirect */
void fw_expr_nd(struct fw *fw);

/* jump CHAIN */
void fw_expr_jump(struct fw *fw, const char *chain);

/* masquerade */
void fw_expr_masquerade(struct fw *fw);

/* accept, drop, return: verdict is NF_ACCEPT, NF_DROP, NFT_RETURN */
void fw_expr_verdict(struct fw *fw, int verdict);

#endif
