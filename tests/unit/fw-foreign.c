// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw-foreign.c - rules of others that look like ours but for one expression:
 * they stay, whatever is made or removed beside them, and count for nothing
 */
#include "fw-test.h"

#include <linux/netfilter.h>

#include "fw/batch.h"
#include "fw/expr.h"
#include "fw/masq.h"
#include "fw/spoof.h"

/* The chain's rules with their handles: one that was written anew has another.
 */
static char *chain(const char *family_table_chain)
{
	return strdup(
		sh("nft -a list chain %s | grep handle", family_table_chain));
}

/* --- masquerade ------------------------------------------------------------
 */

#define SADDR "ip saddr 10.8.0.0/24 "
#define OUTSIDE "ip daddr != 10.8.0.0/24 "
#define MCAST "ip daddr != 224.0.0.0/4 "
#define COMMENT "comment \"cni:oldnet\""

/* br9 is gone: with the rule as it is, it would go */
static const char *const masq_like[] = {
	"iifname \"br8\" " SADDR OUTSIDE MCAST "masquerade " COMMENT,
	"iifname != \"br9\" " SADDR OUTSIDE MCAST "masquerade " COMMENT,
	"iifname \"br9*\" " SADDR OUTSIDE MCAST "masquerade " COMMENT,
	"oifname \"br9\" " SADDR OUTSIDE MCAST "masquerade " COMMENT,
	SADDR OUTSIDE MCAST "masquerade " COMMENT,
	"iifname \"br9\" ip saddr 10.8.0.0/25 " OUTSIDE MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" ip saddr 10.8.1.0/24 " OUTSIDE MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" ip saddr != 10.8.0.0/24 " OUTSIDE MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" ip saddr { 10.8.0.0/24, 10.7.0.0/24 } " OUTSIDE MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" ip saddr @pods " OUTSIDE MCAST "masquerade " COMMENT,
	"iifname \"br9\" ip daddr 10.8.0.0/24 " OUTSIDE MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" " OUTSIDE MCAST "masquerade " COMMENT,
	"iifname \"br9\" " SADDR "ip daddr != 10.8.0.0/25 " MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" " SADDR "ip daddr 10.8.0.0/24 " MCAST
	"masquerade " COMMENT,
	"iifname \"br9\" " SADDR MCAST "masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE
	"ip daddr != 224.0.0.0/5 masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE
	"ip daddr != 240.0.0.0/4 masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE "masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST
	"ip daddr != 10.7.0.0/24 masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST
	"oifname \"eth1\" masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "mark 7 masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST
	"limit rate 1/second masquerade " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "accept " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "drop " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "jump more " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "snat ip to 192.0.2.1 " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "masquerade random " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "masquerade persistent " COMMENT,
	"iifname \"br9\" " SADDR OUTSIDE MCAST "masquerade",
	"iifname \"br9\" " SADDR OUTSIDE MCAST "masquerade comment \"cni\"",
	"iifname \"br9\" " SADDR OUTSIDE MCAST "masquerade comment \"oldnet\"",
	"iifname \"br9\" " SADDR OUTSIDE MCAST
	"masquerade comment \"xcni:oldnet\"",
	/* one network's name is the beginning of another's */
	"iifname \"br9\" " SADDR OUTSIDE MCAST
	"masquerade comment \"cni:oldnet:a:b\"",
	"iifname \"br9\" ip saddr 10.8.0.5 " MCAST
	"masquerade comment \"cni:testnet2:ctr1:eth0\"",
	"iifname \"br9\" ip saddr 10.8.0.5 " MCAST
	"masquerade comment \"cni:testnet:ctr1:eth01\"",
	"iifname \"br9\" ip saddr 10.8.0.5 " MCAST
	"masquerade comment \"cni:testnet:ctr10:eth0\"",
	"iifname \"br9\" ip saddr 10.8.0.5 " MCAST
	"masquerade comment \"testnet:ctr1:eth0\"",
};

static struct fw_masq masq(const char *network, const char *subnet,
			   const struct cni_attachment *owner)
{
	struct fw_masq m = { .network = network, .iif = "br0", .owner = owner };

	EQ_INT(ip_net_parse(subnet, &m.subnet), 0);
	return m;
}

