// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode.c - a rule's expressions as matches and a verdict. libnftnl, which
 * makes our rules, does not read them: of an attribute that it does not expect
 * so, it ends the whole process by exit().
 */
#include "fw/decode.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_conntrack.h>

#include "base/auto.h"
#include "fw/ipfield.h"
#include "fw/sock.h"

/* --- attributes: what is missing or of another size counts as 0 ---------- */

static int keep(const struct nlattr *attr, void *arg)
{
	struct fw_attrs *a = arg;

	if (mnl_attr_get_type(attr) < FW_ATTRS)
		a->at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

struct fw_attrs fw_attrs_in(const struct nlattr *nest)
{
	struct fw_attrs a = { 0 };

	if (nest)
		mnl_attr_parse_nested(nest, keep, &a);
	return a;
}

uint32_t fw_attr_u32(const struct nlattr *attr)
{
	uint32_t v;

	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(v))
		return 0;
	memcpy(&v, mnl_attr_get_payload(attr), sizeof(v));
	return ntohl(v);
}

static uint64_t get_u64(const struct nlattr *attr)
{
	uint64_t v;

	if (!attr || mnl_attr_get_payload_len(attr) != sizeof(v))
		return 0;
	memcpy(&v, mnl_attr_get_payload(attr), sizeof(v));
	return be64toh(v);
}

const char *fw_attr_text(const struct nlattr *attr)
{
	return attr && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0
		       ? mnl_attr_get_str(attr)
		       : "";
}

const void *fw_attr_bytes(const struct nlattr *attr, uint32_t *len)
{
	*len = attr ? mnl_attr_get_payload_len(attr) : 0;
	return attr ? mnl_attr_get_payload(attr) : NULL;
}

const uint8_t *fw_attr_value(const struct nlattr *data, uint32_t *len)
{
	struct fw_attrs a = fw_attrs_in(data);

	return fw_attr_bytes(a.at[NFTA_DATA_VALUE], len);
}

/* --- expressions --------------------------------------------------------- */

