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

#include "fw/ipfield.h"
#include "fw/sock.h"

/* RFC 4861 4: router solicitation to redirect */
#define ND_FIRST 133
#define ND_LAST 137

/* A new expression at the end of the rule, which owns it; or NULL. */
static struct nftnl_expr *add(struct fw *fw, const char *name)
{
	struct nftnl_expr *e;

	if (fw->batch.r < 0)
		return NULL;
	e = nftnl_expr_alloc(name);
	if (!e) {
		fw->batch.r = -ENOMEM;
		return NULL;
	}
	nftnl_rule_add_expr(fw->rule, e);
	return e;
}

static void set(struct fw *fw, struct nftnl_expr *e, uint16_t attr,
		const void *data, uint32_t len)
{
	if (nftnl_expr_set(e, attr, data, len) < 0)
		fw->batch.r = -ENOMEM;
}

/* The register after so many of 32 bits, by the kernel's own name for it. */
static uint32_t reg_at(uint32_t n)
{
	return n % 4 == 0 ? NFT_REG_1 + n / 4 : NFT_REG32_00 + n;
}

/* [ meta load KEY => reg REG ] */
static void meta(struct fw *fw, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = add(fw, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg);
}

/* [ payload load LENb @ BASE header + OFFSET => reg REG ] */
static void payload(struct fw *fw, uint32_t base, uint32_t offset, uint32_t len,
		    uint32_t reg)
{
	struct nftnl_expr *e = add(fw, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg);
}

/* [ bitwise reg 1 = ( reg 1 & MASK ) ^ XOR ] */
static void bitwise_xor(struct fw *fw, const void *mask, const void *flip,
			uint32_t len)
{
	struct nftnl_expr *e = add(fw, "bitwise");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	set(fw, e, NFTNL_EXPR_BITWISE_MASK, mask, len);
	set(fw, e, NFTNL_EXPR_BITWISE_XOR, flip, len);
}

/* [ bitwise reg 1 = ( reg 1 & MASK ) ^ 0 ] */
static void bitwise(struct fw *fw, const void *mask, uint32_t len)
{
	static const uint8_t zero[16];

	bitwise_xor(fw, mask, zero, len);
}

/* [ cmp OP reg 1 DATA ] */
static void compare(struct fw *fw, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *e = add(fw, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	set(fw, e, NFTNL_EXPR_CMP_DATA, data, len);
}

/* [ cmp eq reg 1 DATA ] */
static void cmp(struct fw *fw, const void *data, uint32_t len)
{
	compare(fw, NFT_CMP_EQ, data, len);
}

void fw_expr_nfproto(struct fw *fw, unsigned family)
{
	uint8_t proto = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	meta(fw, NFT_META_NFPROTO, NFT_REG_1);
	cmp(fw, &proto, sizeof(proto));
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
		payload(fw, NFT_PAYLOAD_NETWORK_HEADER, offset, len, NFT_REG_1);
	} else {
		memset(mask, 0xff, net->plen / 8);
		mask[net->plen / 8] = (uint8_t)(0xff00 >> (net->plen % 8));
		payload(fw, NFT_PAYLOAD_NETWORK_HEADER, offset, len, NFT_REG_1);
		bitwise(fw, mask, len);
	}
	compare(fw, cmp_op(op), first.b, len);
}

static struct nftnl_expr *lookup(struct fw *fw, const char *set_name,
				 uint32_t flags)
{
	struct nftnl_expr *e = add(fw, "lookup");

	if (!e)
		return NULL;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	/* said, so that "is not in" is another one to fw_rule_is() */
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, flags);
	set(fw, e, NFTNL_EXPR_LOOKUP_SET, set_name,
	    (uint32_t)strlen(set_name) + 1);
	return e;
}

/* [ ct load KEY => reg REG , dir original ] */
static void ct_original(struct fw *fw, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = add(fw, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, reg);
	nftnl_expr_set_u8(e, NFTNL_EXPR_CT_DIR, IP_CT_DIR_ORIGINAL);
}

