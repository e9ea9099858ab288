// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-spoof.c - macspoofchk, as nft and the reference plugins see it */
#include "fw-test.h"
#include "fw/spoof.h"

#define PREROUTING(rules)                                                         \
	"\tchain PREROUTING {\n"                                                  \
	"\t\ttype filter hook prerouting priority dstnat; policy accept;\n" rules \
	"\t}\n"
#define COMMENT "comment \"macspoofchk-ctr1-eth0\"\n"
#define JUMP "\t\tiifname \"veth85b7dd2e\" jump cni-br-iface-ctr1-eth0 " COMMENT
#define CHAINS(owner)                                                          \
	"\n\tchain cni-br-iface-ctr1-eth0 {\n" owner                           \
	"\t\tjump cni-br-iface-ctr1-eth0-mac " COMMENT "\t}\n"                 \
	"\n\tchain cni-br-iface-ctr1-eth0-mac {\n"                             \
	"\t\tether saddr 92:9b:f8:cb:b3:75 return " COMMENT                    \
	"\t\tdrop " COMMENT "\t}\n"
#define OWNER "\t\tcomment \"cni:testnet:ctr1:eth0\"\n"
#define TABLE(x) "table bridge nat {\n" x "}"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_spoof spoof = { &att,
				       "veth85b7dd2e",
				       { 0x92, 0x9b, 0xf8, 0xcb, 0xb3, 0x75 } };

static const char *table(void)
{
	return sh("nft list table bridge nat");
}

/* what the reference plugins make for the same attachment */
static void load_reference(void)
{
	nft(TABLE(PREROUTING("") "chain cni-br-iface-ctr1-eth0 {\n}\n"
				 "chain cni-br-iface-ctr1-eth0-mac {\n}\n"));
	nft(TABLE(PREROUTING(JUMP) CHAINS("")));
}

