/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.h - inside lib/fw: a rule that was read back */
#ifndef CNI_FW_RULE_H
#define CNI_FW_RULE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/netlink.h>

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
	char oifname[IFNAMSIZ];	       /* "": any */
	char not_oifname[IFNAMSIZ];    /* "": none */
	struct ip_net saddr, daddr;    /* family 0: any */
	struct ip_net not_daddr[2];
	unsigned n_not_daddr;
	bool has_mac;
	uint8_t mac[6];	  /* ether saddr */
	bool masquerade;  /* nft's own or xt_MASQUERADE */
	bool established; /* xt_conntrack --ctstate RELATED,ESTABLISHED */
	bool xt;	  /* an expression of nft_compat is among it */
	int verdict;	  /* NFT_CONTINUE: none */
	char chain[FW_NAME_SIZE]; /* of a jump; else "" */
	bool more;
	const struct nlattr *exprs; /* as they came, for fw_rule_is(); NULL */
};

#endif
