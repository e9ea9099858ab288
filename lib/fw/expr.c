// SPDX-License-Identifier: GPL-2.0-or-later
/* expr.c - the expressions of the rule being built */
#include "fw/expr.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

#include "fw/expr-base.h"
#include "fw/ipfield.h"
#include "fw/sock.h"

/* RFC 4861 4: router solicitation to redirect */
#define ND_FIRST 133
#define ND_LAST 137

void fw_expr_nfproto(struct fw *fw, unsigned family)
{
	uint8_t proto = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	fw_load_meta(fw, NFT_META_NFPROTO, NFT_REG_1);
	fw_compare_eq(fw, &proto, sizeof(proto));
}

static uint32_t cmp_op(enum fw_op op)
{
	return op == FW_IS ? NFT_CMP_EQ : NFT_CMP_NEQ;
}

/*
 * As nft does it: a prefix of whole bytes is loaded alone, any other as the
 * whole address with a mask.
 */
void fw_expr_addr(struct fw *fw, enum fw_field field, enum fw_op op,
		  const struct ip_net *net)
{
	struct ip_addr first = ip_net_first(net);
	bool v4 = net->addr.family == AF_INET, from = field == FW_SADDR;
	uint32_t len = ip_bytes(net->addr.family), offset;
	uint8_t mask[16] = { 0 };

	if (from)
		offset = v4 ? IP4_SADDR : IP6_SADDR;
	else
		offset = v4 ? IP4_DADDR : IP6_DADDR;
	if (net->plen % 8 == 0) {
		len = net->plen / 8;
		fw_load_payload(fw, NFT_PAYLOAD_NETWORK_HEADER, offset, len,
				NFT_REG_1);
	} else {
		memset(mask, 0xff, net->plen / 8);
		mask[net->plen / 8] = (uint8_t)(0xff00 >> (net->plen % 8));
		fw_load_payload(fw, NFT_PAYLOAD_NETWORK_HEADER, offset, len,
				NFT_REG_1);
		fw_mask(fw, mask, len);
	}
	fw_compare(fw, cmp_op(op), first.b, len);
}

static struct nftnl_expr *lookup(struct fw *fw, const char *set_name,
				 uint32_t flags)
{
	struct nftnl_expr *e = fw_expr_new(fw, "lookup");

	if (!e)
		return NULL;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	/* said, so that "is not in" is another one to fw_rule_is() */
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, flags);
	fw_expr_put(fw, e, NFTNL_EXPR_LOOKUP_SET, set_name,
		    (uint32_t)strlen(set_name) + 1);
	return e;
}

/* Loads a field of that type, and returns how many registers it takes. */
static uint32_t load(struct fw *fw, enum fw_field field, enum fw_type type,
		     uint32_t reg)
{
	bool v4 = type == FW_TYPE_IP4;
	uint32_t len = v4 ? 4 : 16;

	switch (field) {
	case FW_IIFNAME:
		fw_load_meta(fw, NFT_META_IIFNAME, reg);
		break;
	case FW_OIFNAME:
		fw_load_meta(fw, NFT_META_OIFNAME, reg);
		break;
	case FW_ETHER_SADDR:
		len = 6;
		fw_load_payload(fw, NFT_PAYLOAD_LL_HEADER, ETHER_SADDR, len,
				reg);
		break;
	case FW_SADDR:
		fw_load_payload(fw, NFT_PAYLOAD_NETWORK_HEADER,
				v4 ? IP4_SADDR : IP6_SADDR, len, reg);
		break;
	case FW_DADDR:
		fw_load_payload(fw, NFT_PAYLOAD_NETWORK_HEADER,
				v4 ? IP4_DADDR : IP6_DADDR, len, reg);
		break;
	case FW_L4PROTO:
		len = 1;
		fw_load_meta(fw, NFT_META_L4PROTO, reg);
		break;
	case FW_DPORT:
		/* of tcp, udp and sctp alike */
		len = 2;
		fw_load_payload(fw, NFT_PAYLOAD_TRANSPORT_HEADER, 2, len, reg);
		break;
	case FW_ORIG_DPORT:
		len = 2;
		fw_load_ct_original(fw, NFT_CT_PROTO_DST, reg);
		break;
	}
	return (len + 3) / 4;
}

static struct nftnl_expr *look_up(struct fw *fw, const struct fw_set *in,
				  const enum fw_field *field, uint32_t flags)
{
	uint32_t regs = 0;

	for (unsigned i = 0; i < FW_KEY_PARTS && in->part[i]; i++)
		regs += load(fw, field[i], in->part[i], fw_reg_at(regs));
	return lookup(fw, in->name, flags);
}

void fw_expr_in_set(struct fw *fw, const struct fw_set *in,
		    const enum fw_field *field)
{
	look_up(fw, in, field, 0);
}

void fw_expr_not_in_set(struct fw *fw, const struct fw_set *in,
			const enum fw_field *field)
{
	look_up(fw, in, field, NFT_LOOKUP_F_INV);
}

void fw_expr_dnat_map(struct fw *fw, const struct fw_set *map,
		      const enum fw_field *field)
{
	bool v4 = map->data[0] == FW_TYPE_IP4;
	struct nftnl_expr *e = look_up(fw, map, field, 0);

	if (e)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	e = fw_expr_new(fw, "nat");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY,
			   v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN,
			   fw_reg_at(v4 ? 1 : 4));
}

void fw_expr_goto_map(struct fw *fw, const struct fw_set *map,
		      const enum fw_field *field)
{
	struct nftnl_expr *e = look_up(fw, map, field, 0);

	if (e)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
}

