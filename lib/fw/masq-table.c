// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-table.c - the table of masquerade, its sets and rules */
#include "fw/masq-table.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_tables.h>

#include "base/name.h"
#include "base/sha512.h"
#include "fw/expr.h"

#define TABLE_COMMENT "CNI networks: masquerade what leaves a subnet"

static const struct fw_chain chain = { NFPROTO_INET, FW_MASQ_TABLE,
				       FW_MASQ_CHAIN };

/* type nat hook postrouting priority srcnat */
static const struct fw_hook hook = { "nat", NF_INET_POST_ROUTING,
				     NF_IP_PRI_NAT_SRC };

static const unsigned families[] = { AF_INET, AF_INET6 };

const struct fw_set *masq_pods(unsigned family)
{
	static const struct fw_set pods4 = { .family = NFPROTO_INET,
					     .table = FW_MASQ_TABLE,
					     .name = "pods4",
					     .part = { FW_TYPE_IFNAME,
						       FW_TYPE_IP4 } };
	static const struct fw_set pods6 = { .family = NFPROTO_INET,
					     .table = FW_MASQ_TABLE,
					     .name = "pods6",
					     .part = { FW_TYPE_IFNAME,
						       FW_TYPE_IP6 } };

	return family == AF_INET ? &pods4 : &pods6;
}

const struct fw_set *masq_inside(unsigned family)
{
	static const struct fw_set inside4 = {
		.family = NFPROTO_INET,
		.table = FW_MASQ_TABLE,
		.name = "inside4",
		.part = { FW_TYPE_IFNAME, FW_TYPE_IP4, FW_TYPE_IP4 },
		.interval = true,
	};
	static const struct fw_set inside6 = {
		.family = NFPROTO_INET,
		.table = FW_MASQ_TABLE,
		.name = "inside6",
		.part = { FW_TYPE_IFNAME, FW_TYPE_IP6, FW_TYPE_IP6 },
		.interval = true,
	};

	return family == AF_INET ? &inside4 : &inside6;
}

const struct fw_set *masq_networks(void)
{
	static const struct fw_set networks = { .family = NFPROTO_INET,
						.table = FW_MASQ_TABLE,
						.name = "networks",
						.part = { FW_TYPE_IP6 } };

	return &networks;
}

void masq_network_elem(const char *network, struct fw_elem *ret)
{
	char hex[SHA512_HEXLEN];

	/* of a type that nft can print and read */
	sha512_hex(network, strlen(network), hex);
	*ret = (struct fw_elem){ 0 };
	fw_elem_put(ret, hex, hex, 16);
	snprintf(ret->comment, sizeof(ret->comment), "cni:%.*s",
		 CNI_COMMENT_LEN - 5, network);
}

int masq_get_inside(struct fw *fw, const struct fw_elem *pod, unsigned family,
		    struct fw_elem *ret)
{
	const uint8_t *ip = pod->key + IFNAMSIZ;
	struct fw_elem at = *pod;

	fw_elem_put(&at, ip, ip, ip_bytes(family));
	return fw_elem_get(fw, masq_inside(family), &at, ret);
}

/* --- the rules -------------------------------------------------------------
 *
 * iifname . ip saddr . ip daddr @inside4 return
 * iifname . ip6 saddr . ip6 daddr @inside6 return
 * ip daddr 224.0.0.0/4 return
 * ip6 daddr ff00::/8 return
 * iifname . ip saddr @pods4 masquerade
 * iifname . ip6 saddr @pods6 masquerade
 */
#define RULES 6

static void begin_rule(struct fw *fw, unsigned i)
{
	static const enum fw_field field[] = { FW_IIFNAME, FW_SADDR, FW_DADDR };
	static const struct ip_net mcast[] = {
		{ { AF_INET, { 224 } }, 4 },
		{ { AF_INET6, { 0xff } }, 8 },
	};
	unsigned family = families[i % 2];

	fw_rule_begin(fw, &chain);
	fw_expr_nfproto(fw, family);
	if (i < 2)
		fw_expr_in_set(fw, masq_inside(family), field);
	else if (i < 4)
		fw_expr_daddr(fw, &mcast[i % 2], FW_IS);
	else
		fw_expr_in_set(fw, masq_pods(family), field);
	if (i < 4)
		fw_expr_verdict(fw, NFT_RETURN);
	else
		fw_expr_masquerade(fw);
}

struct seen {
	struct fw *fw;
	bool remove;	/* those that are ours */
	unsigned whole; /* so many of the rules, in their order */
	unsigned others;
};

static bool is_rule(struct fw *fw, unsigned i, const struct fw_rule *rule)
{
	begin_rule(fw, i);
	return fw_rule_is(fw, rule);
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct seen *s = arg;
	unsigned i = s->whole;

	if (i < RULES && is_rule(s->fw, i, rule)) {
		s->whole++;
	} else {
		for (i = 0; i < RULES && !is_rule(s->fw, i, rule); i++)
			;
		s->others += i == RULES;
	}
	if (i < RULES && s->remove)
		fw_del_rule(s->fw, &chain, rule->handle);
	return 0;
}

static int see_rules(struct fw *fw, struct seen *s)
{
	*s = (struct seen){ .fw = fw, .remove = s->remove };
	return fw_rules(fw, &chain, see_rule, s);
}

int masq_table_look(struct fw *fw)
{
	struct seen s = { 0 };
	int r = see_rules(fw, &s);

	return r < 0 ? r : s.whole == RULES;
}

/* --- the whole table -------------------------------------------------------
 */
int masq_table_make(struct fw *fw)
{
	struct seen s = { .remove = true };
	int r = masq_table_look(fw);

	if (r != 0)
		return r < 0 ? r : 0;
	r = see_rules(fw, &s);
	if (r < 0)
		return r;
	fw_add_table(fw, chain.family, chain.table, TABLE_COMMENT);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		fw_add_set(fw, masq_pods(families[i]));
		fw_add_set(fw, masq_inside(families[i]));
	}
	fw_add_set(fw, masq_networks());
	fw_add_chain(fw, &chain, &hook, NULL);
	for (unsigned i = 0; i < RULES; i++) {
		begin_rule(fw, i);
		fw_rule_end(fw, NULL);
	}
	return 0;
}

int masq_table_drop(struct fw *fw)
{
	const int use = 2 * (int)ARRAY_SIZE(families) + 2;
	struct seen s = { 0 };
	int r = see_rules(fw, &s);

	if (r == 0 && s.others == 0)
		r = fw_table_use(fw, chain.family, chain.table);
	if (r != use)
		return r < 0 ? r : 0;
	fw_del_table(fw, chain.family, chain.table);
	return 1;
}
