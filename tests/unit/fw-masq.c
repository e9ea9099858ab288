// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-masq.c - masquerade by elements of maps, as nft sees them */
#include "fw-masq.h"

/* The whole table, with the elements of each map, and the subnets' chains. */
static const char *table_of(const char *pods4, const char *pods6,
			    const char *chains)
{
	static char text[1 << 14];

	snprintf(text, sizeof(text),
		 "table inet cni_masq {\n"
		 "\tcomment \"CNI networks: masquerade what leaves a subnet\"\n"
		 "\tmap pods4 {\n\t\ttype ifname . ipv4_addr : verdict\n"
		 "%s\t}\n\n"
		 "\tmap pods6 {\n\t\ttype ifname . ipv6_addr : verdict\n"
		 "%s\t}\n\n"
		 "\tset networks {\n\t\ttype ipv6_addr\n\t}\n\n"
		 "\tchain postrouting {\n"
		 "\t\ttype nat hook postrouting priority srcnat; "
		 "policy accept;\n"
		 "\t\tip daddr 224.0.0.0/4 return\n"
		 "\t\tip6 daddr ff00::/8 return\n"
		 "\t\tiifname . ip saddr vmap @pods4\n"
		 "\t\tiifname . ip6 saddr vmap @pods6\n"
		 "\t}\n"
		 "%s}",
		 pods4, pods6, chains);
	return text;
}

static const char *table(void)
{
	return sh("nft list table inet cni_masq");
}

static void nothing_to_do_commits_nothing(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = at("br0", "10.9.0.2/24");
	uint32_t gen = generation(fw);
	size_t missing;

	EQ_INT(fw_usable(fw), 0);
	EQ_INT(has(fw, &a, m), 0);
	EQ_INT(fw_masq_has(fw, &a, &m, 0, &missing), 1);
	EQ_INT(fw_masq_add(fw, &a, &m, 0), 0);
	EQ_INT(fw_masq_del(fw, &a), 0);
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 0);
	/* nobody is outside */
	m = at("br0", "10.9.0.2/0");
	EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
	EQ_INT(has(fw, &a, m), 1);
	EQ_INT(generation(fw), gen);
	EQ_STR(sh("nft list ruleset"), "");
	EQ_STR(fw_reason(fw), "");
}

static void add_makes_the_table_and_del_takes_it_along(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m[] = { at("br0", "10.9.0.2/24"),
			       at("br0", "fd09::2/64"),
			       at("br0", "10.9.0.7/32") };
	AUTO(str) char *before = NULL;
	uint32_t gen;
	size_t missing;

	EQ_INT(fw_masq_add(fw, &a, m, 3), 0);
	EQ_STR(table(), table_of("\t\telements = { \"br0\" . 10.9.0.2 comment "
				 "\"cni:testnet:ctr1:eth0\" : goto "
				 "outside-10.9.0.0/24,\n"
				 "\t\t\t     \"br0\" . 10.9.0.7 comment "
				 "\"cni:testnet:ctr1:eth0\" : goto outside }\n",
				 "\t\telements = { \"br0\" . fd09::2 comment "
				 "\"cni:testnet:ctr1:eth0\" : goto "
				 "outside-fd09--/64 }\n",
				 "\n\tchain outside-10.9.0.0/24 {\n"
				 "\t\tip daddr != 10.9.0.0/24 masquerade\n\t}\n"
				 "\n\tchain outside-fd09--/64 {\n"
				 "\t\tip6 daddr != fd09::/64 masquerade\n\t}\n"
				 "\n\tchain outside {\n\t\tmasquerade\n\t}\n"));
	EQ_INT(fw_masq_has(fw, &a, m, 3, &missing), 1);
	/* what nft wrote down, it reads back */
	before = ruleset();
	sh("nft list ruleset >/tmp/fw-masq.$PPID; nft flush ruleset;"
	   " nft -f /tmp/fw-masq.$PPID; rm /tmp/fw-masq.$PPID");
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_masq_has(fw, &a, m, 3, &missing), 1);
	/* and it is as if we had written it */
	EQ_INT(fw_masq_add(fw, &b,
			   (struct fw_masq[]){ at("br0", "10.9.0.3/24") }, 1),
	       0);
	EQ_INT(count("return"), 2);
	EQ_INT(fw_masq_del(fw, &b), 1);
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_masq_del(fw, &a), 3);
	EQ_STR(sh("nft list ruleset"), "");
	gen = generation(fw);
	EQ_INT(fw_masq_del(fw, &a), 0);
	EQ_INT(generation(fw), gen);
}