/* Loads a field of that type, and returns how many registers it takes. */
static uint32_t load(struct fw *fw, enum fw_field field, enum fw_type type,
		     uint32_t reg)
{
	bool v4 = type == FW_TYPE_IP4;
	uint32_t len = v4 ? 4 : 16;

	switch (field) {
	case FW_IIFNAME:
		meta(fw, NFT_META_IIFNAME, reg);
		break;
	case FW_OIFNAME:
		meta(fw, NFT_META_OIFNAME, reg);
		break;
	case FW_ETHER_SADDR:
		len = 6;
		payload(fw, NFT_PAYLOAD_LL_HEADER, ETHER_SADDR, len, reg);
		break;
	case FW_SADDR:
		payload(fw, NFT_PAYLOAD_NETWORK_HEADER,
			v4 ? IP4_SADDR : IP6_SADDR, len, reg);
		break;
	case FW_DADDR:
		payload(fw, NFT_PAYLOAD_NETWORK_HEADER,
			v4 ? IP4_DADDR : IP6_DADDR, len, reg);
		break;
	case FW_L4PROTO:
		len = 1;
		meta(fw, NFT_META_L4PROTO, reg);
		break;
	case FW_DPORT:
		/* of tcp, udp and sctp alike */
		len = 2;
		payload(fw, NFT_PAYLOAD_TRANSPORT_HEADER, 2, len, reg);
		break;
	case FW_ORIG_DPORT:
		len = 2;
		ct_original(fw, NFT_CT_PROTO_DST, reg);
		break;
	}
	return (len + 3) / 4;
}

static struct nftnl_expr *look_up(struct fw *fw, const struct fw_set *in,
				  const enum fw_field *field, uint32_t flags)
{
	uint32_t regs = 0;

	for (unsigned i = 0; i < FW_KEY_PARTS && in->part[i]; i++)
		regs += load(fw, field[i], in->part[i], reg_at(regs));
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
	e = add(fw, "nat");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY,
			   v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, reg_at(v4 ? 1 : 4));
}

void fw_expr_goto_map(struct fw *fw, const struct fw_set *map,
		      const enum fw_field *field)
{
	struct nftnl_expr *e = look_up(fw, map, field, 0);

	if (e)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
}

void fw_expr_addr_type(struct fw *fw, enum fw_field field, enum fw_op op,
		       uint32_t type)
{
	struct nftnl_expr *e = add(fw, "fib");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS,
			   field == FW_SADDR ? NFTA_FIB_F_SADDR
					     : NFTA_FIB_F_DADDR);
	compare(fw, cmp_op(op), &type, sizeof(type));
}

void fw_expr_not_from_lo(struct fw *fw)
{
	static const char lo[IFNAMSIZ] = "lo";

	meta(fw, NFT_META_IIFNAME, NFT_REG_1);
	compare(fw, NFT_CMP_NEQ, lo, sizeof(lo));
}

/* As nft and iptables do it: the name and its NUL, without what is padded, or
 * without its NUL what a name begins with. */
void fw_expr_name(struct fw *fw, enum fw_field field, enum fw_op op,
		  const char *name, bool begins)
{
	meta(fw, field == FW_OIFNAME ? NFT_META_OIFNAME : NFT_META_IIFNAME,
	     NFT_REG_1);
	compare(fw, cmp_op(op), name, (uint32_t)strlen(name) + !begins);
}

void fw_expr_mark_is(struct fw *fw, enum fw_op op, uint32_t mark, uint32_t mask)
{
	meta(fw, NFT_META_MARK, NFT_REG_1);
	if (mask != UINT32_MAX)
		bitwise(fw, &mask, sizeof(mask));
	compare(fw, cmp_op(op), &mark, sizeof(mark));
}

void fw_expr_set_mark(struct fw *fw, uint32_t bit)
{
	uint32_t others = ~bit;
	struct nftnl_expr *e;

	meta(fw, NFT_META_MARK, NFT_REG_1);
	bitwise_xor(fw, &others, &bit, sizeof(bit));
	e = add(fw, "meta");
	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_MARK);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

/* [ ct load KEY => reg 1 ] */
static void ct(struct fw *fw, uint32_t key)
{
	struct nftnl_expr *e = add(fw, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

static void ct_any(struct fw *fw, uint32_t key, uint32_t bits)
{
	static const uint32_t none;

	ct(fw, key);
	bitwise(fw, &bits, sizeof(bits));
	compare(fw, NFT_CMP_NEQ, &none, sizeof(none));
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
	cmp(fw, &byte, sizeof(byte));
}

void fw_expr_nd(struct fw *fw)
{
	static const uint8_t icmp6 = IPPROTO_ICMPV6, first = ND_FIRST,
			     last = ND_LAST;

	meta(fw, NFT_META_L4PROTO, NFT_REG_1);
	cmp(fw, &icmp6, sizeof(icmp6));
	payload(fw, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFT_REG_1);
	compare(fw, NFT_CMP_GTE, &first, sizeof(first));
	compare(fw, NFT_CMP_LTE, &last, sizeof(last));
}

void fw_expr_jump(struct fw *fw, const char *chain)
{
	struct nftnl_expr *e = add(fw, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)NFT_JUMP);
	set(fw, e, NFTNL_EXPR_IMM_CHAIN, chain, (uint32_t)strlen(chain) + 1);
}

void fw_expr_masquerade(struct fw *fw)
{
	add(fw, "masq");
}

void fw_expr_verdict(struct fw *fw, int verdict)
{
	struct nftnl_expr *e = add(fw, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
}
