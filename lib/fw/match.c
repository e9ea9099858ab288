// SPDX-License-Identifier: GPL-2.0-or-later
/* match.c - what else has to hold of a packet: its expressions and its hash */
#include "fw/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/netfilter/nf_tables.h>

#include "base/auto.h"
#include "base/sha512.h"
#include "fw/expr.h"

/* The end of those of which the ith is one that has to hold. */
static size_t group_end(const struct fw_match *v, size_t n, size_t i)
{
	do
		i++;
	while (i < n && v[i].either);
	return i;
}

size_t fw_match_ways(const struct fw_match *v, size_t n)
{
	size_t ways = 1, end;

	/* many are too many, and never none */
	for (size_t i = 0; i < n && ways < 1u << 16; i = end) {
		end = group_end(v, n, i);
		ways *= end - i;
	}
	return ways;
}

size_t fw_match_each(const struct fw_match *v, size_t n)
{
	size_t each = 0;

	for (size_t i = 0; i < n; i = group_end(v, n, i))
		each++;
	return each;
}

static void put_match(struct fw *fw, const struct fw_match *m)
{
	enum fw_op op = m->negated ? FW_NOT : FW_IS;

	switch (m->kind) {
	case FW_MATCH_SADDR:
	case FW_MATCH_DADDR:
		if (m->net.plen > 0)
			fw_expr_addr(fw,
				     m->kind == FW_MATCH_SADDR ? FW_SADDR
							       : FW_DADDR,
				     op, &m->net);
		break;
	case FW_MATCH_IIFNAME:
	case FW_MATCH_OIFNAME:
		fw_expr_name(fw,
			     m->kind == FW_MATCH_IIFNAME ? FW_IIFNAME
							 : FW_OIFNAME,
			     op, m->name, m->begins);
		break;
	case FW_MATCH_MARK:
		fw_expr_mark_is(fw, op, m->value, m->mask);
		break;
	case FW_MATCH_SADDR_TYPE:
	case FW_MATCH_DADDR_TYPE:
		fw_expr_addr_type(fw,
				  m->kind == FW_MATCH_SADDR_TYPE ? FW_SADDR
								 : FW_DADDR,
				  op, m->value);
		break;
	}
}

void fw_expr_matches(struct fw *fw, const struct fw_match *v, size_t n,
		     size_t way)
{
	size_t end;

	for (size_t i = 0; i < n; i = end) {
		end = group_end(v, n, i);
		put_match(fw, &v[i + way % (end - i)]);
		way /= end - i;
	}
}

/* One line; all that fit in there are shorter than LINE. */
#define LINE 80
static size_t print_match(char *to, const struct fw_match *m)
{
	struct ip_net net = { ip_net_first(&m->net), m->net.plen };
	char what[IP_STRLEN + IFNAMSIZ] = "";

	switch (m->kind) {
	case FW_MATCH_SADDR:
	case FW_MATCH_DADDR:
		ip_net_format(&net, what);
		break;
	case FW_MATCH_IIFNAME:
	case FW_MATCH_OIFNAME:
		snprintf(what, sizeof(what), "%s%s", m->name,
			 m->begins ? "*" : "");
		break;
	case FW_MATCH_MARK:
	case FW_MATCH_SADDR_TYPE:
	case FW_MATCH_DADDR_TYPE:
		snprintf(what, sizeof(what), "%x/%x", m->value, m->mask);
		break;
	}
	return (size_t)snprintf(to, LINE, "%s%s%d %s\n", m->either ? "or " : "",
				m->negated ? "not " : "", (int)m->kind, what);
}

int fw_match_hash(const struct fw_match *v, size_t n, char ret[FW_MATCH_HASH])
{
	AUTO(str) char *text = malloc(n * LINE + 1);
	char hex[SHA512_HEXLEN];
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		len += print_match(text + len, &v[i]);
	sha512_hex(text, len, hex);
	snprintf(ret, FW_MATCH_HASH, "%.32s", hex);
	return 0;
}