static void rules_like_those_of_masquerade_stay(void)
{
	const char *const iif[] = { "br0" };
	AUTO(fw) struct fw *fw = fresh();
	const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
	const struct cni_attachment valid[] = { { NULL, "ctr1", "eth01" },
						{ NULL, "ctr10", "eth0" } };
	struct fw_masq m[] = { masq("testnet", "10.9.0.0/24", NULL),
			       masq("testnet", "10.9.0.5/32", &att) };
	AUTO(str) char *before = NULL, *after = NULL;

	sh("ip link add br0 type bridge");
	sh("ip link add br8 type bridge");
	nft("table inet cni_masq {\n"
	    "set pods { type ipv4_addr; flags interval; }\n"
	    "chain more { }\n"
	    "chain postrouting { type nat hook postrouting priority 100; }\n"
	    "}");
	for (size_t i = 0; i < ARRAY_SIZE(masq_like); i++)
		sh("nft 'add rule inet cni_masq postrouting %s'", masq_like[i]);
	before = chain("inet cni_masq postrouting");
	EQ_INT(fw_masq_ensure(fw, m, 2), 1);
	EQ_INT(fw_masq_end(fw, "testnet", iif, 1), 1);
	EQ_INT(fw_masq_end(fw, "oldnet", iif, 1), 0);
	EQ_INT(fw_masq_del_owned(fw, &att), 1);
	EQ_INT(fw_masq_ensure(fw, m + 1, 1), 1);
	EQ_INT(fw_masq_gc(fw, "testnet", valid, 2), 1);
	EQ_INT(fw_masq_gc(fw, "oldnet",
			  &(struct cni_attachment){ NULL, "a", "b" }, 1),
	       0);
	after = chain("inet cni_masq postrouting");
	EQ_STR(after, before);
}

/* Each of them by itself: it is not taken for the rule, which is made. */
static void rules_like_those_of_masquerade_do_not_count(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = masq("oldnet", "10.8.0.0/24", NULL);

	m.iif = "br9";
	sh("ip link add br9 type bridge");
	sh("ip link add br8 type bridge");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	nft("table inet cni_masq {\n"
	    "set pods { type ipv4_addr; flags interval; }\n"
	    "chain more { }\n"
	    "}");
	for (size_t i = 0; i < ARRAY_SIZE(masq_like); i++) {
		sh("nft 'flush chain inet cni_masq postrouting;"
		   " add rule inet cni_masq postrouting %s'",
		   masq_like[i]);
		if (fw_masq_has(fw, &m, 1) != 0) {
			OK(!"it counts");
			printf("# %s\n", masq_like[i]);
			continue;
		}
		EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
		EQ_INT(fw_masq_has(fw, &m, 1), 1);
		EQ_STR(sh("nft list chain inet cni_masq postrouting |"
			  " grep -c 'iifname\\|saddr\\|daddr'"),
		       "2");
	}
}

/*
 * What nft would not write: with a verdict besides, or for one MAC address on
 * whatever kind of link.
 */
struct odd {
	struct fw_masq m;
	bool mac;
};

static int plan_odd(struct fw *fw, void *arg)
{
	static const struct fw_chain postrouting = { NFPROTO_INET,
						     FW_MASQ_TABLE,
						     FW_MASQ_CHAIN };
	const struct odd *odd = arg;
	const struct fw_masq *m = &odd->m;
	const struct fw_masq all = masq("", "224.0.0.0/4", NULL);

	fw_rule_begin(fw, &postrouting);
	fw_expr_iifname(fw, m->iif);
	fw_expr_nfproto(fw, m->subnet.addr.family);
	fw_expr_saddr(fw, &m->subnet, FW_IS);
	fw_expr_daddr(fw, &m->subnet, FW_IS_NOT);
	fw_expr_daddr(fw, &all.subnet, FW_IS_NOT);
	if (odd->mac)
		fw_expr_ether_saddr(fw, (uint8_t[]){ 2, 0, 0, 0, 0, 1 });
	fw_expr_masquerade(fw);
	if (!odd->mac)
		fw_expr_verdict(fw, NF_ACCEPT);
	fw_rule_end(fw, "cni:oldnet");
	return 1;
}