static void the_same_once_more_changes_nothing(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m[] = { at("br0", "10.9.0.2/24"),
			       at("br0", "fd09::2/64"),
			       at("br0", "10.9.0.2/24"),
			       at("br0", "10.9.0.2/25"),
			       at("br0", "10.9.0.2/0") };
	AUTO(str) char *before = NULL;
	uint32_t gen;

	EQ_INT(fw_masq_add(fw, &a, m, 2), 0);
	before = ruleset();
	gen = generation(fw);
	EQ_INT(fw_masq_add(fw, &a, m, ARRAY_SIZE(m)), 0);
	EQ_INT(generation(fw), gen);
	EQ_STR(sh("nft list ruleset"), before);
	/* one of them missing is added alone */
	EQ_INT(fw_masq_del(fw, &a), 2);
	EQ_INT(fw_masq_add(fw, &a, m, 1), 0);
	EQ_INT(fw_masq_add(fw, &a, m, 2), 0);
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_masq_del(fw, &a), 2);
	EQ_INT(fw_masq_add(fw, &a, m, ARRAY_SIZE(m)), 0);
	EQ_STR(sh("nft list ruleset"), before);
}

static void check_says_which_address_is_missing(void)
{
	static const char *const damage[] = {
		"delete element inet cni_masq pods4 { br0 . 10.9.0.4 }",
		"delete element inet cni_masq pods4 { br0 . 10.9.0.4 }\n"
		"add chain inet cni_masq outside-10.9.0.0/25\n"
		"add element inet cni_masq pods4 { br0 . 10.9.0.4 comment "
		"\"cni:testnet:ctr1:eth0\" : goto outside-10.9.0.0/25 }",
	};
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m[] = { at("br0", "10.9.0.2/24"),
			       at("br0", "fd09::2/64"),
			       at("br0", "10.9.0.4/24"),
			       at("br0", "10.9.0.5/24") };

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		size_t missing = 7;

		EQ_INT(fw_masq_add(fw, &a, m, 4), 0);
		EQ_INT(fw_masq_has(fw, &a, m, 4, &missing), 1);
		EQ_INT(missing, 7);
		nft(damage[i]);
		EQ_INT(fw_masq_has(fw, &a, m, 4, &missing), 0);
		EQ_INT(missing, 2);
		EQ_INT(fw_masq_has(fw, &a, m + 3, 1, &missing), 1);
	}
	EQ_INT(fw_masq_add(fw, &a, m, 4), 0);
	EQ_INT(has(fw, &b, m[0]), 0);
	EQ_INT(has(fw, &a, at("br1", "10.9.0.2/24")), 0);
	EQ_INT(has(fw, &a, at("br0", "10.9.0.2/25")), 0);
	EQ_INT(has(fw, &a, at("br0", "10.9.0.2/23")), 0);
	EQ_INT(has(fw, &a, at("br0", "10.9.0.2/32")), 0);
	EQ_INT(has(fw, &a, at("br0", "10.9.0.3/24")), 0);
}

/* every prefix length is written as nft reads it, and read back */
static void each_prefix_length(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char text[96], prefix[IP_STRLEN];

	for (unsigned plen = 1; plen <= 128; plen++) {
		for (int v6 = plen <= 32 ? 0 : 1; v6 < 2; v6++) {
			bool single = plen == (v6 ? 128 : 32);
			struct ip_net first;
			struct fw_masq m;

			snprintf(text, sizeof(text), "%s/%u",
				 v6 ? "abcd:ef01:2345:6789:abcd:ef01:2345:6789"
				    : "203.171.151.219",
				 plen);
			m = at("br0", text);
			EQ_INT(fw_masq_add(fw, &a, &m, 1), 0);
			EQ_INT(has(fw, &a, m), 1);
			first = m.address;
			first.addr = ip_net_first(&m.address);
			snprintf(text, sizeof(text), "daddr != %s masquerade",
				 ip_net_format(&first, prefix));
			if (count(text) != !single ||
			    count("cni:testnet:ctr1:eth0") != 1) {
				OK(!"nft shows the prefix");
				printf("# %s\n", text);
			}
			EQ_INT(fw_masq_del(fw, &a), 1);
		}
	}
	EQ_STR(sh("nft list ruleset"), "");
}

