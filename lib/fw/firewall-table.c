// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-table.c - the firewall's tables, sets and rules */
#include "fw/firewall-table.h"

#include <net/if.h> /* the kernel's own does not compile before this one */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_tables.h>

#include "base/sha512.h"
#include "fw/expr.h"

#define SET(name_, ...)                                                        \
	{                                                                      \
		.family = NFPROTO_INET, .table = FW_FIREWALL_TABLE,            \
		.name = (name_), .part = {                                     \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define PREFIX_SET(name_, type)                                                \
	{                                                                      \
		.family = NFPROTO_INET, .table = FW_FIREWALL_TABLE,            \
		.name = (name_), .part = { FW_TYPE_IFNAME, (type) },           \
		.interval = true                                               \
	}

const struct fw_set fw_attachments =
	SET("attachments", FW_TYPE_IFNAME, FW_TYPE_IP6);
const struct fw_set fw_bridges = SET("bridges", FW_TYPE_IFNAME);
const struct fw_set fw_inside = SET("inside", FW_TYPE_IFNAME, FW_TYPE_IFNAME);
const struct fw_set fw_isolated =
	SET("isolated", FW_TYPE_IFNAME, FW_TYPE_IFNAME);
const struct fw_set fw_accepted = SET("accepted", FW_TYPE_IFNAME);
const struct fw_set fw_limited = SET("limited", FW_TYPE_IFNAME);
const struct fw_set fw_no_host = SET("no_host", FW_TYPE_IFNAME);
static const struct fw_set deny4 = PREFIX_SET("deny4", FW_TYPE_IP4);
static const struct fw_set deny6 = PREFIX_SET("deny6", FW_TYPE_IP6);
static const struct fw_set allow4 = PREFIX_SET("allow4", FW_TYPE_IP4);
static const struct fw_set allow6 = PREFIX_SET("allow6", FW_TYPE_IP6);

const struct fw_set fw_ports = { .family = NFPROTO_BRIDGE,
				 .table = FW_FIREWALL_TABLE,
				 .name = "ports",
				 .part = { FW_TYPE_IFNAME } };

const struct fw_set *fw_deny(unsigned family)
{
	return family == AF_INET ? &deny4 : &deny6;
}

const struct fw_set *fw_allow(unsigned family)
{
	return family == AF_INET ? &allow4 : &allow6;
}

void fw_attachment_elem(const char *iface, const char *owner,
			struct fw_elem *ret)
{
	char hex[SHA512_HEXLEN];

	/* of a type that nft can print and read */
	sha512_hex(owner, strlen(owner), hex);
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, iface);
	fw_elem_put(ret, hex, hex, 16);
	snprintf(ret->comment, sizeof(ret->comment), "%s", owner);
}

static const enum fw_field in[] = { FW_IIFNAME };
static const enum fw_field out[] = { FW_OIFNAME };
static const enum fw_field in_out[] = { FW_IIFNAME, FW_OIFNAME };
static const enum fw_field in_in[] = { FW_IIFNAME, FW_IIFNAME };
static const enum fw_field out_out[] = { FW_OIFNAME, FW_OIFNAME };
static const enum fw_field in_to[] = { FW_IIFNAME, FW_DADDR };

/*
 * oifname @accepted ct state established,related meta mark set ...
 * oifname @accepted ct status dnat meta mark set ...
 * iifname . oifname @inside return
 * ct status dnat return
 * iifname @bridges oifname @bridges drop
 */
static void put_forward(struct fw *fw, unsigned i)
{
	if (i < 2)
		fw_expr_in_set(fw, &fw_accepted, out);
	switch (i) {
	case 0:
		fw_expr_ct_established(fw);
		fw_expr_set_mark(fw, FW_FIREWALL_MARK);
		break;
	case 1:
		fw_expr_ct_dnat(fw);
		fw_expr_set_mark(fw, FW_FIREWALL_MARK);
		break;
	case 2:
		fw_expr_in_set(fw, &fw_inside, in_out);
		fw_expr_verdict(fw, NFT_RETURN);
		break;
	case 3:
		fw_expr_ct_dnat(fw);
		fw_expr_verdict(fw, NFT_RETURN);
		break;
	default:
		fw_expr_in_set(fw, &fw_bridges, in);
		fw_expr_in_set(fw, &fw_bridges, out);
		fw_expr_verdict(fw, NF_DROP);
	}
}

/*
 * iifname . oifname @inside return
 * iifname . oifname @isolated ct status dnat return
 * ct direction reply return
 * iifname . ip daddr @deny4 drop, and deny6
 * iifname @limited iifname . ip daddr != @allow4 drop, and allow6
 */
static void put_egress(struct fw *fw, unsigned i)
{
	unsigned family = i % 2 ? AF_INET : AF_INET6;

	if (i == 0) {
		fw_expr_in_set(fw, &fw_inside, in_out);
	} else if (i == 1) {
		fw_expr_in_set(fw, &fw_isolated, in_out);
		fw_expr_ct_dnat(fw);
	} else if (i == 2) {
		fw_expr_ct_direction(fw, IP_CT_DIR_REPLY);
	} else if (i < 5) {
		fw_expr_nfproto(fw, family);
		fw_expr_in_set(fw, fw_deny(family), in_to);
	} else {
		fw_expr_nfproto(fw, family);
		fw_expr_in_set(fw, &fw_limited, in);
		fw_expr_not_in_set(fw, fw_allow(family), in_to);
	}
	fw_expr_verdict(fw, i < 3 ? NFT_RETURN : NF_DROP);
}

/*
 * ct direction reply return
 * meta nfproto ipv6 icmpv6 type nd-router-solicit to nd-redirect return
 * iifname . ip daddr @deny4 drop, and deny6
 * iifname @no_host drop
 */
static void put_host(struct fw *fw, unsigned i)
{
	unsigned family = i % 2 ? AF_INET6 : AF_INET;

	if (i == 0) {
		fw_expr_ct_direction(fw, IP_CT_DIR_REPLY);
	} else if (i == 1) {
		fw_expr_nfproto(fw, AF_INET6);
		fw_expr_nd(fw);
	} else if (i < 4) {
		fw_expr_nfproto(fw, family);
		fw_expr_in_set(fw, fw_deny(family), in_to);
	} else {
		fw_expr_in_set(fw, &fw_no_host, in);
	}
	fw_expr_verdict(fw, i < 2 ? NFT_RETURN : NF_DROP);
}

static const struct fw_set *const no_sets[] = { NULL };
static const struct fw_set *const sets[] = {
	&fw_attachments, &fw_bridges, &fw_inside, &fw_accepted,
	&fw_limited,	 &fw_no_host, &deny4,	  &deny6,
	&allow4,	 &allow6,     NULL,
};
/* listed where the rules are that were given it, which makes it where a table
   of before is there */
static const struct fw_set *const egress_sets[] = { &fw_isolated, NULL };

/*
 * iifname @bridges iifname . iifname != @inside ct status dnat
 *	meta mark set ...
 *
 * Where br_netfilter hands frames to IP's hooks, what is published by an
 * isolated bridge's port goes there as a frame: told to the table of ports.
 */
static void put_published(struct fw *fw, unsigned i)
{
	(void)i;
	fw_expr_in_set(fw, &fw_bridges, in);
	fw_expr_not_in_set(fw, &fw_inside, in_in);
	fw_expr_ct_dnat(fw);
	fw_expr_set_mark(fw, FW_FIREWALL_MARK);
}

/*
 * iif 0 oifname . oifname @isolated ct status dnat
 *	meta mark & 0x1000 == 0x1000 masquerade
 *
 * Such a frame, which IP's hook sees without the interface it came by: whom it
 * leads to cannot answer the neighbour, but the host.
 */
static void put_back(struct fw *fw, unsigned i)
{
	(void)i;
	fw_expr_no_iif(fw);
	fw_expr_in_set(fw, &fw_isolated, out_out);
	fw_expr_ct_dnat(fw);
	fw_expr_mark(fw, FW_FIREWALL_MARK);
	fw_expr_masquerade(fw);
}

/* type nat hook postrouting priority srcnat */
static const struct fw_table back = {
	.chain = { NFPROTO_INET, FW_FIREWALL_TABLE, "back" },
	.hook = { "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
	.sets = no_sets,
	.rules = 1,
	.rule = put_back,
};

/* type filter hook prerouting priority dstnat + 1 */
static const struct fw_table published = {
	.chain = { NFPROTO_INET, FW_FIREWALL_TABLE, "published" },
	.hook = { "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST + 1 },
	.sets = no_sets,
	.rules = 1,
	.rule = put_published,
	.more = &back,
};

/* type filter hook input priority filter */
static const struct fw_table host = {
	.chain = { NFPROTO_INET, FW_FIREWALL_TABLE, "host" },
	.hook = { "filter", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER },
	.sets = no_sets,
	.rules = 5,
	.rule = put_host,
	.more = &published,
};

/* type filter hook forward priority filter */
static const struct fw_table egress = {
	.chain = { NFPROTO_INET, FW_FIREWALL_TABLE, "egress" },
	.hook = { "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER },
	.sets = egress_sets,
	.rules = 7,
	.rule = put_egress,
	.more = &host,
};

/* type filter hook forward priority filter - 1: marked before iptables looks */
const struct fw_table fw_firewall_table = {
	.chain = { NFPROTO_INET, FW_FIREWALL_TABLE, "forward" },
	.hook = { "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER - 1 },
	.comment = "CNI networks: isolation, and what containers may reach",
	.sets = sets,
	.rules = 5,
	.rule = put_forward,
	.more = &egress,
};

/*
 * meta mark & 0x1000 == 0x1000 return
 * iifname @ports oifname @ports drop
 */
static void put_ports(struct fw *fw, unsigned i)
{
	if (i == 0) {
		fw_expr_mark(fw, FW_FIREWALL_MARK);
	} else {
		fw_expr_in_set(fw, &fw_ports, in);
		fw_expr_in_set(fw, &fw_ports, out);
	}
	fw_expr_verdict(fw, i == 0 ? NFT_RETURN : NF_DROP);
}

static const struct fw_set *const port_sets[] = { &fw_ports, NULL };

/* type filter hook forward priority filter */
const struct fw_table fw_firewall_port_table = {
	.chain = { NFPROTO_BRIDGE, FW_FIREWALL_TABLE, "forward" },
	.hook = { "filter", NF_BR_FORWARD, NF_BR_PRI_FILTER_BRIDGED },
	.comment = "CNI networks: containers isolated from their bridge's",
	.sets = port_sets,
	.rules = 2,
	.rule = put_ports,
};
