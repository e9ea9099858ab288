// SPDX-License-Identifier: GPL-2.0-or-later
/* expr-base.c - single expressions of the rule being built */
#include "fw/expr-base.h"

#include <errno.h>

#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/rule.h>

#include "fw/sock.h"

/* A new expression at the end of the rule, which owns it; or NULL. */
struct nftnl_expr *fw_expr_new(struct fw *fw, const char *name)
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

void fw_expr_put(struct fw *fw, struct nftnl_expr *e, uint16_t attr,
		 const void *data, uint32_t len)
{
	if (nftnl_expr_set(e, attr, data, len) < 0)
		fw->batch.r = -ENOMEM;
}

/* The register after so many of 32 bits, by the kernel's own name for it. */
uint32_t fw_reg_at(uint32_t n)
{
	return n % 4 == 0 ? NFT_REG_1 + n / 4 : NFT_REG32_00 + n;
}

/* [ meta load KEY => reg REG ] */
void fw_load_meta(struct fw *fw, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = fw_expr_new(fw, "meta");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, reg);
}

/* [ payload load LENb @ BASE header + OFFSET => reg REG ] */
void fw_load_payload(struct fw *fw, uint32_t base, uint32_t offset,
		     uint32_t len, uint32_t reg)
{
	struct nftnl_expr *e = fw_expr_new(fw, "payload");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, reg);
}

/* [ bitwise reg 1 = ( reg 1 & MASK ) ^ XOR ] */
void fw_mask_xor(struct fw *fw, const void *mask, const void *flip,
		 uint32_t len)
{
	struct nftnl_expr *e = fw_expr_new(fw, "bitwise");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	fw_expr_put(fw, e, NFTNL_EXPR_BITWISE_MASK, mask, len);
	fw_expr_put(fw, e, NFTNL_EXPR_BITWISE_XOR, flip, len);
}

/* [ bitwise reg 1 = ( reg 1 & MASK ) ^ 0 ] */
void fw_mask(struct fw *fw, const void *mask, uint32_t len)
{
	static const uint8_t zero[16];

	fw_mask_xor(fw, mask, zero, len);
}

/* [ cmp OP reg 1 DATA ] */
void fw_compare(struct fw *fw, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *e = fw_expr_new(fw, "cmp");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	fw_expr_put(fw, e, NFTNL_EXPR_CMP_DATA, data, len);
}

/* [ cmp eq reg 1 DATA ] */
void fw_compare_eq(struct fw *fw, const void *data, uint32_t len)
{
	fw_compare(fw, NFT_CMP_EQ, data, len);
}

/* [ ct load KEY => reg REG , dir original ] */
void fw_load_ct_original(struct fw *fw, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *e = fw_expr_new(fw, "ct");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, reg);
	nftnl_expr_set_u8(e, NFTNL_EXPR_CT_DIR, IP_CT_DIR_ORIGINAL);
}
