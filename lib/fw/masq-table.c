// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-table.c - the table of masquerade: maps, rules, and subnets' chains */
#include "fw/masq-table.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "base/sha512.h"
#include "fw/expr.h"

/* what the names of subnets' chains begin with */
#define OUTSIDE "outside"

static const struct fw_set pods4 = { .family = NFPROTO_INET,
				     .table = FW_MASQ_TABLE,
				     .name = "pods4",
				     .part = { FW_TYPE_IFNAME, FW_TYPE_IP4 },
				     .data = { FW_TYPE_VERDICT } };
static const struct fw_set pods6 = { .family = NFPROTO_INET,
				     .table = FW_MASQ_TABLE,
				     .name = "pods6",
				     .part = { FW_TYPE_IFNAME, FW_TYPE_IP6 },
				     .data = { FW_TYPE_VERDICT } };
const struct fw_set masq_networks = { .family = NFPROTO_INET,
				      .table = FW_MASQ_TABLE,
				      .name = "networks",
				      .part = { FW_TYPE_IP6 } };
const struct fw_set *const masq_all_pods[] = { &pods4, &pods6, NULL };
static const struct fw_set *const sets[] = { &pods4, &pods6, &masq_networks,
					     NULL };
static const struct fw_set *const none[] = { NULL };
static const char comment[] = "CNI networks: masquerade what leaves a subnet";