static void a_hundred_addresses_of_one_interface(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m[200];
	struct fw_masq other = at("br0", "10.9.1.1/16");
	size_t missing;
	char text[64];

	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "10.9.0.%d/16", i + 1);
		m[2 * i] = at("br0", text);
		snprintf(text, sizeof(text), "fd09::%d/64", i + 1);
		m[2 * i + 1] = at("br0", text);
	}
	EQ_INT(fw_masq_add(fw, &a, m, 200), 0);
	EQ_INT(fw_masq_add(fw, &b, &other, 1), 0);
	EQ_INT(count("cni:testnet:ctr1:eth0"), 200);
	EQ_INT(fw_masq_has(fw, &a, m, 200, &missing), 1);
	nft("delete element inet cni_masq pods4 { br0 . 10.9.0.78 }");
	EQ_INT(fw_masq_has(fw, &a, m, 200, &missing), 0);
	EQ_INT(missing, 154);
	EQ_INT(fw_masq_add(fw, &a, m, 200), 0);
	EQ_INT(fw_masq_has(fw, &a, m, 200, &missing), 1);
	EQ_INT(fw_masq_del(fw, &a), 200);
	EQ_INT(count("cni:"), 1);
	/* the chain of the subnet that both were in, and no other one */
	EQ_INT(count("chain outside"), 1);
}

/*
 * A subnet that grows, or moves, under the pods that are there: each of them
 * has the subnet it was made with, and what is whose goes with it.
 */
static void each_address_has_its_own_subnet(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq small = at("br0", "10.9.0.2/24");
	struct fw_masq large = at("br0", "10.9.0.3/16");
	struct fw_masq there = at("br1", "10.9.0.2/28");
	AUTO(str) char *before = NULL;

	EQ_INT(fw_masq_add(fw, &a, &small, 1), 0);
	before = ruleset();
	EQ_INT(fw_masq_add(fw, &b, &large, 1), 0);
	EQ_INT(fw_masq_add(fw, &b, &there, 1), 0);
	EQ_INT(has(fw, &a, small), 1);
	EQ_INT(has(fw, &b, large), 1);
	EQ_INT(has(fw, &b, there), 1);
	EQ_INT(fw_masq_del(fw, &b), 2);
	EQ_STR(sh("nft list ruleset"), before);
	/* and the other way round */
	EQ_INT(fw_masq_add(fw, &b, &large, 1), 0);
	EQ_INT(fw_masq_del(fw, &a), 1);
	EQ_INT(fw_masq_add(fw, &a, &small, 1), 0);
	EQ_INT(has(fw, &b, large), 1);
	EQ_INT(has(fw, &a, small), 1);
	EQ_INT(count("cni:"), 2);
}

/* A killed DEL, and the address is another one's: with another prefix, too. */
static void an_address_is_the_last_ones(void)
{
	static const char *const now[] = { "10.9.0.2/24", "10.9.0.2/16",
					   "10.9.0.2/28", "10.9.0.2/32" };
	static const char *const then[] = { "10.9.0.2/24", "10.9.0.2/32" };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(now); i++) {
		AUTO(fw) struct fw *fw = fresh();
		struct fw_masq old = at("br0", then[i % 2]);
		struct fw_masq m = at("br0", now[i / 2]);

		EQ_INT(fw_masq_add(fw, &a, &old, 1), 0);
		EQ_INT(fw_masq_add(fw, &b, &m, 1), 0);
		EQ_INT(has(fw, &b, m), 1);
		EQ_INT(has(fw, &a, old), 0);
		EQ_INT(count("cni:"), 1);
		EQ_INT(count("chain outside"), 1);
		EQ_INT(fw_masq_del(fw, &a), 0);
		EQ_INT(has(fw, &b, m), 1);
		EQ_INT(fw_masq_del(fw, &b), 1);
		EQ_STR(sh("nft list ruleset"), "");
	}
}

static void long_names_are_hashed(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char net[200], id[200];
	struct cni_attachment long_one = { net, id, "eth0" };
	struct fw_masq m = at("br0", "10.9.0.5/24");

	memset(net, 'n', sizeof(net));
	memset(id, 'i', sizeof(id));
	net[199] = id[199] = '\0';
	EQ_INT(fw_masq_add(fw, &long_one, &m, 1), 0);
	EQ_INT(has(fw, &long_one, m), 1);
	EQ_STR(sh("nft list table inet cni_masq | grep -cE "
		  "'comment \"cni:#[0-9a-f]{32}:#[0-9a-f]{32}:eth0\"'"),
	       "1");
	EQ_INT(fw_masq_gc(fw, net, &long_one, 1), 0);
	EQ_INT(fw_masq_gc(fw, net, NULL, 0), 1);
	EQ_STR(sh("nft list ruleset"), "");
}

TAP_MAIN(TEST(nothing_to_do_commits_nothing),
	 TEST(add_makes_the_table_and_del_takes_it_along),
	 TEST(the_same_once_more_changes_nothing),
	 TEST(check_says_which_address_is_missing), TEST(each_prefix_length),
	 TEST(a_hundred_addresses_of_one_interface),
	 TEST(each_address_has_its_own_subnet),
	 TEST(an_address_is_the_last_ones), TEST(long_names_are_hashed))
