// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-spoof.c - macspoofchk, as nft and the reference plugins see it */
#include "fw-test.h"
#include "fw/spoof.h"

#define HOST_IF "veth85b7dd2e"
#define MAC "92:9b:f8:cb:b3:75"
#define OWNER "comment \"cni:testnet:ctr1:eth0\""
#define RULES                                                                  \
	"\t\tiifname . ether saddr @macs return\n"                             \
	"\t\tiifname @ports drop\n"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_spoof spoof = { &att,
				       HOST_IF,
				       { 0x92, 0x9b, 0xf8, 0xcb, 0xb3, 0x75 } };

static const char *table(void)
{
	return sh("nft list table bridge cni_spoof");
}

static const char *table_of(const char *port, const char *mac)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		 "table bridge cni_spoof {\n"
		 "\tcomment \"CNI networks: frames with a container's own MAC "
		 "alone\"\n"
		 "\tset ports {\n\t\ttype ifname\n"
		 "\t\telements = { %s }\n\t}\n\n"
		 "\tset macs {\n\t\ttype ifname . ether_addr\n"
		 "\t\telements = { %s }\n\t}\n\n"
		 "\tchain prerouting {\n"
		 "\t\ttype filter hook prerouting priority dstnat; "
		 "policy accept;\n" RULES "\t}\n}",
		 port, mac);
	return text;
}

#define PORT "\"" HOST_IF "\" " OWNER
#define PORT_MAC "\"" HOST_IF "\" . " MAC " " OWNER

/* --- what the reference plugins make for the same attachment --------------
 */

#define PREROUTING(rules)                                                         \
	"\tchain PREROUTING {\n"                                                  \
	"\t\ttype filter hook prerouting priority dstnat; policy accept;\n" rules \
	"\t}\n"
#define COMMENT "comment \"macspoofchk-ctr1-eth0\"\n"
#define JUMP "\t\tiifname \"" HOST_IF "\" jump cni-br-iface-ctr1-eth0 " COMMENT
#define CHAINS                                                                 \
	"\n\tchain cni-br-iface-ctr1-eth0 {\n"                                 \
	"\t\tjump cni-br-iface-ctr1-eth0-mac " COMMENT "\t}\n"                 \
	"\n\tchain cni-br-iface-ctr1-eth0-mac {\n"                             \
	"\t\tether saddr " MAC " return " COMMENT "\t\tdrop " COMMENT "\t}\n"
#define TABLE(x) "table bridge nat {\n" x "}"

static void load_reference(void)
{
	nft(TABLE(PREROUTING("") "chain cni-br-iface-ctr1-eth0 {\n}\n"
				 "chain cni-br-iface-ctr1-eth0-mac {\n}\n"));
	nft(TABLE(PREROUTING(JUMP) CHAINS));
}

static const char *reference(void)
{
	return sh("nft list table bridge nat");
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
	AUTO(str) char *before = NULL;

	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	/* one transaction */
	EQ_INT(generation(fw), gen + 1);
	EQ_STR(table(), table_of(PORT, PORT_MAC));
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(generation(fw), gen + 1);
	/* what nft wrote down, it reads back */
	before = ruleset();
	sh("nft list ruleset >/tmp/fw-spoof.$PPID; nft flush ruleset;"
	   " nft -f /tmp/fw-spoof.$PPID; rm /tmp/fw-spoof.$PPID");
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(sh("nft list ruleset"), "");
	gen = generation(fw);
	EQ_INT(fw_spoof_del(fw, &att), 0);
	EQ_INT(generation(fw), gen);
}

/* In place of what there was for the port: another MAC, another's. */
static void test_add_again(void)
{
	static const struct cni_attachment other = { "othernet", "ctr7",
						     "eth0" };
	const struct fw_spoof before[] = {
		{ &att, "veth00000000", { 2 } },
		{ &att, HOST_IF, { 2 } },
		{ &other, HOST_IF, { 2 } },
		{ &other, HOST_IF, { 0x92, 0x9b, 0xf8, 0xcb, 0xb3, 0x75 } },
		spoof,
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		EQ_INT(fw_spoof_add(fw, &before[i]), 0);
		EQ_INT(fw_spoof_has(fw, &before[i]), 1);
		if (i < 4)
			EQ_INT(fw_spoof_has(fw, &spoof), 0);
		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		/* those of another port stay until DEL */
		if (i > 0)
			EQ_STR(table(), table_of(PORT, PORT_MAC));
		EQ_INT(fw_spoof_has(fw, &spoof), 1);
		if (i > 0 && i < 4)
			EQ_INT(fw_spoof_has(fw, &before[i]), 0);
		EQ_INT(fw_spoof_del(fw, &att), 1);
		EQ_STR(sh("nft list ruleset"), "");
	}
}