const struct fw_set *masq_pods(unsigned family)
{
	return family == AF_INET ? &pods4 : &pods6;
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

/* --- a subnet's chain ------------------------------------------------------
 */

static bool is_single(const struct ip_net *net)
{
	return net->plen == ip_bits(net->addr.family);
}

/*
 * ip daddr != 10.9.0.0/24 masquerade
 *
 * and for an address of its own, which has no inside, masquerade alone.
 */
static void put_outside(struct fw *fw, const struct fw_table *t, unsigned i)
{
	const struct masq_outside *o = (const struct masq_outside *)t;

	(void)i;
	if (!is_single(&o->net)) {
		fw_expr_nfproto(fw, o->net.addr.family);
		fw_expr_addr(fw, FW_DADDR, FW_NOT, &o->net);
	}
	fw_expr_masquerade(fw);
}

void masq_outside_name(const struct ip_net *net, char ret[FW_GOTO_SIZE])
{
	struct ip_net whole = { ip_net_first(net), net->plen };
	char text[IP_STRLEN] = "";

	if (!is_single(net))
		ip_net_format(&whole, text);
	/* nft takes no name with a colon */
	for (char *c = text; *c; c++)
		if (*c == ':')
			*c = '-';
	snprintf(ret, FW_GOTO_SIZE, "%s%s%s", OUTSIDE, *text ? "-" : "", text);
}

static bool is_outside(const char *chain)
{
	return strncmp(chain, OUTSIDE, strlen(OUTSIDE)) == 0;
}

/* The subnet of a chain of that name. Returns whether it is one. */
static bool parse(const char *chain, struct ip_net *ret)
{
	char text[FW_GOTO_SIZE], again[FW_GOTO_SIZE];
	const char *of = chain + strlen(OUTSIDE);

	/* of either family */
	*ret = (struct ip_net){ { AF_INET, { 0 } }, 32 };
	if (!is_outside(chain) || strlen(chain) >= sizeof(text))
		return false;
	if (!*of)
		return true;
	snprintf(text, sizeof(text), "%s", of + 1);
	for (char *c = text; *c; c++)
		if (*c == '-')
			*c = ':';
	if (ip_net_parse(text, ret) < 0)
		return false;
	masq_outside_name(ret, again);
	return strcmp(again, chain) == 0;
}

static void outside_init(struct masq_outside *ret, const struct ip_net *net)
{
	_Static_assert(offsetof(struct masq_outside, table) == 0,
		       "put_outside() finds the rest by it");
	*ret = (struct masq_outside){
		.table = {
			.chain = { NFPROTO_INET, FW_MASQ_TABLE, ret->name },
			.comment = comment,
			.sets = none,
			.rules = 1,
			.rule_of = put_outside,
		},
		.net = { ip_net_first(net), net->plen },
	};
	masq_outside_name(net, ret->name);
}

/* How many of the names are as the ith one; 0 where one before it is. */
static int count(const struct names *names, size_t i)
{
	int n = 0;

	for (size_t k = 0; k < names->n; k++) {
		if (strcmp(names->v[k], names->v[i]) != 0)
			continue;
		if (k < i)
			return 0;
		n++;
	}
	return n;
}

int masq_outside_left(struct fw *fw, const struct names *left)
{
	struct masq_outside o;
	struct ip_net net;
	int r = 0;

	for (size_t i = 0; i < left->n && r == 0; i++) {
		int led = count(left, i);

		if (led == 0 || !parse(left->v[i], &net))
			continue;
		outside_init(&o, &net);
		r = fw_table_drop_chain(fw, &o.table, led);
	}
	return r;
}

/* --- the table -------------------------------------------------------------
 */

/*
 * ip daddr 224.0.0.0/4 return
 * ip6 daddr ff00::/8 return
 * iifname . ip saddr vmap @pods4
 * iifname . ip6 saddr vmap @pods6
 */
static void put_rule(struct fw *fw, unsigned i)
{
	static const enum fw_field field[] = { FW_IIFNAME, FW_SADDR };
	static const struct ip_net mcast[] = {
		{ { AF_INET, { 224 } }, 4 },
		{ { AF_INET6, { 0xff } }, 8 },
	};
	unsigned family = i % 2 ? AF_INET6 : AF_INET;

	fw_expr_nfproto(fw, family);
	if (i < 2) {
		fw_expr_daddr(fw, &mcast[i]);
		fw_expr_verdict(fw, NFT_RETURN);
	} else {
		fw_expr_goto_map(fw, masq_pods(family), field);
	}
}

/* type nat hook postrouting priority srcnat */
const struct fw_table masq_table = {
	.chain = { NFPROTO_INET, FW_MASQ_TABLE, FW_MASQ_CHAIN },
	.hook = { "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
	.comment = comment,
	.sets = sets,
	.rules = 4,
	.rule = put_rule,
};

/* --- with chains -----------------------------------------------------------
 */

int masq_tables_init(struct masq_tables *ret, size_t max)
{
	*ret = (struct masq_tables){ .table = masq_table };
	ret->v = calloc(max ? max : 1, sizeof(*ret->v));
	return ret->v ? 0 : -ENOMEM;
}

bool masq_tables_has(const struct masq_tables *t, const char *chain)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].name, chain) == 0)
			return true;
	return false;
}

void masq_tables_put(struct masq_tables *t, const struct ip_net *net)
{
	struct fw_table *last = t->n ? &t->v[t->n - 1].table : &t->table;
	char name[FW_GOTO_SIZE];

	masq_outside_name(net, name);
	if (masq_tables_has(t, name))
		return;
	outside_init(&t->v[t->n], net);
	last->more = &t->v[t->n++].table;
}

static int see_chain(const struct fw_chain *chain, void *arg)
{
	if (strcmp(chain->table, FW_MASQ_TABLE) != 0 ||
	    !is_outside(chain->name))
		return 0;
	return names_add(arg, chain->name);
}

int masq_tables_read(struct fw *fw, struct masq_tables *ret)
{
	AUTO(names) struct names chains = { 0 };
	struct ip_net net;
	int r = fw_chains(fw, NFPROTO_INET, see_chain, &chains);

	if (r == 0)
		r = masq_tables_init(ret, chains.n);
	for (size_t i = 0; i < chains.n && r == 0; i++)
		if (parse(chains.v[i], &net))
			masq_tables_put(ret, &net);
	return r;
}

void masq_tables_done(struct masq_tables *t)
{
	free(t->v);
	*t = (struct masq_tables){ 0 };
}