static void test_nothing(void)
{
	AUTO(fw) struct fw *fw = fresh();
	uint32_t gen = generation(fw);

	EQ_INT(fw_spoof_has(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 0);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_STR(sh("nft list ruleset"), "");
}

static void test_add(void)
{
	AUTO(fw) struct fw *fw = fresh();
	uint32_t gen = generation(fw);

	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	/* one transaction */
	EQ_INT(generation(fw), gen + 1);
	EQ_STR(table(), TABLE(PREROUTING(JUMP) CHAINS(OWNER)));
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(generation(fw), gen + 1);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	/* the table and its base chain are shared and stay */
	EQ_STR(table(), TABLE(PREROUTING("")));
	gen = generation(fw);
	EQ_INT(fw_spoof_del(fw, &att), 0);
	EQ_INT(generation(fw), gen);
}

static void test_add_again(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_spoof other = spoof;

	other.host_if = "veth00000000";
	other.mac[0] = 2;
	EQ_INT(fw_spoof_add(fw, &other), 0);
	EQ_INT(fw_spoof_has(fw, &spoof), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_STR(table(), TABLE(PREROUTING(JUMP) CHAINS(OWNER)));
	EQ_INT(fw_spoof_has(fw, &other), 0);
}

/* theirs passes our CHECK, is replaced by our ADD and removed by our DEL */
static void test_reference(void)
{
	AUTO(fw) struct fw *fw = fresh();

	load_reference();
	EQ_STR(table(), TABLE(PREROUTING(JUMP) CHAINS("")));
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_STR(table(), TABLE(PREROUTING(JUMP) CHAINS(OWNER)));
	sh("nft flush ruleset");
	load_reference();
	/* their ADD, repeated, leaves a second jump */
	nft(TABLE(PREROUTING(JUMP)));
	EQ_INT(fw_spoof_has(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(table(), TABLE(PREROUTING("")));
}

static void test_damaged(void)
{
	static const char *const damage[] = {
		"flush chain bridge nat PREROUTING",
		"flush chain bridge nat cni-br-iface-ctr1-eth0",
		"flush chain bridge nat cni-br-iface-ctr1-eth0-mac",
		"flush ruleset",
		"insert rule bridge nat cni-br-iface-ctr1-eth0-mac return",
		"insert rule bridge nat cni-br-iface-ctr1-eth0 return",
		"add rule bridge nat cni-br-iface-ctr1-eth0-mac accept",
		"flush chain bridge nat cni-br-iface-ctr1-eth0\n"
		"delete chain bridge nat cni-br-iface-ctr1-eth0-mac",
		"flush chain bridge nat PREROUTING\n"
		"flush chain bridge nat cni-br-iface-ctr1-eth0\n"
		"delete chain bridge nat cni-br-iface-ctr1-eth0",
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		EQ_INT(fw_spoof_has(fw, &spoof), 1);
		nft(damage[i]);
		EQ_INT(fw_spoof_has(fw, &spoof), 0);
		/* one that is half gone is removed whole, or made whole */
		if (i % 2 == 0) {
			OK(fw_spoof_del(fw, &att) >= 0);
			EQ_STR(sh("nft list ruleset | grep cni- | wc -l"), "0");
		}
	}
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_STR(table(), TABLE(PREROUTING(JUMP) CHAINS(OWNER)));
}

/* the same container and interface on another network: not ours to remove */
static void test_other_network(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct cni_attachment other = att;

	other.network = "othernet";
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &other), 0);
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_del(fw, &att), 1);
}

/* rules of others in the shared table stay */
static void test_others(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL;

	nft("table bridge nat {\n"
	    "chain PREROUTING {\n"
	    "type filter hook prerouting priority -300; policy drop;\n"
	    "iifname \"eth7\" accept\n}\n"
	    "chain cni-br-iface-ctr1-eth1 {\n}\n}");
	before = ruleset();
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(sh("nft list ruleset"), before);
}

/* one that cannot be removed: whole transaction refused, and it says so */
static void test_busy(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL;

	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	nft("table bridge nat {\n"
	    "chain foreign {\njump cni-br-iface-ctr1-eth0\n}\n}");
	before = ruleset();
	EQ_INT(fw_spoof_del(fw, &att), -EBUSY);
	EQ_STR(sh("nft list ruleset"), before);
}

/* 128 characters is the longest comment nft takes */
static void test_long_id(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char id[301];
	struct cni_attachment a = { "testnet", id, "eth0" };
	struct fw_spoof s = spoof;

	s.att = &a;
	for (size_t len = 110; len <= 300; len += len == 110 ? 1 : 63) {
		memset(id, 'x', len);
		id[len] = '\0';
		EQ_INT(fw_spoof_add(fw, &s), 0);
		EQ_INT(fw_spoof_has(fw, &s), 1);
		/* what nft lists, nft takes */
		sh("nft list ruleset >/dev/null");
		sh("nft list ruleset | nft -c -f -");
		if (len > 111)
			OK(strstr(table(), "macspoofchk-sha512-"));
		else
			OK(strstr(table(), "xxxx-eth0"));
		EQ_INT(fw_spoof_del(fw, &a), 1);
	}
}

static void test_gc(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const char *const ids[] = { "ctr1", "ctr2", "ctr3" };
	const char *const nets[] = { "testnet", "othernet" };
	struct cni_attachment valid[] = { { NULL, "ctr2", "eth0" },
					  { NULL, "ctr3", "eth1" } };
	uint32_t gen;

	for (int i = 0; i < 6; i++) {
		struct cni_attachment a = { nets[i / 3], ids[i % 3],
					    i / 3 ? "eth9" : "eth0" };
		struct fw_spoof s = spoof;

		s.att = &a;
		EQ_INT(fw_spoof_add(fw, &s), 0);
	}
	EQ_INT(fw_spoof_gc(fw, "testnet", valid, 2), 2);
	EQ_STR(sh("nft list chain bridge nat PREROUTING | "
		  "grep -o 'macspoofchk[^\"]*'"),
	       "macspoofchk-ctr2-eth0\nmacspoofchk-ctr1-eth9\n"
	       "macspoofchk-ctr2-eth9\nmacspoofchk-ctr3-eth9");
	EQ_STR(sh("nft list table bridge nat | grep -c 'chain cni-'"), "8");
	gen = generation(fw);
	EQ_INT(fw_spoof_gc(fw, "testnet", valid, 2), 0);
	EQ_INT(fw_spoof_gc(fw, "nonet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 1);
	EQ_INT(fw_spoof_gc(fw, "othernet", NULL, 0), 3);
	EQ_STR(table(), TABLE(PREROUTING("")));
}

/* a transaction larger than a socket's default send buffer, in one piece */
static void test_gc_many(void)
{
	AUTO(fw) struct fw *fw = fresh();
	uint32_t gen;

	for (int i = 0; i < 1000; i++) {
		char id[65];
		struct cni_attachment a = { "testnet", id, "eth0" };
		struct fw_spoof s = spoof;

		snprintf(id, sizeof(id), "%064d", i);
		s.att = &a;
		EQ_INT(fw_spoof_add(fw, &s), 0);
	}
	gen = generation(fw);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 1000);
	EQ_INT(generation(fw), gen + 1);
	EQ_STR(table(), TABLE(PREROUTING("")));
}

/* Somebody was at it, even where it makes no difference today. */
static void test_twice(void)
{
	static const char *const more[] = {
		"cni-br-iface-ctr1-eth0-mac drop",
		"cni-br-iface-ctr1-eth0-mac drop " COMMENT,
		"cni-br-iface-ctr1-eth0 jump cni-br-iface-ctr1-eth0-mac",
		"PREROUTING iifname \"veth85b7dd2e\" "
		"jump cni-br-iface-ctr1-eth0",
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		char rule[256];

		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		snprintf(rule, sizeof(rule), "add rule bridge nat %s", more[i]);
		nft(rule);
		EQ_INT(fw_spoof_has(fw, &spoof), 0);
		EQ_INT(fw_spoof_del(fw, &att), 1);
		EQ_STR(table(), TABLE(PREROUTING("")));
	}
}

TAP_MAIN(TEST(test_nothing), TEST(test_add), TEST(test_add_again),
	 TEST(test_reference), TEST(test_damaged), TEST(test_other_network),
	 TEST(test_others), TEST(test_busy), TEST(test_long_id), TEST(test_gc),
	 TEST(test_gc_many), TEST(test_twice))