/* [ payload write reg 1 => 16b @ network header + OFFSET ], and the checksum
 * of what IPv6 carries, which counts the addresses. */
static void write_addr6(struct fw *fw, uint32_t offset)
{
	struct nftnl_expr *e = fw_expr_new(fw, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE,
			   NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, 16);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_TYPE,
			   NFT_PAYLOAD_CSUM_NONE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 0);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_FLAGS,
			   NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
}

void fw_expr_set_saddr6_map(struct fw *fw, const struct fw_set *map,
			    const enum fw_field *field)
{
	struct nftnl_expr *e = look_up(fw, map, field, 0);

	if (e)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
	write_addr6(fw, IP6_SADDR);
}

void fw_expr_set_daddr6(struct fw *fw, const struct ip_addr *addr)
{
	struct nftnl_expr *e = fw_expr_new(fw, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	fw_expr_put(fw, e, NFTNL_EXPR_IMM_DATA, addr->b, sizeof(addr->b));
	write_addr6(fw, IP6_DADDR);
}

void fw_expr_ct_orig_daddr6(struct fw *fw, const struct ip_addr *addr)
{
	fw_load_ct_original(fw, NFT_CT_DST_IP6, NFT_REG_1);
	fw_compare_eq(fw, addr->b, sizeof(addr->b));
}

void fw_expr_addr_type(struct fw *fw, enum fw_field field, enum fw_op op,
		       uint32_t type)
{
	struct nftnl_expr *e = fw_expr_new(fw, "fib");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS,
			   field == FW_SADDR ? NFTA_FIB_F_SADDR
					     : NFTA_FIB_F_DADDR);
	fw_compare(fw, cmp_op(op), &type, sizeof(type));
}

void fw_expr_not_from_lo(struct fw *fw)
{
	static const char lo[IFNAMSIZ] = "lo";

	fw_load_meta(fw, NFT_META_IIFNAME, NFT_REG_1);
	fw_compare(fw, NFT_CMP_NEQ, lo, sizeof(lo));
}

void fw_expr_no_iif(struct fw *fw)
{
	static const uint32_t none;

	fw_load_meta(fw, NFT_META_IIF, NFT_REG_1);
	fw_compare(fw, NFT_CMP_EQ, &none, sizeof(none));
}

/* As nft and iptables do it: the name and its NUL, without what is padded, or
 * without its NUL what a name begins with. */
void fw_expr_name(struct fw *fw, enum fw_field field, enum fw_op op,
		  const char *name, bool begins)
{
	fw_load_meta(fw,
		     field == FW_OIFNAME ? NFT_META_OIFNAME : NFT_META_IIFNAME,
		     NFT_REG_1);
	fw_compare(fw, cmp_op(op), name, (uint32_t)strlen(name) + !begins);
}

void fw_expr_mark_is(struct fw *fw, enum fw_op op, uint32_t mark, uint32_t mask)
{
	fw_load_meta(fw, NFT_META_MARK, NFT_REG_1);
	if (mask != UINT32_MAX)
		fw_mask(fw, &mask, sizeof(mask));
	fw_compare(fw, cmp_op(op), &mark, sizeof(mark));
}

void fw_expr_set_mark(struct fw *fw, uint32_t bit)
{
	uint32_t others = ~bit;
	struct nftnl_expr *e;

	fw_load_meta(fw, NFT_META_MARK, NFT_REG_1);
	fw_mask_xor(fw, &others, &bit, sizeof(bit));
	e = fw_expr_new(fw, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

/* [ ct load KEY => reg 1 ] */
static void ct(struct fw *fw, uint32_t key)
{
	struct nftnl_expr *e = fw_expr_new(fw, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

static void ct_any(struct fw *fw, uint32_t key, uint32_t bits)
{
	static const uint32_t none;

	ct(fw, key);
	fw_mask(fw, &bits, sizeof(bits));
	fw_compare(fw, NFT_CMP_NEQ, &none, sizeof(none));
}

void fw_expr_ct_established(struct fw *fw)
{
	ct_any(fw, NFT_CT_STATE,
	       NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
		       NF_CT_STATE_BIT(IP_CT_RELATED));
}

void fw_expr_ct_dnat(struct fw *fw)
{
	ct_any(fw, NFT_CT_STATUS, IPS_DST_NAT);
}

void fw_expr_ct_direction(struct fw *fw, enum ip_conntrack_dir dir)
{
	uint8_t byte = (uint8_t)dir;

	ct(fw, NFT_CT_DIRECTION);
	fw_compare_eq(fw, &byte, sizeof(byte));
}

void fw_expr_nd(struct fw *fw)
{
	static const uint8_t icmp6 = IPPROTO_ICMPV6, first = ND_FIRST,
			     last = ND_LAST;

	fw_load_meta(fw, NFT_META_L4PROTO, NFT_REG_1);
	fw_compare_eq(fw, &icmp6, sizeof(icmp6));
	fw_load_payload(fw, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFT_REG_1);
	fw_compare(fw, NFT_CMP_GTE, &first, sizeof(first));
	fw_compare(fw, NFT_CMP_LTE, &last, sizeof(last));
}

void fw_expr_jump(struct fw *fw, const char *chain)
{
	struct nftnl_expr *e = fw_expr_new(fw, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)NFT_JUMP);
	fw_expr_put(fw, e, NFTNL_EXPR_IMM_CHAIN, chain,
		    (uint32_t)strlen(chain) + 1);
}

void fw_expr_masquerade(struct fw *fw)
{
	fw_expr_new(fw, "masq");
}

void fw_expr_verdict(struct fw *fw, int verdict)
{
	struct nftnl_expr *e = fw_expr_new(fw, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
}
