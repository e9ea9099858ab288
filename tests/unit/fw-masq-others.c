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
		"iifname . ip saddr vmap @pods4",
		"insert rule inet cni_masq postrouting "
		"iifname . ip6 saddr vmap @pods6\n"
		"flush chain inet cni_masq postrouting\n"
		"add rule inet cni_masq postrouting "
		"ip daddr 224.0.0.0/4 return",
		"flush chain inet cni_masq outside-10.9.0.0/24",
		"flush chain inet cni_masq outside-10.9.0.0/24\n"
		"add rule inet cni_masq outside-10.9.0.0/24 "
		"ip daddr != 10.9.0.0/16 masquerade",
	};
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "10.9.0.3/24");

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		AUTO(fw) struct fw *fw = fresh();
		AUTO(str) char *before = NULL;

		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		/* a chain that is made anew is the last one */
		before = strdup(sh("nft list ruleset | sort"));
		nft(damage[i]);
		EQ_INT(has(fw, &a, m), 0);
		/* for all that are in the sets, by whoever is next */
		EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
		EQ_INT(has(fw, &a, m), 1);
		EQ_INT(has(fw, &b, other), 1);
		EQ_INT(count("return"), 2);
		EQ_INT(count("ip daddr != 10.9.0.0/24 masquerade"), 1);
		if (i == 3)
			sh("nft delete rule inet cni_masq postrouting handle $("
			   "nft -a list table inet cni_masq | "
			   "sed -n 's/.*random # handle //p')");
		if (i == 6)
			sh("nft delete rule inet cni_masq outside-10.9.0.0/24 "
			   "handle $(nft -a list table inet cni_masq | "
			   "sed -n 's,.*/16 masquerade # handle ,,p')");
		EQ_INT(fw_masq_del(fw, &b), 1);
		EQ_STR(sh("nft list ruleset | sort"), before);
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

/* Another attachment's may be of a subnet that no living one is in. */
static void what_is_restored_makes_its_subnets_chain(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "10.8.0.3/16");
	AUTO(str) char *before = NULL;

	EQ_INT(fw_masq_restore(fw, "cni:testnet:ctr2:eth0", &other, 1),
	       -ENOENT);
	EQ_STR(sh("nft list ruleset"), "");
	EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
	before = ruleset();
	EQ_INT(fw_masq_restore(fw, "cni:testnet:ctr2:eth0", &other, 1), 0);
	EQ_INT(has(fw, &b, other), 1);
	EQ_INT(has(fw, &a, m), 1);
	EQ_INT(fw_masq_del(fw, &b), 1);
	EQ_STR(sh("nft list ruleset"), before);
	/* what is there stays as it is */
	other = at("br0", "10.9.0.2/16");
	EQ_INT(fw_masq_restore(fw, "cni:testnet:ctr2:eth0", &other, 1), 0);
	EQ_STR(sh("nft list ruleset"), before);
}

/* A chain of a subnet goes with its last pod, unless others use it. */
static void chains_of_subnets_are_looked_at(void)
{
	static const struct {
		const char *cmd;
		bool stays;
	} meddling[] = {
		{ "flush chain inet cni_masq outside-10.8.0.0/16", false },
		{ "add rule inet cni_masq outside-10.8.0.0/16 "
		  "ip daddr != 10.8.0.0/16 masquerade",
		  false },
		{ "add rule inet cni_masq outside-10.8.0.0/16 accept", true },
		{ "add element inet cni_masq pods4 "
		  "{ br9 . 10.8.0.9 : goto outside-10.8.0.0/16 }",
		  true },
		{ "add rule inet cni_masq postrouting "
		  "goto outside-10.8.0.0/16",
		  true },
	};
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "10.8.0.3/16");

	for (size_t i = 0; i < ARRAY_SIZE(meddling); i++) {
		AUTO(fw) struct fw *fw = fresh();

		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
		nft(meddling[i].cmd);
		EQ_INT(fw_masq_del(fw, &b), 1);
		EQ_INT(count("chain outside-10.8.0.0/16"), meddling[i].stays);
		EQ_INT(has(fw, &a, m), 1);
		EQ_INT(fw_masq_del(fw, &a), 1);
		EQ_INT(count("table inet cni_masq"), meddling[i].stays);
	}
}

/* Names that are like those of subnets' chains are others'. */
static void chains_that_are_none_of_a_subnet_stay(void)
{
	static const char *const name[] = {
		"outside-10.9.0.1/24", "outside-10.9.0.0/33", "outside-",
		"outside-fd09--1/64",  "outside-0.0.0.0",     "outsider",
		"outside-10.9.0.2/32",
	};
	struct fw_masq m = at("br0", "10.9.0.2/24");

	for (size_t i = 0; i < ARRAY_SIZE(name); i++) {
		AUTO(fw) struct fw *fw = fresh();

		EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
		sh("nft 'add chain inet cni_masq %s'", name[i]);
		EQ_INT(fw_masq_del(fw, &a), 1);
		EQ_INT(count("chain outside"), 1);
		EQ_INT(count(name[i]), 1);
	}
}

/* Its elements are gone, so the last DEL takes it for ours. */
static void a_chain_without_elements_goes_with_the_table(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = at("br0", "10.9.0.2/24");
	struct fw_masq other = at("br0", "fd08::3/64");

	EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
	EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
	nft("flush map inet cni_masq pods6");
	EQ_INT(fw_masq_del(fw, &b), 0);
	EQ_INT(count("chain outside"), 2);
	EQ_INT(fw_masq_del(fw, &a), 1);
	EQ_STR(sh("nft list ruleset"), "");
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
	 TEST(what_is_restored_makes_its_subnets_chain),
	 TEST(chains_of_subnets_are_looked_at),
	 TEST(chains_that_are_none_of_a_subnet_stay),
	 TEST(a_chain_without_elements_goes_with_the_table),
	 TEST(gc_goes_by_the_element), TEST(other_tables_stay))
