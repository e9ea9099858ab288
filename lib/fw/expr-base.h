/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expr-base.h - inside lib/fw: single expressions of the rule being built */
#ifndef CNI_FW_EXPR_BASE_H
#define CNI_FW_EXPR_BASE_H

#include <stdint.h>
#include <stdio.h> /* expr.h lacks it */

#include <libnftnl/expr.h>

struct fw;

/*
 * Each adds to the rule what its comment says, as nft --debug=netlink prints
 * it. Failures stay with the transaction, as those of expr.h.
 */

/* A new expression at the end of the rule, which owns it; or NULL. */
struct nftnl_expr *fw_expr_new(struct fw *fw, const char *name);
/* An attribute of it that is of any length. */
void fw_expr_put(struct fw *fw, struct nftnl_expr *e, uint16_t attr,
		 const void *data, uint32_t len);

/* The register after so many of 32 bits, by the kernel's own name for it. */
uint32_t fw_reg_at(uint32_t n);

/* [ meta load KEY => reg REG ] */
void fw_load_meta(struct fw *fw, uint32_t key, uint32_t reg);
/* [ payload load LENb @ BASE header + OFFSET => reg REG ] */
void fw_load_payload(struct fw *fw, uint32_t base, uint32_t offset,
		     uint32_t len, uint32_t reg);
/* [ ct load KEY => reg REG , dir original ] */
void fw_load_ct_original(struct fw *fw, uint32_t key, uint32_t reg);
/* [ bitwise reg 1 = ( reg 1 & MASK ) ^ XOR ], or ^ 0 */
void fw_mask_xor(struct fw *fw, const void *mask, const void *flip,
		 uint32_t len);
void fw_mask(struct fw *fw, const void *mask, uint32_t len);
/* [ cmp OP reg 1 DATA ], or eq */
void fw_compare(struct fw *fw, uint32_t op, const void *data, uint32_t len);
void fw_compare_eq(struct fw *fw, const void *data, uint32_t len);

#endif
