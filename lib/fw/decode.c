// SPDX-License-Identifier: GPL-2.0-or-later
/* decode.c - a rule's expressions as matches and a verdict */
#include "decode.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/expr.h>

#include "ipfield.h"

/* What the last load put into a register, and how many bits of it count. */
struct load {
	enum {
		NOTHING,
		IIFNAME,
		NFPROTO,
		SADDR,
		DADDR,
		ETHER
	} what;
	uint32_t reg;
	unsigned bits;
};

struct decode {
	struct fw_rule *rule;
	unsigned family; /* AF_INET, AF_INET6; 0: not known at this point */
	struct load load;
};

void fw_decode_comment(const void *data, uint32_t len,
		       char buf[FW_COMMENT_SIZE])
{
	const uint8_t *p = data;
	uint32_t i = 0;

	buf[0] = '\0';
	while (p && len - i >= 2 && p[i + 1] <= len - i - 2) {
		uint8_t size = p[i + 1];

		if (p[i] == 0 && size > 0 && p[i + 2 + size - 1] == '\0') {
			memcpy(buf, p + i + 2, size);
			return;
		}
		i += 2u + size;
	}
}

static void decode_meta(struct decode *d, const struct nftnl_expr *e)
{
	d->load.reg = nftnl_expr_get_u32(e, NFTNL_EXPR_META_DREG);
	switch (nftnl_expr_get_u32(e, NFTNL_EXPR_META_KEY)) {
	case NFT_META_IIFNAME:
		d->load.what = IIFNAME;
		d->load.bits = 8 * IFNAMSIZ;
		break;
	case NFT_META_NFPROTO:
		d->load.what = NFPROTO;
		d->load.bits = 8;
		break;
	default:
		d->load.what = NOTHING;
	}
}

static void decode_payload(struct decode *d, const struct nftnl_expr *e)
{
	uint32_t base = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_BASE);
	uint32_t offset = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET);
	uint32_t len = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_LEN);
	bool v4 = d->family == AF_INET;

	d->load.what = NOTHING;
	if (!nftnl_expr_is_set(e, NFTNL_EXPR_PAYLOAD_DREG))
		return;
	d->load.reg = nftnl_expr_get_u32(e, NFTNL_EXPR_PAYLOAD_DREG);
	d->load.bits = 8 * len;
	if (base == NFT_PAYLOAD_LL_HEADER) {
		if (offset == ETHER_SADDR && len == 6)
			d->load.what = ETHER;
	} else if (base == NFT_PAYLOAD_NETWORK_HEADER &&
		   len <= ip_bytes(d->family)) {
		if (offset == (v4 ? IP4_SADDR : IP6_SADDR))
			d->load.what = SADDR;
		else if (offset == (v4 ? IP4_DADDR : IP6_DADDR))
			d->load.what = DADDR;
	}
}

/* A mask of leading ones makes a prefix of the address; no other is known. */
static void decode_bitwise(struct decode *d, const struct nftnl_expr *e)
{
	uint32_t len, xlen, sreg, dreg;
	const uint8_t *mask = nftnl_expr_get(e, NFTNL_EXPR_BITWISE_MASK, &len);
	const uint8_t * xor = nftnl_expr_get(e, NFTNL_EXPR_BITWISE_XOR, &xlen);
	bool known = d->load.what == SADDR || d->load.what == DADDR;
	unsigned bits = 0;

	sreg = nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_SREG);
	dreg = nftnl_expr_get_u32(e, NFTNL_EXPR_BITWISE_DREG);
	known = known && mask && xor&&sreg == d->load.reg &&sreg == dreg &&
		8 * len == d->load.bits &&xlen == len;
	if (known) {
		while (bits < 8 * len && mask[bits / 8] & (0x80u >> (bits % 8)))
			bits++;
		for (unsigned i = bits; i < 8 * len; i++)
			known = known && !(mask[i / 8] & (0x80u >> (i % 8)));
		for (unsigned i = 0; i < len; i++)
			known = known && xor[i] == 0;
	}
	d->load.bits = bits;
	if (!known)
		d->load.what = NOTHING;
}

static struct ip_net as_net(const struct decode *d, const uint8_t *data,
			    uint32_t len)
{
	struct ip_net net = { .plen = (uint8_t)d->load.bits };

	net.addr.family = (uint8_t)d->family;
	memcpy(net.addr.b, data, len);
	return net;
}

