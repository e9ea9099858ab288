/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq-rule.h - inside lib/fw: the masquerade rule of one subnet */
#ifndef CNI_FW_MASQ_RULE_H
#define CNI_FW_MASQ_RULE_H

#include "fw/masq.h"
#include "fw/read.h"

/* Where the rules are. */
extern const struct fw_chain masq_chain;

/* Within a plan: the table and the chain, if they are not there. */
void masq_add_chain(struct fw *fw);

/* /32 or /128: it has no inside, and its rule an owner. */
bool masq_is_single(const struct ip_net *net);
/* Host bits do not count. */
bool masq_same_subnet(const struct ip_net *a, const struct ip_net *b);

/*
 * What rules of a network have as their comment, "cni:<network>". Owner texts
 * have more colons, and a network's name has none. A name that is too long
 * becomes its hash, as in an owner text.
 */
void masq_network_comment(const char *network, char buf[CNI_COMMENT_LEN]);
/* The comment of the rule: that, or the owner text. */
void masq_comment(const struct fw_masq *m, char buf[CNI_COMMENT_LEN]);

/* Within a plan: adds the rule. */
void masq_add_rule(struct fw *fw, const char *iif, const struct ip_net *subnet,
		   const char *comment);
/* Whether the rule is one that masq_add_rule() makes, whatever its comment. */
bool masq_is_rule(const struct fw_rule *rule, const char *iif,
		  const struct ip_net *subnet);

#endif
