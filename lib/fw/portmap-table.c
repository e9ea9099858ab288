// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-table.c - the table of mapped ports, its sets, maps and rules */
#include "fw/portmap-table.h"

#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include "fw/expr.h"

#define TABLE FW_PORTMAP_TABLE
/*
 * After those who have dstnat: a Service of kube-proxy wins over a mapped port,
 * whoever was there first (CVE-2019-9946). firewalld has 10 more.
 */
#define AFTER_DSTNAT (NF_IP_PRI_NAT_DST + 11)

#define SET(name_, ...)                                                        \
	{                                                                      \
		.family = NFPROTO_INET, .table = TABLE, .name = (name_),       \
		.part = {                                                      \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define MAP(name_, type_, ...)                                                 \
	{                                                                      \
		.family = NFPROTO_INET, .table = TABLE, .name = (name_),       \
		.part = { __VA_ARGS__ }, .data = {                             \
			type_,                                                 \
			FW_TYPE_PORT                                           \
		}                                                              \
	}
#define VMAP(name_, ...)                                                       \
	{                                                                      \
		.family = NFPROTO_INET, .table = TABLE, .name = (name_),       \
		.part = { __VA_ARGS__ }, .data = {                             \
			FW_TYPE_VERDICT                                        \
		}                                                              \
	}
#define MAPPING(ip) FW_TYPE_PROTO, FW_TYPE_PORT, ip, FW_TYPE_PORT
#define SETS(v, ip)                                                            \
	{                                                                      \
		.ports = MAP("ports" #v, ip, FW_TYPE_PROTO, FW_TYPE_PORT),     \
		.addrs = MAP("addrs" #v, ip, ip, FW_TYPE_PROTO, FW_TYPE_PORT), \
		.hosts = SET("hosts" #v, ip),                                  \
		.if_ports = VMAP("if-ports" #v, FW_TYPE_PROTO, FW_TYPE_PORT),  \
		.if_addrs =                                                    \
			VMAP("if-addrs" #v, ip, FW_TYPE_PROTO, FW_TYPE_PORT),  \
		.hairpin = SET("hairpin" #v, FW_TYPE_IFNAME, MAPPING(ip)),     \
		.self = SET("self" #v, ip, MAPPING(ip)),                       \
		.local = SET("local" #v, FW_TYPE_IFNAME, MAPPING(ip)),         \
		.all = SET("all" #v, MAPPING(ip)),                             \
	}
static const struct portmap_sets sets4 = SETS(4, FW_TYPE_IP4);
static const struct portmap_sets sets6 = SETS(6, FW_TYPE_IP6);

const struct fw_set portmap_open = SET("open", FW_TYPE_IFNAME, FW_TYPE_IP6);

#define FROM_MAP(name_, ...)                                                   \
	{                                                                      \
		.family = NFPROTO_INET, .table = TABLE, .name = (name_),       \
		.part = { __VA_ARGS__ }, .data = {                             \
			FW_TYPE_IP6                                            \
		}                                                              \
	}
const struct fw_set portmap_waiting = FROM_MAP("waiting", FW_TYPE_IP6);
const struct fw_set portmap_lo_ports =
	FROM_MAP("lo-ports6", FW_TYPE_PROTO, FW_TYPE_PORT);
const struct fw_set portmap_lo_addrs =
	FROM_MAP("lo-addrs6", FW_TYPE_IP6, FW_TYPE_PROTO, FW_TYPE_PORT);

const struct portmap_sets *portmap_sets(unsigned family)
{
	return family == AF_INET ? &sets4 : &sets6;
}

/* --- rules ------------------------------------------------------------------
 */

static const struct ip_net loopback[] = {
	{ { AF_INET, { 127 } }, 8 },
	{ { AF_INET6, { [15] = 1 } }, 128 },
};

static const enum fw_field to_one[] = { FW_DADDR, FW_L4PROTO, FW_DPORT };
static const enum fw_field *const to_any = to_one + 1;

static unsigned family_of(unsigned i)
{
	return i % 2 ? AF_INET6 : AF_INET;
}

/*
 * iifname != "lo" ip daddr 127.0.0.0/8 drop
 * iifname != "lo" ip6 daddr ::1 drop
 * iifname != "lo" ip saddr 127.0.0.0/8 drop
 * iifname != "lo" ip6 saddr ::1 drop
 *
 * The kernel does the first and the third by itself, but not before dstnat,
 * and not where route_localnet is set.
 */
static void put_guard(struct fw *fw, unsigned i)
{
	fw_expr_nfproto(fw, family_of(i));
	fw_expr_not_from_lo(fw);
	if (i < 2)
		fw_expr_daddr(fw, &loopback[i % 2]);
	else
		fw_expr_saddr(fw, &loopback[i % 2]);
	fw_expr_verdict(fw, NF_DROP);
}

void portmap_put_dnat(struct fw *fw, unsigned family, bool any)
{
	const struct portmap_sets *sets = portmap_sets(family);

	if (any)
		fw_expr_dnat_map(fw, &sets->ports, to_any);
	else
		fw_expr_dnat_map(fw, &sets->addrs, to_one);
}

/*
 * ip daddr . meta l4proto . th dport vmap @if-addrs4
 * ip6 daddr . meta l4proto . th dport vmap @if-addrs6
 * dnat ip to ip daddr . meta l4proto . th dport map @addrs4
 * dnat ip6 to ip6 daddr . meta l4proto . th dport map @addrs6
 * meta l4proto . th dport vmap @if-ports4
 * meta l4proto . th dport vmap @if-ports6
 * dnat ip to meta l4proto . th dport map @ports4
 * dnat ip6 to meta l4proto . th dport map @ports6
 *
 * What is mapped on conditions does not come to the other rules.
 */
static void put_mapped(struct fw *fw, unsigned i)
{
	const struct portmap_sets *sets = portmap_sets(family_of(i));

	fw_expr_nfproto(fw, family_of(i));
	switch (i / 2) {
	case 0:
		fw_expr_goto_map(fw, &sets->if_addrs, to_one);
		break;
	case 2:
		fw_expr_goto_map(fw, &sets->if_ports, to_any);
		break;
	default:
		portmap_put_dnat(fw, family_of(i), i / 2 == 3);
	}
}

/* fib daddr type local jump mapped */
static void put_local(struct fw *fw, unsigned i)
{
	(void)i;
	fw_expr_to_local(fw);
	fw_expr_jump(fw, "mapped");
}

/*
 * ct status dnat iifname . MAPPING @hairpin4 masquerade
 * ct status dnat ip saddr . MAPPING @self4 masquerade
 * ct status dnat MAPPING @all4 masquerade
 * ct status dnat ip saddr 127.0.0.0/8 oifname . MAPPING @local4 masquerade
 *
 * where MAPPING is
 *
 * meta l4proto . ct original proto-dst . ip daddr . th dport
 *
 * and each but the last for IPv6. The second one is for br_netfilter, where
 * what is bridged back has no iifname.
 */
static void put_masquerade(struct fw *fw, unsigned i)
{
	enum fw_field field[] = { FW_IIFNAME, FW_L4PROTO, FW_ORIG_DPORT,
				  FW_DADDR, FW_DPORT };
	const struct portmap_sets *s = portmap_sets(family_of(i));

	fw_expr_nfproto(fw, family_of(i));
	fw_expr_ct_dnat(fw);
	switch (i / 2) {
	case 0:
		fw_expr_in_set(fw, &s->hairpin, field);
		break;
	case 1:
		field[0] = FW_SADDR;
		fw_expr_in_set(fw, &s->self, field);
		break;
	case 2:
		fw_expr_in_set(fw, &s->all, field + 1);
		break;
	default:
		field[0] = FW_OIFNAME;
		fw_expr_saddr(fw, &loopback[i % 2]);
		fw_expr_in_set(fw, &s->local, field);
	}
	fw_expr_masquerade(fw);
}

/*
 * ip6 saddr ::1 ip6 daddr ::1
 *	ip6 saddr set ip6 daddr . meta l4proto . th dport map @lo-addrs6
 * ip6 saddr ::1 ip6 daddr ::1
 *	ip6 saddr set meta l4proto . th dport map @lo-ports6
 *
 * before there is a connection, so that its source is an address that an
 * answer can be sent to from outside.
 */
static void put_leave(struct fw *fw, unsigned i)
{
	fw_expr_nfproto(fw, AF_INET6);
	fw_expr_saddr(fw, &loopback[1]);
	fw_expr_daddr(fw, &loopback[1]);
	if (i == 0)
		fw_expr_set_saddr6_map(fw, &portmap_lo_addrs, to_one);
	else
		fw_expr_set_saddr6_map(fw, &portmap_lo_ports, to_any);
}

/*
 * iifname != "lo" ct direction reply ct original ip6 daddr ::1
 *	ip6 daddr set ::1
 *
 * for the socket that asked, after NAT has set the source to ::1.
 */
static void put_back(struct fw *fw, unsigned i)
{
	(void)i;
	fw_expr_nfproto(fw, AF_INET6);
	fw_expr_not_from_lo(fw);
	fw_expr_ct_direction(fw, IP_CT_DIR_REPLY);
	fw_expr_ct_orig_daddr6(fw, &loopback[1].addr);
	fw_expr_set_daddr6(fw, &loopback[1].addr);
}

/* --- the table --------------------------------------------------------------
 */

#define ALL(s)                                                                 \
	&(s).ports, &(s).addrs, &(s).hosts, &(s).if_ports, &(s).if_addrs,      \
		&(s).hairpin, &(s).self, &(s).all
static const struct fw_set *const sets[] = {
	ALL(sets4),	  ALL(sets6),	     &sets4.local,	&portmap_open,
	&portmap_waiting, &portmap_lo_ports, &portmap_lo_addrs, NULL
};
static const struct fw_set *const none[] = { NULL };
static const char comment[] = "CNI networks: ports of the host";

/* type filter hook input priority srcnat + 50, where NAT is for input, too */
static const struct fw_table back = {
	.chain = { NFPROTO_INET, TABLE, "back" },
	.hook = { "filter", NF_INET_LOCAL_IN, NF_IP_PRI_NAT_SRC + 50 },
	.comment = comment,
	.sets = none,
	.rules = 1,
	.rule = put_back,
};

/* type filter hook output priority raw */
static const struct fw_table leave = {
	.chain = { NFPROTO_INET, TABLE, "leave" },
	.hook = { "filter", NF_INET_LOCAL_OUT, NF_IP_PRI_RAW },
	.comment = comment,
	.sets = none,
	.rules = 2,
	.rule = put_leave,
	.more = &back,
};

/* type nat hook postrouting priority srcnat */
static const struct fw_table postrouting = {
	.chain = { NFPROTO_INET, TABLE, "postrouting" },
	.hook = { "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC },
	.comment = comment,
	.sets = none,
	.rules = 7,
	.rule = put_masquerade,
	.more = &leave,
};

/* type nat hook output priority -89 */
static const struct fw_table output = {
	.chain = { NFPROTO_INET, TABLE, "output" },
	.hook = { "nat", NF_INET_LOCAL_OUT, AFTER_DSTNAT },
	.comment = comment,
	.sets = none,
	.rules = 1,
	.rule = put_local,
	.more = &postrouting,
};

/* type nat hook prerouting priority -89 */
static const struct fw_table prerouting = {
	.chain = { NFPROTO_INET, TABLE, "prerouting" },
	.hook = { "nat", NF_INET_PRE_ROUTING, AFTER_DSTNAT },
	.comment = comment,
	.sets = none,
	.rules = 1,
	.rule = put_local,
	.more = &output,
};

/* type filter hook prerouting priority raw */
static const struct fw_table guard = {
	.chain = { NFPROTO_INET, TABLE, "guard" },
	.hook = { "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW },
	.comment = comment,
	.sets = none,
	.rules = 4,
	.rule = put_guard,
	.more = &prerouting,
};

const struct fw_table portmap_table = {
	.chain = { NFPROTO_INET, TABLE, "mapped" },
	.comment = comment,
	.sets = sets,
	.rules = 8,
	.rule = put_mapped,
	.more = &guard,
};
