// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-if.c - mapped ports on conditions: the chain of these */
#include <stdio.h>
#include <sys/socket.h>

#include <linux/netfilter.h>

#include "fw/expr.h"
#include "fw/portmap-table.h"

/*
 * CONDITIONS dnat ip to ip daddr . meta l4proto . th dport map @addrs4
 * CONDITIONS dnat ip to meta l4proto . th dport map @ports4
 *
 * and so for each way of saying them in one rule, and for IPv6.
 */
static void put_rule(struct fw *fw, const struct fw_table *t, unsigned i)
{
	const struct portmap_if *c = (const struct portmap_if *)t;

	fw_expr_nfproto(fw, c->family);
	fw_expr_matches(fw, c->v, c->n, i / 2);
	portmap_put_dnat(fw, c->family, i % 2);
}

void portmap_if_init(struct portmap_if *ret, unsigned family, const char *hash,
		     const struct fw_match *v, size_t n)
{
	static const struct fw_set *const none[] = { NULL };

	_Static_assert(offsetof(struct portmap_if, table) == 0,
		       "put_rule() finds the rest by it");
	*ret = (struct portmap_if){
		.table = {
			.chain = { NFPROTO_INET, FW_PORTMAP_TABLE, ret->name },
			.comment = portmap_table.comment,
			.sets = none,
			.rules = (unsigned)(2 * fw_match_ways(v, n)),
			.rule_of = put_rule,
		},
		.family = family,
		.v = v,
		.n = n,
	};
	snprintf(ret->name, sizeof(ret->name), "if%u-%s",
		 family == AF_INET ? 4u : 6u, hash);
}