/* An element by itself: half of what was there is no guard. */
static void test_half(void)
{
	static const char *const gone[] = {
		"delete element bridge cni_spoof ports { " HOST_IF " }",
		("delete element bridge cni_spoof macs { " HOST_IF " . " MAC
		 " }"),
		"flush set bridge cni_spoof ports\n"
		"add element bridge cni_spoof ports { " HOST_IF " }",
		"flush chain bridge cni_spoof prerouting",
		"flush table bridge cni_spoof",
		"flush chain bridge cni_spoof prerouting\n"
		"add rule bridge cni_spoof prerouting iifname @ports drop",
		"delete table bridge cni_spoof",
		"flush ruleset",
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		EQ_INT(fw_spoof_has(fw, &spoof), 1);
		nft(gone[i]);
		EQ_INT(fw_spoof_has(fw, &spoof), 0);
		/* made whole, or what is the attachment's removed */
		EQ_INT(fw_spoof_add(fw, &spoof), 0);
		EQ_STR(table(), table_of(PORT, PORT_MAC));
		nft(gone[i]);
		OK(fw_spoof_del(fw, &att) >= 0);
		EQ_STR(sh("nft list ruleset | grep cni: | wc -l"), "0");
		sh("nft flush ruleset");
	}
}

/* Rules of others in the table neither count nor go. */
static void test_others(void)
{
	AUTO(fw) struct fw *fw = fresh();

	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	nft("insert rule bridge cni_spoof prerouting iifname eth7 counter\n"
	    "add element bridge cni_spoof ports { eth9 comment \"mine\" }");
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(sh("nft list table bridge cni_spoof | "
		  "grep -o 'eth7\\|eth9\\|veth85b7dd2e'"),
	       "eth9\neth7");
	/* the set is empty but for them, and the table stays */
	nft("flush set bridge cni_spoof ports");
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(sh("nft list table bridge cni_spoof | grep -c eth7"), "1");
}

/* theirs passes our CHECK and is removed by our DEL */
static void test_reference(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_spoof other = spoof;

	load_reference();
	EQ_STR(reference(), TABLE(PREROUTING(JUMP) CHAINS));
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	other.mac[5]++;
	EQ_INT(fw_spoof_has(fw, &other), 0);
	other = spoof;
	other.host_if = "veth00000000";
	EQ_INT(fw_spoof_has(fw, &other), 0);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	/* the table and its base chain are shared and stay */
	EQ_STR(reference(), TABLE(PREROUTING("")));
	EQ_INT(fw_spoof_del(fw, &att), 0);
	load_reference();
	/* their ADD, repeated, leaves a second jump */
	nft(TABLE(PREROUTING(JUMP)));
	EQ_INT(fw_spoof_has(fw, &spoof), 0);
	/* beside ours */
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_has(fw, &spoof), 1);
	EQ_INT(fw_spoof_del(fw, &att), 1);
	EQ_STR(sh("nft list ruleset"), TABLE(PREROUTING("")));
}

static void test_damaged_reference(void)
{
	static const char *const damage[] = {
		"flush chain bridge nat PREROUTING",
		"flush chain bridge nat cni-br-iface-ctr1-eth0",
		"flush chain bridge nat cni-br-iface-ctr1-eth0-mac",
		"insert rule bridge nat cni-br-iface-ctr1-eth0-mac return",
		"insert rule bridge nat cni-br-iface-ctr1-eth0 return",
		"add rule bridge nat cni-br-iface-ctr1-eth0-mac accept",
		"add rule bridge nat cni-br-iface-ctr1-eth0-mac drop",
		"add rule bridge nat cni-br-iface-ctr1-eth0 "
		"jump cni-br-iface-ctr1-eth0-mac",
		"flush chain bridge nat cni-br-iface-ctr1-eth0\n"
		"delete chain bridge nat cni-br-iface-ctr1-eth0-mac",
		"flush chain bridge nat PREROUTING\n"
		"flush chain bridge nat cni-br-iface-ctr1-eth0\n"
		"delete chain bridge nat cni-br-iface-ctr1-eth0",
	};
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		load_reference();
		EQ_INT(fw_spoof_has(fw, &spoof), 1);
		nft(damage[i]);
		EQ_INT(fw_spoof_has(fw, &spoof), 0);
		EQ_INT(fw_spoof_del(fw, &att), 1);
		EQ_STR(sh("nft list ruleset"), TABLE(PREROUTING("")));
	}
}