static void odd_rules_do_not_count(void)
{
	struct odd odd = { .m = masq("oldnet", "10.8.0.0/24", NULL) };

	odd.m.iif = "br0";
	for (int mac = 0; mac < 2; mac++) {
		AUTO(fw) struct fw *fw = fresh();

		sh("ip link add br0 type bridge");
		EQ_INT(fw_masq_ensure(fw, &odd.m, 1), 1);
		nft("flush chain inet cni_masq postrouting");
		odd.mac = mac;
		EQ_INT(fw_change(fw, plan_odd, &odd), 1);
		EQ_INT(fw_masq_has(fw, &odd.m, 1), 0);
		sh("ip link del br0");
		EQ_INT(fw_masq_gc(fw, "oldnet", NULL, 0), 0);
		OK(strstr(sh("nft list ruleset"), "cni:oldnet"));
	}
}

/* An attachment's own, whose subnet has no inside to leave out. */
static void rules_like_that_of_one_address_do_not_count(void)
{
	static const char *const like[] = {
		"iifname \"br0\" ip saddr 10.8.0.5 " MCAST
		"ip daddr != 10.7.0.0/24 masquerade",
		"iifname \"br0\" ip saddr 10.8.0.5 ip daddr != 10.7.0.0/24 "
		"masquerade",
		"iifname \"br0\" ip saddr 10.8.0.5 masquerade",
		"iifname \"br0\" ip saddr 10.8.0.6 " MCAST "masquerade",
		"iifname \"br0\" ip saddr 10.8.0.4/31 " MCAST "masquerade",
	};
	AUTO(fw) struct fw *fw = fresh();
	const struct cni_attachment owner = { "testnet", "ctr1", "eth0" };
	struct fw_masq m = masq("testnet", "10.8.0.5/32", &owner);

	sh("ip link add br0 type bridge");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	for (size_t i = 0; i < ARRAY_SIZE(like); i++) {
		sh("nft 'flush chain inet cni_masq postrouting;"
		   " add rule inet cni_masq postrouting %s"
		   " comment \"cni:testnet:ctr1:eth0\"'",
		   like[i]);
		if (fw_masq_has(fw, &m, 1) != 0) {
			OK(!"it counts");
			printf("# %s\n", like[i]);
		}
	}
}

/* --- macspoofchk -----------------------------------------------------------
 */

#define TO "cni-br-iface-ctr1-eth0"
#define OURS "comment \"macspoofchk-ctr1-eth0\""

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_spoof spoof = { .att = &att,
				       .host_if = "veth85b7dd2e",
				       .mac = { 2, 0, 0, 0, 0, 1 } };

static const char *const spoof_like[] = {
	"iifname \"veth85b7dd2e\" accept " OURS,
	"iifname \"veth85b7dd2e\" drop " OURS,
	"iifname \"veth85b7dd2e\" " OURS,
	"iifname \"veth85b7dd2e\" jump " TO "0 " OURS,
	"iifname \"veth85b7dd2e\" jump cni-br-iface-ctr1-eth " OURS,
	"iifname \"veth85b7dd2e\" goto " TO "0 " OURS,
	"iifname \"veth85b7dd2e\" jump " TO "0",
	"jump " TO "0 comment \"macspoofchk-ctr1-eth00\"",
	"ether saddr 02:00:00:00:00:01 return " OURS,
	"drop " OURS,
};

static void rules_like_those_of_macspoofchk_stay(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL, *after = NULL;

	nft("table bridge nat {\n"
	    "chain " TO "0 { accept; }\n"
	    "chain " TO "0-mac { accept; }\n"
	    "chain cni-br-iface-ctr1-eth { accept; }\n"
	    "chain PREROUTING { type filter hook prerouting priority -300; }\n"
	    "}");
	for (size_t i = 0; i < ARRAY_SIZE(spoof_like); i++)
		sh("nft 'add rule bridge nat PREROUTING %s'", spoof_like[i]);
	before = strdup(sh("nft -a list table bridge nat"));
	EQ_INT(fw_spoof_has(fw, &spoof), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 1);
	after = strdup(sh("nft -a list table bridge nat"));
	EQ_STR(after, before);
}