/* Whether the comparison is one of those a rule's fields can hold. */
static bool take_eq(struct decode *d, const uint8_t *data, uint32_t len)
{
	struct fw_rule *rule = d->rule;

	switch (d->load.what) {
	case IIFNAME:
		/* shorter than the name and its NUL: a prefix, "veth*" */
		if (len > IFNAMSIZ || !memchr(data, '\0', len) ||
		    rule->iifname[0])
			return false;
		memcpy(rule->iifname, data, len);
		return true;
	case NFPROTO:
		if (data[0] != NFPROTO_IPV4 && data[0] != NFPROTO_IPV6)
			return false;
		d->family = data[0] == NFPROTO_IPV4 ? AF_INET : AF_INET6;
		return true;
	case SADDR:
		if (rule->saddr.addr.family != 0)
			return false;
		rule->saddr = as_net(d, data, len);
		return true;
	case ETHER:
		if (rule->has_mac)
			return false;
		rule->has_mac = true;
		memcpy(rule->mac, data, 6);
		return true;
	default:
		return false;
	}
}

static bool take_neq(struct decode *d, const uint8_t *data, uint32_t len)
{
	struct fw_rule *rule = d->rule;

	if (d->load.what != DADDR ||
	    rule->n_not_daddr == ARRAY_SIZE(rule->not_daddr))
		return false;
	rule->not_daddr[rule->n_not_daddr++] = as_net(d, data, len);
	return true;
}

static void decode_cmp(struct decode *d, const struct nftnl_expr *e)
{
	uint32_t len;
	const uint8_t *data = nftnl_expr_get(e, NFTNL_EXPR_CMP_DATA, &len);
	uint32_t op = nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_OP);
	bool ok = false;

	if (d->load.what != NOTHING && data && len > 0 && len <= 16 &&
	    nftnl_expr_get_u32(e, NFTNL_EXPR_CMP_SREG) == d->load.reg &&
	    (d->load.what == IIFNAME || d->load.bits <= 8 * len)) {
		if (op == NFT_CMP_EQ)
			ok = take_eq(d, data, len);
		else if (op == NFT_CMP_NEQ)
			ok = take_neq(d, data, len);
	}
	if (!ok)
		d->rule->more = true;
}

static void decode_verdict(struct decode *d, const struct nftnl_expr *e)
{
	const char *chain;

	if (!nftnl_expr_is_set(e, NFTNL_EXPR_IMM_VERDICT)) {
		d->rule->more = true;
		return;
	}
	d->rule->verdict = (int)nftnl_expr_get_u32(e, NFTNL_EXPR_IMM_VERDICT);
	chain = nftnl_expr_get_str(e, NFTNL_EXPR_IMM_CHAIN);
	if (chain)
		snprintf(d->rule->chain, sizeof(d->rule->chain), "%s", chain);
}

/* iptables-nft: -m comment --comment TEXT */
static void decode_xt_match(struct decode *d, const struct nftnl_expr *e)
{
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_MT_NAME);
	uint32_t len;
	const char *info = nftnl_expr_get(e, NFTNL_EXPR_MT_INFO, &len);

	if (!name || strcmp(name, "comment") != 0) {
		d->rule->more = true;
	} else if (info && len > 0) {
		if (len > sizeof(d->rule->comment) - 1)
			len = sizeof(d->rule->comment) - 1;
		memcpy(d->rule->comment, info, len);
		d->rule->comment[len] = '\0';
	}
}

static int decode_expr(struct nftnl_expr *e, void *arg)
{
	struct decode *d = arg;
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
	const char *target;

	if (strcmp(name, "meta") == 0) {
		decode_meta(d, e);
	} else if (strcmp(name, "payload") == 0) {
		decode_payload(d, e);
	} else if (strcmp(name, "bitwise") == 0) {
		decode_bitwise(d, e);
	} else if (strcmp(name, "cmp") == 0) {
		decode_cmp(d, e);
	} else if (strcmp(name, "immediate") == 0) {
		decode_verdict(d, e);
	} else if (strcmp(name, "masq") == 0) {
		d->rule->masquerade = true;
	} else if (strcmp(name, "match") == 0) {
		decode_xt_match(d, e);
	} else if (strcmp(name, "target") == 0) {
		target = nftnl_expr_get_str(e, NFTNL_EXPR_TG_NAME);
		if (target && strcmp(target, "MASQUERADE") == 0)
			d->rule->masquerade = true;
		else
			d->rule->more = true;
	} else if (strcmp(name, "counter") != 0) {
		d->rule->more = true;
	}
	return 0;
}

void fw_decode_rule(const struct nftnl_rule *rule, struct fw_rule *ret)
{
	struct decode d = { .rule = ret };
	uint32_t len = 0;
	const void *data;

	memset(ret, 0, sizeof(*ret));
	ret->verdict = NFT_CONTINUE;
	ret->handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
	data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &len);
	fw_decode_comment(data, len, ret->comment);
	switch (nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY)) {
	case NFPROTO_IPV4:
		d.family = AF_INET;
		break;
	case NFPROTO_IPV6:
		d.family = AF_INET6;
		break;
	}
	/* libnftnl takes a rule that may change; this one does not */
	nftnl_expr_foreach((struct nftnl_rule *)rule, decode_expr, &d);
}