/* The last load of a register: its subject, and how many bits of it count. */
struct load {
	enum {
		NOTHING,
		IIFNAME,
		OIFNAME,
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

static void decode_meta(struct decode *d, const struct fw_attrs *e)
{
	d->load.reg = fw_attr_u32(e->at[NFTA_META_DREG]);
	switch (fw_attr_u32(e->at[NFTA_META_KEY])) {
	case NFT_META_IIFNAME:
		d->load.what = IIFNAME;
		d->load.bits = 8 * IFNAMSIZ;
		break;
	case NFT_META_OIFNAME:
		d->load.what = OIFNAME;
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

static void decode_payload(struct decode *d, const struct fw_attrs *e)
{
	uint32_t base = fw_attr_u32(e->at[NFTA_PAYLOAD_BASE]);
	uint32_t offset = fw_attr_u32(e->at[NFTA_PAYLOAD_OFFSET]);
	uint32_t len = fw_attr_u32(e->at[NFTA_PAYLOAD_LEN]);
	bool v4 = d->family == AF_INET;

	d->load.what = NOTHING;
	if (!e->at[NFTA_PAYLOAD_DREG])
		return;
	d->load.reg = fw_attr_u32(e->at[NFTA_PAYLOAD_DREG]);
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
static void decode_bitwise(struct decode *d, const struct fw_attrs *e)
{
	uint32_t len, flip_len;
	const uint8_t *mask = fw_attr_value(e->at[NFTA_BITWISE_MASK], &len);
	const uint8_t *flip = fw_attr_value(e->at[NFTA_BITWISE_XOR], &flip_len);
	uint32_t sreg = fw_attr_u32(e->at[NFTA_BITWISE_SREG]);
	uint32_t dreg = fw_attr_u32(e->at[NFTA_BITWISE_DREG]);
	bool known = d->load.what == SADDR || d->load.what == DADDR;
	unsigned bits = 0;

	known = known && mask && flip && flip_len == len &&
		sreg == d->load.reg && sreg == dreg && 8 * len == d->load.bits;
	if (known) {
		while (bits < 8 * len && mask[bits / 8] & (0x80u >> (bits % 8)))
			bits++;
		for (unsigned i = bits; i < 8 * len; i++)
			known = known && !(mask[i / 8] & (0x80u >> (i % 8)));
		for (unsigned i = 0; i < len; i++)
			known = known && flip[i] == 0;
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

/* What is shorter than the name and its NUL is a prefix, "veth*". */
static bool take_name(char to[IFNAMSIZ], const uint8_t *data, uint32_t len)
{
	if (len > IFNAMSIZ || !memchr(data, '\0', len) || to[0])
		return false;
	memcpy(to, data, len);
	return true;
}

/* Whether the comparison is one of those a rule's fields can hold. */
static bool take_eq(struct decode *d, const uint8_t *data, uint32_t len)
{
	struct fw_rule *rule = d->rule;

	switch (d->load.what) {
	case IIFNAME:
		return take_name(rule->iifname, data, len);
	case OIFNAME:
		return take_name(rule->oifname, data, len);
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
	case DADDR:
		if (rule->daddr.addr.family != 0)
			return false;
		rule->daddr = as_net(d, data, len);
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

	if (d->load.what == OIFNAME)
		return take_name(rule->not_oifname, data, len);
	if (d->load.what != DADDR ||
	    rule->n_not_daddr == ARRAY_SIZE(rule->not_daddr))
		return false;
	rule->not_daddr[rule->n_not_daddr++] = as_net(d, data, len);
	return true;
}

static void decode_cmp(struct decode *d, const struct fw_attrs *e)
{
	uint32_t len;
	const uint8_t *data = fw_attr_value(e->at[NFTA_CMP_DATA], &len);
	uint32_t op = fw_attr_u32(e->at[NFTA_CMP_OP]);
	bool ok = false;

	if (d->load.what != NOTHING && data && len > 0 && len <= 16 &&
	    fw_attr_u32(e->at[NFTA_CMP_SREG]) == d->load.reg &&
	    (d->load.what == IIFNAME || d->load.what == OIFNAME ||
	     d->load.bits <= 8 * len)) {
		if (op == NFT_CMP_EQ)
			ok = take_eq(d, data, len);
		else if (op == NFT_CMP_NEQ)
			ok = take_neq(d, data, len);
	}
	if (!ok)
		d->rule->more = true;
}

static void decode_verdict(struct decode *d, const struct fw_attrs *e)
{
	struct fw_attrs data = fw_attrs_in(e->at[NFTA_IMMEDIATE_DATA]);
	struct fw_attrs verdict = fw_attrs_in(data.at[NFTA_DATA_VERDICT]);

	if (!verdict.at[NFTA_VERDICT_CODE]) {
		d->rule->more = true;
		return;
	}
	d->rule->verdict = (int)fw_attr_u32(verdict.at[NFTA_VERDICT_CODE]);
	snprintf(d->rule->chain, sizeof(d->rule->chain), "%s",
		 fw_attr_text(verdict.at[NFTA_VERDICT_CHAIN]));
}

/* iptables-nft: -m conntrack --ctstate RELATED,ESTABLISHED and no more */
static bool is_established(const struct fw_attrs *e, const void *data,
			   uint32_t len)
{
	struct xt_conntrack_mtinfo3 info;

	if (strcmp(fw_attr_text(e->at[NFTA_MATCH_NAME]), "conntrack") != 0 ||
	    fw_attr_u32(e->at[NFTA_MATCH_REV]) != 3 || len < sizeof(info))
		return false;
	memcpy(&info, data, sizeof(info));
	return info.match_flags == XT_CONNTRACK_STATE &&
	       info.invert_flags == 0 &&
	       info.state_mask == (XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) |
				   XT_CONNTRACK_STATE_BIT(IP_CT_RELATED));
}

/* iptables-nft: -m comment --comment TEXT */
static void decode_xt_match(struct decode *d, const struct fw_attrs *e)
{
	uint32_t len;
	const char *info = fw_attr_bytes(e->at[NFTA_MATCH_INFO], &len);

	d->rule->xt = true;
	if (is_established(e, info, len)) {
		d->rule->established = true;
	} else if (strcmp(fw_attr_text(e->at[NFTA_MATCH_NAME]), "comment") !=
		   0) {
		d->rule->more = true;
	} else if (info && len > 0) {
		if (len > sizeof(d->rule->comment) - 1)
			len = sizeof(d->rule->comment) - 1;
		memcpy(d->rule->comment, info, len);
		d->rule->comment[len] = '\0';
	}
}

static int decode_expr(const struct nlattr *elem, void *arg)
{
	struct fw_attrs expr = fw_attrs_in(elem);
	struct fw_attrs e = fw_attrs_in(expr.at[NFTA_EXPR_DATA]);
	const char *name = fw_attr_text(expr.at[NFTA_EXPR_NAME]);
	struct decode *d = arg;

	if (strcmp(name, "meta") == 0) {
		decode_meta(d, &e);
	} else if (strcmp(name, "payload") == 0) {
		decode_payload(d, &e);
	} else if (strcmp(name, "bitwise") == 0) {
		decode_bitwise(d, &e);
	} else if (strcmp(name, "cmp") == 0) {
		decode_cmp(d, &e);
	} else if (strcmp(name, "immediate") == 0) {
		decode_verdict(d, &e);
	} else if (strcmp(name, "masq") == 0) {
		d->rule->masquerade = true;
		/* the kernel shows flags and ports where there are any */
		for (int i = 0; i < FW_ATTRS; i++)
			d->rule->more |= e.at[i] != NULL;
	} else if (strcmp(name, "match") == 0) {
		decode_xt_match(d, &e);
	} else if (strcmp(name, "target") == 0) {
		d->rule->xt = true;
		if (strcmp(fw_attr_text(e.at[NFTA_TARGET_NAME]),
			   "MASQUERADE") == 0)
			d->rule->masquerade = true;
		else
			d->rule->more = true;
	} else if (strcmp(name, "counter") != 0) {
		d->rule->more = true;
	}
	return MNL_CB_OK;
}

void fw_decode_rule(const struct nlmsghdr *nlh, struct fw_rule *ret)
{
	const struct nfgenmsg *gen = mnl_nlmsg_get_payload(nlh);
	struct decode d = { .rule = ret };
	struct fw_attrs a = { 0 };
	uint32_t len;
	const void *data;

	memset(ret, 0, sizeof(*ret));
	ret->verdict = NFT_CONTINUE;
	mnl_attr_parse(nlh, sizeof(*gen), keep, &a);
	ret->handle = get_u64(a.at[NFTA_RULE_HANDLE]);
	data = fw_attr_bytes(a.at[NFTA_RULE_USERDATA], &len);
	fw_decode_comment(data, len, ret->comment);
	if (gen->nfgen_family == NFPROTO_IPV4)
		d.family = AF_INET;
	else if (gen->nfgen_family == NFPROTO_IPV6)
		d.family = AF_INET6;
	ret->exprs = a.at[NFTA_RULE_EXPRESSIONS];
	if (a.at[NFTA_RULE_EXPRESSIONS])
		mnl_attr_parse_nested(a.at[NFTA_RULE_EXPRESSIONS], decode_expr,
				      &d);
}
