// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw-foreign.c - what others made that looks like ours but for one thing: it
 * stays, whatever is made or removed beside it, and counts for nothing
 */
#include "fw-test.h"

#include "fw/masq.h"
#include "fw/spoof.h"

/* --- masquerade ------------------------------------------------------------
 */

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };

static struct fw_masq at(const char *address)
{
	struct fw_masq m = { .iif = "br0" };

	EQ_INT(ip_net_parse(address, &m.address), 0);
	return m;
}

/* in the chain, with words that are almost an owner's */
static const char *const masq_like[] = {
	("iifname \"br9\" ip saddr 10.8.0.0/24 masquerade "
	 "comment \"cni:testnet:ctr1:eth0\""),
	"meta l4proto tcp iifname . ip saddr vmap @pods4",
	"oifname . ip saddr vmap @pods4",
	"iifname . ip daddr vmap @pods4",
	"ip saddr @mine masquerade",
	"ip daddr 224.0.0.0/5 return",
	"jump more",
};

/* and in the sets */
static const char *const elem_like[] = {
	"pods4 { br0 . 10.9.0.1 : accept }",
	"pods4 { br0 . 10.9.0.2 comment \"cni\" : accept }",
	"pods4 { br0 . 10.9.0.3 comment \"testnet:ctr1:eth0\" : accept }",
	"pods4 { br0 . 10.9.0.4 comment \"xcni:testnet:ctr1:eth0\" : accept }",
	"pods4 { br0 . 10.9.0.5 comment \"cni:testnet:ctr10:eth0\" : accept }",
	"pods4 { br0 . 10.9.0.6 comment \"cni:testnet:ctr1:eth01\" : accept }",
	"pods4 { br0 . 10.9.0.7 comment \"cni:testnet2:ctr1:eth0\" : accept }",
	("pods4 { br0 . 10.9.0.8 comment \"cni:testnet2:ctr1:eth0\" "
	 ": goto outside-10.9.0.0/24 }"),
	"pods6 { br0 . fd09::7 comment \"cni:testnet2:ctr1:eth0\" : accept }",
	"mine { 10.7.0.1 comment \"cni:testnet:ctr1:eth0\" }",
};

/* Objects of others all stay, and the table with each. */
static void what_others_put_into_the_table_stays(void)
{
	const struct cni_attachment valid[] = { { NULL, "ctr1", "eth01" },
						{ NULL, "ctr10", "eth0" } };
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m[] = { at("10.9.0.77/24"), at("fd09::77/64") };
	AUTO(str) char *before = NULL;
	size_t missing;

	EQ_INT(fw_masq_add(fw, &att, m, 2), 0);
	nft("add chain inet cni_masq more");
	nft("add set inet cni_masq mine { type ipv4_addr; }");
	for (size_t i = 0; i < ARRAY_SIZE(elem_like); i++)
		sh("nft 'add element inet cni_masq %s'", elem_like[i]);
	/* between ours and after them */
	for (size_t i = 0; i < ARRAY_SIZE(masq_like); i++)
		sh("nft '%s rule inet cni_masq postrouting %s'",
		   i % 2 ? "insert" : "add", masq_like[i]);
	EQ_INT(fw_masq_has(fw, &att, m, 2, &missing), 1);
	EQ_INT(fw_masq_del(fw, &att), 2);
	before = strdup(sh("nft -a list ruleset"));
	EQ_INT(fw_masq_add(fw, &att, m, 2), 0);
	EQ_INT(fw_masq_del(fw, &att), 2);
	EQ_STR(sh("nft -a list ruleset"), before);
	EQ_INT(fw_masq_add(fw, &att, m, 2), 0);
	EQ_INT(fw_masq_gc(fw, "testnet", valid, 2), 2);
	EQ_STR(sh("nft -a list ruleset"), before);
}

/* A guest by itself keeps the table from going with the last element. */
static void the_table_stays_for_what_is_in_it(void)
{
	static const char *const guest[] = {
		"add chain inet cni_masq guest",
		"add set inet cni_masq guest { type ipv4_addr; }",
		"add rule inet cni_masq postrouting tcp dport 1 accept",
		"add element inet cni_masq pods4 { br0 . 10.9.0.78 : accept }",
		"add element inet cni_masq pods6 { br0 . fd09::78 : accept }",
	};
	struct fw_masq m = at("10.9.0.77/24");

	for (size_t i = 0; i < ARRAY_SIZE(guest); i++) {
		AUTO(fw) struct fw *fw = fresh();

		EQ_INT(fw_masq_add(fw, &att, &m, 1), 0);
		nft(guest[i]);
		EQ_INT(fw_masq_del(fw, &att), 1);
		EQ_STR(sh("nft list ruleset | grep -c 'guest\\|dport\\|78'"),
		       "1");
		EQ_STR(sh("nft list ruleset | grep -c 'ctr1' || :"), "0");
		EQ_INT(fw_masq_add(fw, &att, &m, 1), 0);
	}
}

/* Rules in our place that do something else: ours are put in beside them. */
static void other_rules_do_not_count(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = at("10.9.0.77/24");
	size_t missing;

	EQ_INT(fw_masq_add(fw, &att, &m, 1), 0);
	nft("table inet cni_masq {\n"
	    "set mine { type ipv4_addr; }\n"
	    "chain more { }\n"
	    "}");
	for (size_t i = 0; i < ARRAY_SIZE(masq_like); i++) {
		sh("nft 'flush chain inet cni_masq postrouting;"
		   " add rule inet cni_masq postrouting %s'",
		   masq_like[i]);
		EQ_INT(fw_masq_has(fw, &att, &m, 1, &missing), 0);
		EQ_INT(fw_masq_add(fw, &att, &m, 1), 0);
		EQ_INT(fw_masq_has(fw, &att, &m, 1, &missing), 1);
		EQ_STR(sh("nft -a list chain inet cni_masq postrouting |"
			  " grep -c '# handle'"),
		       "6"); /* the chain, theirs and four */
	}
}

/* --- macspoofchk -----------------------------------------------------------
 */

#define TO "cni-br-iface-ctr1-eth0"
#define OURS "comment \"macspoofchk-ctr1-eth0\""

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

/* as the reference plugins make them */
static void load_spoof(void)
{
	nft("table bridge nat {\n"
	    "chain " TO " { }\nchain " TO "-mac { }\n"
	    "chain PREROUTING { type filter hook prerouting priority -300; }\n"
	    "}");
	nft("add rule bridge nat PREROUTING iifname veth85b7dd2e jump " TO
	    " " OURS "\n"
	    "add rule bridge nat " TO " jump " TO "-mac " OURS "\n"
	    "add rule bridge nat " TO "-mac ether saddr 02:00:00:00:00:01 "
	    "return " OURS "\n"
	    "add rule bridge nat " TO "-mac drop " OURS);
}

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
	load_spoof();
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 2);
	after = strdup(sh("nft -a list table bridge nat"));
	EQ_STR(after, before);
}

/* A goto keeps the chain from being deleted: all stays, and DEL says so. */
static void a_foreign_goto_is_not_removed(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL;

	load_spoof();
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

		load_spoof();
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

TAP_MAIN(TEST(what_others_put_into_the_table_stays),
	 TEST(the_table_stays_for_what_is_in_it),
	 TEST(other_rules_do_not_count),
	 TEST(rules_like_those_of_macspoofchk_stay),
	 TEST(a_foreign_goto_is_not_removed),
	 TEST(altered_rules_of_macspoofchk_do_not_guard))