/* It keeps the chain from being deleted: all stays, and DEL says so. */
static void a_foreign_goto_is_not_removed(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL;

	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	nft("add rule bridge nat PREROUTING iifname \"veth85b7dd2e\" "
	    "goto " TO);
	before = ruleset();
	EQ_INT(fw_spoof_del(fw, &att), -EBUSY);
	EQ_STR(sh("nft list ruleset"), before);
}

/* The rules of the attachment with one of them altered: they do not guard. */
static void altered_rules_of_macspoofchk_do_not_guard(void)
{
	static const struct {
		const char *chain, *rule;
	} t[] = {
		{ "PREROUTING", "iifname \"veth85b7dd2f\" jump " TO },
		{ "PREROUTING", "iifname != \"veth85b7dd2e\" jump " TO },
		{ "PREROUTING", "iifname \"veth85b7dd2e\" goto " TO },
		{ "PREROUTING", "iifname \"veth85b7dd2e\" jump " TO "-mac" },
		{ "PREROUTING", "iifname \"veth85b7dd2e\" accept" },
		{ "PREROUTING",
		  "iifname \"veth85b7dd2e\" ether saddr 02:00:00:00:00:01 "
		  "jump " TO },
		{ "PREROUTING",
		  "iifname \"veth85b7dd2e\" ether type arp jump " TO },
		{ "PREROUTING",
		  "iifname \"veth85b7dd2e\" ip saddr 10.9.0.5 jump " TO },
		{ "PREROUTING",
		  "iifname \"veth85b7dd2e\" ip daddr != 10.9.0.5 jump " TO },
		{ "PREROUTING",
		  "iifname \"veth85b7dd2e\" limit rate 1/second jump " TO },
		{ TO, "goto " TO "-mac" },
		{ TO, "accept" },
		{ TO, "iifname \"veth85b7dd2e\" jump " TO "-mac" },
		{ TO, "ether saddr 02:00:00:00:00:01 jump " TO "-mac" },
		{ TO, "ip saddr 10.9.0.5 jump " TO "-mac" },
		{ TO, "mark 7 jump " TO "-mac" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:02 return;D" },
		{ TO "-mac", "ether saddr != 02:00:00:00:00:01 return;D" },
		{ TO "-mac", "ether daddr 02:00:00:00:00:01 return;D" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:01 accept;D" },
		{ TO "-mac", "return;D" },
		{ TO "-mac",
		  "iifname \"veth85b7dd2e\" ether saddr 02:00:00:00:00:01 "
		  "return;D" },
		{ TO "-mac",
		  "ether saddr 02:00:00:00:00:01 ip saddr 10.9.0.5 return;D" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:01 mark 7 return;D" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:01 return;Daccept" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:01 return;"
			     "Dether saddr 02:00:00:00:00:02 drop" },
		{ TO "-mac",
		  "ether saddr 02:00:00:00:00:01 return;Dmark 7 drop" },
		{ TO "-mac", "ether saddr 02:00:00:00:00:01 return;"
			     "Diifname \"eth0\" drop" },
		{ TO "-mac", "drop;Dether saddr 02:00:00:00:00:01 return" },
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const char *second = strstr(t[i].rule, ";D");
		size_t first = strcspn(t[i].rule, ";");

		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		EQ_INT(fw_spoof_has(fw, &spoof), 1);
		sh("nft 'flush chain bridge nat %s;"
		   " add rule bridge nat %s %.*s'",
		   t[i].chain, t[i].chain, (int)first, t[i].rule);
		if (second)
			sh("nft 'add rule bridge nat %s %s'", t[i].chain,
			   second[2] ? second + 2 : "drop");
		if (fw_spoof_has(fw, &spoof) != 0) {
			OK(!"it counts");
			printf("# %s\n", t[i].rule);
		}
		sh("nft flush ruleset");
	}
}

TAP_MAIN(TEST(rules_like_those_of_masquerade_stay),
	 TEST(rules_like_those_of_masquerade_do_not_count),
	 TEST(odd_rules_do_not_count),
	 TEST(rules_like_that_of_one_address_do_not_count),
	 TEST(rules_like_those_of_macspoofchk_stay),
	 TEST(a_foreign_goto_is_not_removed),
	 TEST(altered_rules_of_macspoofchk_do_not_guard))