/* The chains' owner cannot be told: (ctr1-a, eth0), (ctr1, a-eth0). */
static void test_ambiguous_reference(void)
{
	static const struct cni_attachment other = { "testnet", "ctr1",
						     "eth-0" };
	struct fw_spoof s = spoof;
	AUTO(fw) struct fw *fw = fresh();

	nft("table bridge nat {\n" PREROUTING(
		"") "chain cni-br-iface-ctr1-eth-0 {\n}\n"
		    "chain cni-br-iface-ctr1-eth-0-mac {\n}\n}");
	EQ_INT(fw_spoof_del(fw, &other), 0);
	s.att = &other;
	EQ_INT(fw_spoof_has(fw, &s), 0);
	EQ_INT(fw_spoof_add(fw, &s), 0);
	EQ_INT(fw_spoof_has(fw, &s), 1);
	EQ_INT(fw_spoof_del(fw, &other), 1);
	EQ_STR(sh("nft list table bridge nat | grep -c 'chain cni-'"), "2");
}

/* one that cannot be removed: all of it stays, it says so, and ours goes */
static void test_busy(void)
{
	AUTO(fw) struct fw *fw = fresh();
	AUTO(str) char *before = NULL;

	load_reference();
	nft("table bridge nat {\n"
	    "chain foreign {\njump cni-br-iface-ctr1-eth0\n}\n}");
	before = ruleset();
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
	EQ_INT(fw_spoof_del(fw, &att), -EBUSY);
	EQ_STR(sh("nft list ruleset"), before);
}

/* the same container and interface on another network */
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

/* 128 characters is the longest comment nft takes */
static void test_long_id(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char id[301];
	struct cni_attachment a = { "testnet", id, "eth0" };
	struct fw_spoof s = spoof;

	s.att = &a;
	for (size_t len = 108; len <= 300; len++) {
		memset(id, 'x', len);
		id[len] = '\0';
		EQ_INT(fw_spoof_add(fw, &s), 0);
		EQ_INT(fw_spoof_has(fw, &s), 1);
		if (len == 112)
			len = 298;
		/* what nft lists, nft takes */
		sh("nft list ruleset | nft -c -f -");
		EQ_INT(fw_spoof_del(fw, &a), 1);
		EQ_STR(sh("nft list ruleset"), "");
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
		char host_if[16];
		struct cni_attachment a = { nets[i / 3], ids[i % 3],
					    i / 3 ? "eth9" : "eth0" };
		struct fw_spoof s = { &a, host_if, { 2 } };

		snprintf(host_if, sizeof(host_if), "veth%d", i);
		EQ_INT(fw_spoof_add(fw, &s), 0);
	}
	EQ_INT(fw_spoof_gc(fw, "testnet", valid, 2), 4);
	EQ_STR(sh("nft list table bridge cni_spoof | grep -o 'cni:[^\"]*' | "
		  "sort -u"),
	       "cni:othernet:ctr1:eth9\ncni:othernet:ctr2:eth9\n"
	       "cni:othernet:ctr3:eth9\ncni:testnet:ctr2:eth0");
	EQ_STR(sh("nft list table bridge cni_spoof | grep -c cni:"), "8");
	gen = generation(fw);
	EQ_INT(fw_spoof_gc(fw, "testnet", valid, 2), 0);
	EQ_INT(fw_spoof_gc(fw, "nonet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 2);
	EQ_INT(fw_spoof_gc(fw, "othernet", NULL, 0), 6);
	EQ_STR(sh("nft list ruleset"), "");
}

/* a transaction larger than a socket's default send buffer, in one piece */
static void test_gc_many(void)
{
	static const struct cni_attachment kept = { "othernet", "ctr1",
						    "eth0" };
	static const struct fw_spoof other = { &kept, "veth", { 2 } };
	AUTO(fw) struct fw *fw = fresh();
	uint32_t gen;

	EQ_INT(fw_spoof_add(fw, &other), 0);
	for (int i = 0; i < 1000; i++) {
		char id[65], host_if[16];
		struct cni_attachment a = { "testnet", id, "eth0" };
		struct fw_spoof s = { &a, host_if, { 2 } };

		snprintf(id, sizeof(id), "%064d", i);
		snprintf(host_if, sizeof(host_if), "veth%d", i);
		EQ_INT(fw_spoof_add(fw, &s), 0);
	}
	gen = generation(fw);
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 2000);
	EQ_INT(generation(fw), gen + 1);
	EQ_STR(sh("nft list table bridge cni_spoof | grep -c cni:"), "2");
}

TAP_MAIN(TEST(test_nothing), TEST(test_add), TEST(test_add_again),
	 TEST(test_half), TEST(test_others), TEST(test_reference),
	 TEST(test_damaged_reference), TEST(test_ambiguous_reference),
	 TEST(test_busy), TEST(test_other_network), TEST(test_long_id),
	 TEST(test_gc), TEST(test_gc_many))
