// SPDX-License-Identifier: GPL-2.0-or-later
/* expr.c - what rules of nf_tables are made of */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "netlink.h"
#include "parts.h"

static void attr_code(struct text *t, const char *name, const struct nlattr *a,
		      void *arg)
{
	static const char *const codes[] = { "continue", "break", "jump",
					     "goto", "return" };
	uint32_t code = 0;

	if (netlink_len(a) == sizeof(code))
		memcpy(&code, netlink_data(a), sizeof(code));
	code = ntohl(code);
	if (code == NF_DROP || code == NF_ACCEPT)
		text_add(t, " %s", code == NF_DROP ? "drop" : "accept");
	else if (-code >= 1 && -code <= 5)
		text_add(t, " %s", codes[-code - 1]);
	else
		attr_data(t, name, a, arg);
}

static void attr_verdict(struct text *t, const char *name,
			 const struct nlattr *a, void *arg)
{
	static const struct rule rules[] = {
		{ "code", NFTA_VERDICT_CODE, attr_code },
		{ "chain", NFTA_VERDICT_CHAIN, attr_data },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

void attr_value(struct text *t, const char *name, const struct nlattr *a,
		void *arg)
{
	static const struct rule rules[] = {
		{ "value", NFTA_DATA_VALUE, attr_data },
		{ "verdict", NFTA_DATA_VERDICT, attr_verdict },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

static const struct rule meta_rules[] = {
	{ "key", NFTA_META_KEY, attr_big },
	{ "dreg", NFTA_META_DREG, attr_big },
	{ "sreg", NFTA_META_SREG, attr_big },
	{ 0 },
};

static const struct rule cmp_rules[] = {
	{ "sreg", NFTA_CMP_SREG, attr_big },
	{ "op", NFTA_CMP_OP, attr_big },
	{ "", NFTA_CMP_DATA, attr_value },
	{ 0 },
};

static const struct rule payload_rules[] = {
	{ "dreg", NFTA_PAYLOAD_DREG, attr_big },
	{ "base", NFTA_PAYLOAD_BASE, attr_big },
	{ "offset", NFTA_PAYLOAD_OFFSET, attr_big },
	{ "len", NFTA_PAYLOAD_LEN, attr_big },
	{ "sreg", NFTA_PAYLOAD_SREG, attr_big },
	{ 0 },
};

static const struct rule bitwise_rules[] = {
	{ "sreg", NFTA_BITWISE_SREG, attr_big },
	{ "dreg", NFTA_BITWISE_DREG, attr_big },
	{ "len", NFTA_BITWISE_LEN, attr_big },
	{ "op", NFTA_BITWISE_OP, attr_big },
	{ "mask", NFTA_BITWISE_MASK, attr_value },
	{ "xor", NFTA_BITWISE_XOR, attr_value },
	{ 0 },
};

static const struct rule immediate_rules[] = {
	{ "dreg", NFTA_IMMEDIATE_DREG, attr_big },
	{ "", NFTA_IMMEDIATE_DATA, attr_value },
	{ 0 },
};

static const struct rule lookup_rules[] = {
	{ "set", NFTA_LOOKUP_SET, attr_data },
	{ "sreg", NFTA_LOOKUP_SREG, attr_big },
	{ "dreg", NFTA_LOOKUP_DREG, attr_big },
	{ "flags", NFTA_LOOKUP_FLAGS, attr_big },
	{ 0 },
};

/* A counter's bytes and packets are left out. */
static const struct rule counter_rules[] = {
	{ "bytes", NFTA_COUNTER_BYTES, attr_skip },
	{ "packets", NFTA_COUNTER_PACKETS, attr_skip },
	{ 0 },
};

static const struct rule quota_rules[] = {
	{ "bytes", NFTA_QUOTA_BYTES, attr_big },
	{ "consumed", NFTA_QUOTA_CONSUMED, attr_skip },
	{ "flags", NFTA_QUOTA_FLAGS,
	  attr_skip }, /* one is that it is used up */
	{ 0 },
};

static const struct rule last_rules[] = {
	{ "set", NFTA_LAST_SET, attr_skip },
	{ "ago", NFTA_LAST_MSECS, attr_skip },
	{ 0 },
};

static const struct rule *rules_of(const char *name)
{
	static const struct {
		const char *name;
		const struct rule *rules;
	} all[] = {
		{ "meta", meta_rules },	      { "cmp", cmp_rules },
		{ "payload", payload_rules }, { "bitwise", bitwise_rules },
		{ "lookup", lookup_rules },   { "immediate", immediate_rules },
		{ "counter", counter_rules }, { "quota", quota_rules },
		{ "last", last_rules },
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].rules;
	return NULL;
}

void attr_expr(struct text *t, const char *name, const struct nlattr *a,
	       void *arg)
{
	const struct nlattr *kind = netlink_find_in(a, NFTA_EXPR_NAME);
	const struct nlattr *data = netlink_find_in(a, NFTA_EXPR_DATA);
	const char *text = kind ? netlink_data(kind) : "?";

	(void)name;
	text_add(t, " [ %s", text);
	if (data)
		attr_nest(t, "", data, rules_of(text), arg);
	text_add(t, " ]");
}

void attr_exprs(struct text *t, const char *name, const struct nlattr *a,
		void *arg)
{
	static const struct rule rules[] = {
		{ "", NFTA_LIST_ELEM, attr_expr },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

/* A byte of type and one of length before each: nft's own format. The type of
   a comment is 0. */
void attr_userdata(struct text *t, const char *name, const struct nlattr *a,
		   void *arg)
{
	const unsigned char *p = netlink_data(a);
	size_t len = netlink_len(a);

	(void)arg;
	while (len >= 2 && len - 2 >= p[1]) {
		if (p[0] == 0 && text_is(p + 2, p[1]))
			text_add(t, " comment ");
		else
			text_add(t, " %s %u=", name, p[0]);
		text_add_data(t, p + 2, p[1]);
		len -= 2u + p[1];
		p += 2 + p[1];
	}
	/* somebody else's */
	if (len) {
		text_add(t, " %s ", name);
		text_add_data(t, p, len);
	}
}
