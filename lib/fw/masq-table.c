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

static const struct fw_set pods4 = { .family = NFPROTO_INET,
				     .table = FW_MASQ_TABLE,
				     .name = "pods4",
				     .part = { FW_TYPE_IFNAME, FW_TYPE_IP4 } };
static const struct fw_set pods6 = { .family = NFPROTO_INET,
				     .table = FW_MASQ_TABLE,
				     .name = "pods6",
				     .part = { FW_TYPE_IFNAME, FW_TYPE_IP6 } };
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
const struct fw_set masq_networks = { .family = NFPROTO_INET,
				      .table = FW_MASQ_TABLE,
				      .name = "networks",
				      .part = { FW_TYPE_IP6 } };
const struct fw_set *const masq_all_pods[] = { &pods4, &pods6, NULL };
static const struct fw_set *const sets[] = { &pods4,   &inside4,       &pods6,
					     &inside6, &masq_networks, NULL };

const struct fw_set *masq_pods(unsigned family)
{
	return family == AF_INET ? &pods4 : &pods6;
}

const struct fw_set *masq_inside(unsigned family)
{
	return family == AF_INET ? &inside4 : &inside6;
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

/*
 * iifname . ip saddr . ip daddr @inside4 return
 * iifname . ip6 saddr . ip6 daddr @inside6 return
 * ip daddr 224.0.0.0/4 return
 * ip6 daddr ff00::/8 return
 * iifname . ip saddr @pods4 masquerade
 * iifname . ip6 saddr @pods6 masquerade
 */
static void put_rule(struct fw *fw, unsigned i)
{
	static const enum fw_field field[] = { FW_IIFNAME, FW_SADDR, FW_DADDR };
	static const struct ip_net mcast[] = {
		{ { AF_INET, { 224 } }, 4 },
		{ { AF_INET6, { 0xff } }, 8 },
	};
	unsigned family = i % 2 ? AF_INET6 : AF_INET;

	fw_expr_nfproto(fw, family);
	if (i < 2)
		fw_expr_in_set(fw, masq_inside(family), field);
	else if (i < 4)
		fw_expr_daddr(fw, &mcast[i % 2]);
	else
		fw_expr_in_set(fw, masq_pods(family), field);
	if (i < 4)
		fw_expr_verdict(fw, NFT_RETURN);
	else
		fw_expr_masquerade(fw);
}

/* type nat hook postrouting priority srcnat */
const struct fw_table masq_table = {
	.chain = { NFPROTO_INET, FW_MASQ_TABLE, FW_MASQ_CHAIN },
	.hook = { "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
	.comment = "CNI networks: masquerade what leaves a subnet",
	.sets = sets,
	.rules = 6,
	.rule = put_rule,
};
