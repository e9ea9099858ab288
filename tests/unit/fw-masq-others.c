// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-masq-others.c - masquerade beside what others removed, flushed, or have */
#include "fw-masq.h"

static void rules_that_somebody_removed_come_back(void)
{
	static const char *const damage[] = {
		"flush chain inet cni_masq postrouting",
		"flush chain inet cni_masq postrouting\n"
		"delete chain inet cni_masq postrouting",
		"flush table inet cni_masq",
		"flush chain inet cni_masq postrouting\n"
		"add rule inet cni_masq postrouting masquerade random\n"
		"add rule inet cni_masq postrouting "
		"iifname . ip saddr @pods4 masquerade",
		"insert rule inet cni_masq postrouting "
		"iifname . ip6 saddr @pods6 masquerade\n"
		"flush chain inet cni_masq postrouting\n"
		"add rule inet cni_masq postrouting "
		"iifname . ip saddr . ip daddr @inside4 return",
	};
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "10.9.0.3/24");

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		AUTO(fw) struct fw *fw = fresh();
		AUTO(str) char *before = NULL;

		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		before = ruleset();
		nft(damage[i]);
		EQ_INT(has(fw, &a, m), 0);
		/* for all that are in the sets, by whoever is next */
		EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
		EQ_INT(has(fw, &a, m), 1);
		EQ_INT(has(fw, &b, other), 1);
		EQ_INT(count("return"), 4);
		if (i == 3)
			sh("nft delete rule inet cni_masq postrouting handle $("
			   "nft -a list table inet cni_masq | "
			   "sed -n 's/.*random # handle //p')");
		EQ_INT(fw_masq_del(fw, &b), 1);
		EQ_STR(sh("nft list ruleset"), before);
	}
}

/* The elements of others are gone as well, and only their ADD knows them. */
static void a_ruleset_that_was_flushed_is_begun_anew(void)
{
	static const char *const damage[] = { "delete table inet cni_masq",
					      "flush ruleset" };
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "10.9.0.3/24");

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		AUTO(fw) struct fw *fw = fresh();

		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		nft(damage[i]);
		EQ_INT(has(fw, &a, m), 0);
		EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
		EQ_INT(has(fw, &a, m), 0);
		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		EQ_INT(has(fw, &a, m), 1);
		EQ_INT(has(fw, &b, other), 1);
	}
}

static void gc_goes_by_the_element(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct cni_attachment c = { "testnet2", "ctr2", "eth0" };
	struct cni_attachment valid = { NULL, "ctr1", "eth0" };
	struct fw_masq m[] = { at("br0", "10.9.0.5/24"),
			       at("br0", "10.9.0.6/24"),
			       at("br0", "fd09::6/64"),
			       at("br0", "10.9.0.7/24") };
	uint32_t gen;

	EQ_INT(fw_masq_add(fw, &a, m, 1), 0);
	EQ_INT(fw_masq_add(fw, &b, m + 1, 2), 0);
	EQ_INT(fw_masq_add(fw, &c, m + 3, 1), 0);
	gen = generation(fw);
	EQ_INT(fw_masq_gc(fw, "nonet", NULL, 0), 0);
	EQ_INT(fw_masq_gc(fw, "testne", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_masq_gc(fw, "testnet", &valid, 1), 2);
	EQ_INT(has(fw, &a, m[0]), 1);
	EQ_INT(has(fw, &b, m[1]), 0);
	EQ_INT(has(fw, &b, m[2]), 0);
	EQ_INT(has(fw, &c, m[3]), 1);
	gen = generation(fw);
	EQ_INT(fw_masq_gc(fw, "testnet", &valid, 1), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 1);
	EQ_INT(has(fw, &c, m[3]), 1);
	EQ_INT(fw_masq_gc(fw, "testnet2", NULL, 0), 1);
	EQ_STR(sh("nft list ruleset"), "");
}

/* tables of others stay as they are, to the byte */
static void other_tables_stay(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = at("br0", "10.9.0.5/24");
	AUTO(str) char *before = NULL;

	nft("table inet filter {\n"
	    "chain forward {\n"
	    "type filter hook forward priority 0; policy drop;\n"
	    "ct state established accept\n}\n}\n"
	    "table ip nat {\n"
	    "chain POSTROUTING {\n"
	    "type nat hook postrouting priority 100;\n"
	    "counter masquerade\n}\n}");
	sh("iptables-nft -t filter -A FORWARD -m comment --comment x -j DROP");
	before = ruleset();
	EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
	EQ_INT(fw_masq_del(fw, &a), 1);
	EQ_STR(sh("nft list ruleset 2>/dev/null"), before);
	EQ_STR(sh("iptables-nft -S FORWARD"),
	       "-P FORWARD ACCEPT\n-A FORWARD -m comment --comment x -j DROP");
}

TAP_MAIN(TEST(rules_that_somebody_removed_come_back),
	 TEST(a_ruleset_that_was_flushed_is_begun_anew),
	 TEST(gc_goes_by_the_element), TEST(other_tables_stay))
