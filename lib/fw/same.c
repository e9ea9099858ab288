// SPDX-License-Identifier: GPL-2.0-or-later
/* same.c - whether a rule of the kernel's is the one that is built here */
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/rule.h>

#include "fw/decode.h"
#include "fw/read.h"
#include "fw/sock.h"

/* deeper than any expression: element, data, immediate, verdict */
#define DEPTH 8

static bool same_attr(const struct nlattr *want, const struct nlattr *have,
		      int depth);

/*
 * A nest is the same when each attribute that is wanted is in it; where none is
 * wanted (a masquerade without flags and ports) it has none.
 */
static bool same_nest(const struct nlattr *want, const struct nlattr *have,
		      int depth)
{
	const struct nlattr *w, *h;

	if (mnl_attr_get_payload_len(want) == 0)
		return mnl_attr_get_payload_len(have) == 0;
	mnl_attr_for_each_nested (w, want) {
		bool found = false;

		mnl_attr_for_each_nested (h, have)
			found = found || same_attr(w, h, depth);
		if (!found)
			return false;
	}
	return true;
}

/* libnftnl marks a nest as one, the kernel does not always. */
static bool same_attr(const struct nlattr *want, const struct nlattr *have,
		      int depth)
{
	uint16_t len = mnl_attr_get_payload_len(want);

	if (mnl_attr_get_type(want) != mnl_attr_get_type(have))
		return false;
	if (want->nla_type & NLA_F_NESTED)
		return depth > 0 && same_nest(want, have, depth - 1);
	return len == mnl_attr_get_payload_len(have) &&
	       memcmp(mnl_attr_get_payload(want), mnl_attr_get_payload(have),
		      len) == 0;
}

static bool is_counter(const struct nlattr *expr)
{
	const struct nlattr *name = fw_attrs_in(expr).at[NFTA_EXPR_NAME];

	return name && mnl_attr_validate(name, MNL_TYPE_NUL_STRING) == 0 &&
	       strcmp(mnl_attr_get_str(name), "counter") == 0;
}

/* The expressions of a rule are the same, in this order, and no others. */
static bool same_exprs(const struct nlattr *want, const struct nlattr *have)
{
	const struct nlattr *w = mnl_attr_get_payload(want), *h;
	const char *end = (const char *)w + mnl_attr_get_payload_len(want);

	mnl_attr_for_each_nested (h, have) {
		if (is_counter(h))
			continue;
		if (!mnl_attr_ok(w, (int)(end - (const char *)w)) ||
		    !same_attr(w, h, DEPTH))
			return false;
		w = mnl_attr_next(w);
	}
	return !mnl_attr_ok(w, (int)(end - (const char *)w));
}

bool fw_rule_is(struct fw *fw, const struct fw_rule *rule)
{
	char buf[FW_MSG_MAX] __attribute__((aligned(8))) = "";
	struct nlmsghdr *nlh;
	const struct nlattr *a;

	if (fw->batch.r < 0 || !rule->exprs)
		return false;
	nlh = nftnl_nlmsg_build_hdr(buf, NFT_MSG_NEWRULE, 0, 0, 0);
	nftnl_rule_nlmsg_build_payload(nlh, fw->rule);
	mnl_attr_for_each (a, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(a) == NFTA_RULE_EXPRESSIONS)
			return same_exprs(a, rule->exprs);
	return false;
}
