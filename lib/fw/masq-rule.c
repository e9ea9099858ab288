// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-rule.c - the masquerade rule of one subnet, written and recognized */
#include "fw/masq-rule.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_tables.h>

#include "fw/expr.h"
#include "base/sha512.h"

#define TABLE_COMMENT "CNI networks: masquerade what leaves a subnet"

const struct fw_chain masq_chain = { NFPROTO_INET, FW_MASQ_TABLE,
				     FW_MASQ_CHAIN };

/* type nat hook postrouting priority srcnat */
static const struct fw_hook hook = { "nat", NF_INET_POST_ROUTING,
				     NF_IP_PRI_NAT_SRC };

void masq_add_chain(struct fw *fw)
{
	fw_add_table(fw, masq_chain.family, masq_chain.table, TABLE_COMMENT);
	fw_add_chain(fw, &masq_chain, &hook, NULL);
}

static struct ip_net multicast(unsigned family)
{
	struct ip_net net = { .addr.family = (uint8_t)family };

	net.addr.b[0] = family == AF_INET ? 224 : 0xff;
	net.plen = family == AF_INET ? 4 : 8;
	return net;
}

bool masq_is_single(const struct ip_net *net)
{
	return net->plen == ip_bits(net->addr.family);
}

bool masq_same_subnet(const struct ip_net *a, const struct ip_net *b)
{
	struct ip_addr first = ip_net_first(a), other = ip_net_first(b);

	return a->plen == b->plen && ip_cmp(&first, &other) == 0;
}

void masq_network_comment(const char *network, char buf[CNI_COMMENT_LEN])
{
	char hex[SHA512_HEXLEN];
	int n = snprintf(buf, CNI_COMMENT_LEN, "cni:%s", network);

	if (n >= 0 && n < CNI_COMMENT_LEN)
		return;
	sha512_hex(network, strlen(network), hex);
	snprintf(buf, CNI_COMMENT_LEN, "cni:#%.32s", hex);
}

void masq_comment(const struct fw_masq *m, char buf[CNI_COMMENT_LEN])
{
	struct cni_attachment owner;

	if (!masq_is_single(&m->subnet)) {
		masq_network_comment(m->network, buf);
		return;
	}
	owner = *m->owner;
	owner.network = m->network;
	cni_owner(&owner, buf, CNI_COMMENT_LEN);
}

/*
 * iifname "cni0" ip saddr 10.9.0.0/24 ip daddr != 10.9.0.0/24
 *	ip daddr != 224.0.0.0/4 masquerade comment "cni:net"
 * and for an address of its own
 * iifname "cni0" ip saddr 10.9.0.5 ip daddr != 224.0.0.0/4
 *	masquerade comment "cni:net:id:eth0"
 */
void masq_add_rule(struct fw *fw, const char *iif, const struct ip_net *subnet,
		   const char *comment)
{
	struct ip_net mcast = multicast(subnet->addr.family);

	fw_rule_begin(fw, &masq_chain);
	fw_expr_iifname(fw, iif);
	fw_expr_nfproto(fw, subnet->addr.family);
	fw_expr_saddr(fw, subnet, FW_IS);
	if (!masq_is_single(subnet))
		fw_expr_daddr(fw, subnet, FW_IS_NOT);
	fw_expr_daddr(fw, &mcast, FW_IS_NOT);
	fw_expr_masquerade(fw);
	fw_rule_end(fw, comment);
}

bool masq_is_rule(const struct fw_rule *rule, const char *iif,
		  const struct ip_net *subnet)
{
	struct ip_net mcast = multicast(subnet->addr.family);
	unsigned n = 0;

	if (rule->more || !rule->masquerade || rule->has_mac ||
	    rule->verdict != NFT_CONTINUE || strcmp(rule->iifname, iif) != 0 ||
	    !masq_same_subnet(&rule->saddr, subnet))
		return false;
	if (!masq_is_single(subnet) &&
	    (rule->n_not_daddr == 0 ||
	     !masq_same_subnet(&rule->not_daddr[n++], subnet)))
		return false;
	return rule->n_not_daddr == n + 1 &&
	       masq_same_subnet(&rule->not_daddr[n], &mcast);
}
