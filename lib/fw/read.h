/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read.h - inside lib/fw: rules and chains read back from the kernel */
#ifndef CNI_FW_READ_H
#define CNI_FW_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/batch.h"
#include "fw/rule.h"

/*
 * Whether the rule has the expressions of the one that was begun last, with
 * fw_rule_begin() in a plan or a look. Counters do not count, nor what the
 * kernel says of an expression beyond what makes it. fw_change() or fw_look()
 * returns the failure of building one.
 */
bool fw_rule_is(struct fw *fw, const struct fw_rule *rule);

typedef int (*fw_rule_fn)(const struct fw_rule *rule, void *arg);

/*
 * Gives the rules of one chain to fn in their order, none where the chain or
 * table does not exist. fn may add to the transaction but not read; a
 * negative return value ends the calls. Returns 0, that value or -errno, and
 * -ERESTART where the ruleset changed meanwhile.
 */
int fw_rules(struct fw *fw, const struct fw_chain *chain, fw_rule_fn fn,
	     void *arg);

/* Whether the chain exists. Returns 1, 0 or -errno. */
int fw_chain_get(struct fw *fw, const struct fw_chain *chain);

/*
 * How many rules are in the chain or lead to it. Returns that, 0 where there is
 * no chain, or -errno.
 */
int fw_chain_use(struct fw *fw, const struct fw_chain *chain);

/* The same as fw_rules() for all chains of a family, in any table. */
typedef int (*fw_chain_fn)(const struct fw_chain *chain, void *arg);
int fw_chains(struct fw *fw, uint8_t family, fw_chain_fn fn, void *arg);

/*
 * How many objects (chains, sets and so on) are in the table. Returns that,
 * 0 where there is no table, or -errno.
 */
int fw_table_use(struct fw *fw, uint8_t family, const char *table);

#endif
