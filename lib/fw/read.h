/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read.h - inside lib/fw: rules and chains read back from the kernel */
#ifndef CNI_FW_READ_H
#define CNI_FW_READ_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "fw/batch.h"
#include "base/ipaddr.h"

/* user data of nf_tables and the info of an xt comment hold no more */
#define FW_COMMENT_SIZE 256
/* NFT_CHAIN_MAXNAMELEN */
#define FW_NAME_SIZE 256

/*
 * A rule, as far as the rules of this library and those it replaces need:
 * matches that all have to hold, then what is done. more: there is something
 * else in the rule; the fields still say what they say.
 */
struct fw_rule {
	uint64_t handle;
	char comment[FW_COMMENT_SIZE]; /* nft's own or xt_comment's */
	char iifname[IFNAMSIZ];	       /* "": any */
	struct ip_net saddr;	       /* family 0: any */
	struct ip_net not_daddr[2];
	unsigned n_not_daddr;
	bool has_mac;
	uint8_t mac[6];		  /* ether saddr */
	bool masquerade;	  /* nft's own or xt_MASQUERADE */
	int verdict;		  /* NFT_CONTINUE: none */
	char chain[FW_NAME_SIZE]; /* of a jump; else "" */
	bool more;
	const struct nlattr *exprs; /* as they came, for fw_rule_is(); NULL */
};

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

/*
 * Whether the chain exists. comment has FW_COMMENT_SIZE bytes, or is NULL.
 * Returns 1, 0 or -errno.
 */
int fw_chain_get(struct fw *fw, const struct fw_chain *chain, char *comment);

/* The same as fw_rules() for all chains of a family, in any table. */
typedef int (*fw_chain_fn)(const struct fw_chain *chain, const char *comment,
			   void *arg);
int fw_chains(struct fw *fw, uint8_t family, fw_chain_fn fn, void *arg);

/*
 * How many objects (chains, sets and so on) are in the table. Returns that,
 * 0 where there is no table, or -errno.
 */
int fw_table_use(struct fw *fw, uint8_t family, const char *table);

#endif
