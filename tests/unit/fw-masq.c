// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-masq.c - masquerade rules, as nft sees them */
#include "fw-test.h"
#include "fw/masq.h"

#define TABLE(rules)                                                            \
	"table inet cni_masq {\n"                                               \
	"\tcomment \"CNI networks: masquerade what leaves a subnet\"\n"         \
	"\tchain postrouting {\n"                                               \
	"\t\ttype nat hook postrouting priority srcnat; policy accept;\n" rules \
	"\t}\n"                                                                 \
	"}"
#define RULE4                                                                  \
	"\t\tiifname \"br0\" ip saddr 10.9.0.0/24 ip daddr != 10.9.0.0/24 "    \
	"ip daddr != 224.0.0.0/4 masquerade comment \"cni:testnet\"\n"
#define RULE6                                                                  \
	"\t\tiifname \"br0\" ip6 saddr fd09::/64 ip6 daddr != fd09::/64 "      \
	"ip6 daddr != ff00::/8 masquerade comment \"cni:testnet\"\n"

static struct fw_masq masq(const char *network, const char *iif,
			   const char *subnet)
{
	struct fw_masq m = { .network = network, .iif = iif };

	EQ_INT(ip_net_parse(subnet, &m.subnet), 0);
	return m;
}

static struct fw_masq owned(const struct cni_attachment *att,
			    const char *address)
{
	struct fw_masq m = masq(att->network, "br0", address);

	m.owner = att;
	return m;
}

static struct fw *with_bridge(void)
{
	struct fw *fw = fresh();

	sh("ip link add br0 type bridge");
	return fw;
}

static const char *table(void)
{
	return sh("nft list table inet cni_masq");
}

static void test_nothing(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m = masq("testnet", "br0", "10.9.0.0/24");
	struct cni_attachment att = { "testnet", "ctr1", "eth0" };
	uint32_t gen = generation(fw);

	EQ_INT(fw_usable(fw), 0);
	EQ_INT(fw_masq_has(fw, &m, 1), 0);
	EQ_INT(fw_masq_has(fw, &m, 0), 1);
	EQ_INT(fw_masq_ensure(fw, &m, 0), 0);
	EQ_INT(fw_masq_del_owned(fw, &att), 0);
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_STR(sh("nft list ruleset"), "");
	EQ_STR(fw_reason(fw), "");
}

static void test_ensure(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m[] = { masq("testnet", "br0", "10.9.0.1/24"),
			       masq("testnet", "br0", "fd09::1/64"),
			       masq("testnet", "br0", "10.9.0.7/24") };
	uint32_t gen;

	EQ_INT(fw_masq_ensure(fw, m, 3), 1);
	EQ_STR(table(), TABLE(RULE4 RULE6));
	EQ_INT(fw_masq_has(fw, m, 3), 1);
	gen = generation(fw);
	EQ_INT(fw_masq_ensure(fw, m, 3), 0);
	EQ_INT(generation(fw), gen);
	m[0].iif = "br1";
	EQ_INT(fw_masq_has(fw, m, 1), 0);
	m[0] = masq("other", "br0", "10.9.0.1/24");
	EQ_INT(fw_masq_has(fw, m, 1), 0);
	m[0] = masq("testnet", "br0", "10.9.0.1/25");
	EQ_INT(fw_masq_has(fw, m, 1), 0);
}

/* one of them missing is added alone */
static void test_second_family(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m[] = { masq("testnet", "br0", "10.9.0.0/24"),
			       masq("testnet", "br0", "fd09::/64") };

	EQ_INT(fw_masq_ensure(fw, m, 1), 1);
	EQ_INT(fw_masq_has(fw, m, 2), 0);
	EQ_INT(fw_masq_ensure(fw, m, 2), 1);
	EQ_STR(table(), TABLE(RULE4 RULE6));
}

/* every prefix length is written as nft reads it, and read back */
static void test_prefixes(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	char text[64];

	for (unsigned plen = 1; plen < 128; plen++) {
		for (int v6 = plen < 32 ? 0 : 1; v6 < 2; v6++) {
			struct ip_net first;
			struct fw_masq m;

			snprintf(text, sizeof(text), "%s/%u",
				 v6 ? "abcd:ef01:2345:6789:abcd:ef01:2345:6789"
				    : "203.171.151.219",
				 plen);
			m = masq("n", "br0", text);
			EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
			EQ_INT(fw_masq_has(fw, &m, 1), 1);
			first = m.subnet;
			first.addr = ip_net_first(&m.subnet);
			ip_net_format(&first, text);
			if (strcmp(sh("nft list table inet cni_masq | "
				      "grep -cF ' saddr %s %s daddr != %s '",
				      text, v6 ? "ip6" : "ip", text),
				   "1") != 0) {
				OK(!"nft shows the prefix");
				printf("# %s\n", text);
			}
		}
	}
}

static void test_whole_internet(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m = masq("testnet", "br0", "10.9.0.1/0");

	EQ_INT(fw_masq_ensure(fw, &m, 1), 0);
	EQ_INT(fw_masq_has(fw, &m, 1), 1);
	EQ_STR(sh("nft list ruleset"), "");
}

static void test_owned(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment a = { "testnet", "ctr1", "eth0" };
	struct cni_attachment b = { "testnet", "ctr1", "eth1" };
	struct fw_masq m[] = { owned(&a, "10.9.0.5/32"),
			       owned(&a, "fd09::5/128"),
			       owned(&b, "10.9.0.6/32") };
	uint32_t gen;

	EQ_INT(fw_masq_ensure(fw, m, 3), 1);
	EQ_STR(table(),
	       TABLE("\t\tiifname \"br0\" ip saddr 10.9.0.5 ip daddr != "
		     "224.0.0.0/4 masquerade comment "
		     "\"cni:testnet:ctr1:eth0\"\n"
		     "\t\tiifname \"br0\" ip6 saddr fd09::5 ip6 daddr != "
		     "ff00::/8 masquerade comment \"cni:testnet:ctr1:eth0\"\n"
		     "\t\tiifname \"br0\" ip saddr 10.9.0.6 ip daddr != "
		     "224.0.0.0/4 masquerade comment "
		     "\"cni:testnet:ctr1:eth1\"\n"));
	EQ_INT(fw_masq_has(fw, m, 3), 1);
	EQ_INT(fw_masq_del_owned(fw, &a), 2);
	EQ_INT(fw_masq_has(fw, m, 1), 0);
	EQ_INT(fw_masq_has(fw, m + 2, 1), 1);
	gen = generation(fw);
	EQ_INT(fw_masq_del_owned(fw, &a), 0);
	EQ_INT(generation(fw), gen);
	/* the table goes with its last rule */
	EQ_INT(fw_masq_del_owned(fw, &b), 1);
	EQ_STR(sh("nft list ruleset"), "");
}

/* what somebody else put into our table stays, and the table with it */
static void test_guest_in_table(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment a = { "testnet", "ctr1", "eth0" };
	struct fw_masq m = owned(&a, "10.9.0.5/32");

	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	nft("add chain inet cni_masq guest");
	EQ_INT(fw_masq_del_owned(fw, &a), 1);
	OK(strstr(table(), "chain guest"));
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	nft("delete chain inet cni_masq guest\n"
	    "add rule inet cni_masq postrouting tcp dport 1 accept");
	EQ_INT(fw_masq_del_owned(fw, &a), 1);
	OK(strstr(table(), "tcp dport 1 accept"));
}

static void test_long_names(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	char net[200], id[200];
	struct cni_attachment a = { net, id, "eth0" };
	struct fw_masq m[2];

	memset(net, 'n', sizeof(net));
	memset(id, 'i', sizeof(id));
	net[199] = id[199] = '\0';
	m[0] = owned(&a, "10.9.0.5/32");
	m[1] = masq(net, "br0", "10.9.0.0/24");
	EQ_INT(fw_masq_ensure(fw, m, 2), 1);
	EQ_INT(fw_masq_has(fw, m, 2), 1);
	EQ_STR(sh("nft list table inet cni_masq | "
		  "grep -cE 'comment \"cni:#[0-9a-f]{32}(:#[0-9a-f]{32}:eth0)?"
		  "\"'"),
	       "2");
	EQ_INT(fw_masq_gc(fw, net, &a, 1), 0);
	EQ_INT(fw_masq_gc(fw, net, NULL, 0), 1);
	EQ_INT(fw_masq_has(fw, m, 1), 0);
	EQ_INT(fw_masq_has(fw, m + 1, 1), 1);
}

static void test_repair(void)
{
	static const char *const damage[] = {
		"flush chain inet cni_masq postrouting",
		("flush chain inet cni_masq postrouting\n"
		 "delete chain inet cni_masq postrouting"),
		"flush table inet cni_masq",
		"delete table inet cni_masq",
		"flush ruleset",
	};
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m[] = { masq("testnet", "br0", "10.9.0.0/24"),
			       masq("testnet", "br0", "fd09::/64") };

	for (size_t i = 0; i < ARRAY_SIZE(damage); i++) {
		EQ_INT(fw_masq_ensure(fw, m, 2), 1);
		EQ_INT(fw_masq_has(fw, m, 2), 1);
		nft(damage[i]);
		EQ_INT(fw_masq_has(fw, m, 2), 0);
	}
	EQ_INT(fw_masq_ensure(fw, m, 2), 1);
	EQ_STR(table(), TABLE(RULE4 RULE6));
}

/* a rule that was made to do something else does not count */
static void test_altered(void)
{
	static const char *const altered[] = {
		"iifname \"br0\" ip saddr 10.9.0.0/24 "
		"ip daddr != 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"oifname \"eth1\" masquerade comment \"cni:testnet\"",
		"iifname \"br0\" ip saddr 10.9.0.0/24 "
		"ip daddr != 10.9.0.0/24 masquerade comment \"cni:testnet\"",
		"iifname \"br0\" ip saddr 10.9.0.0/24 "
		"ip daddr != 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"accept comment \"cni:testnet\"",
		"iifname \"br*\" ip saddr 10.9.0.0/24 "
		"ip daddr != 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"masquerade comment \"cni:testnet\"",
		"iifname != \"br0\" ip saddr 10.9.0.0/24 "
		"ip daddr != 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"masquerade comment \"cni:testnet\"",
		"iifname \"br0\" ip saddr & 255.255.255.1 == 10.9.0.0 "
		"ip daddr != 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"masquerade comment \"cni:testnet\"",
		"iifname \"br0\" ip saddr 10.9.0.0/24 "
		"ip daddr 10.9.0.0/24 ip daddr != 224.0.0.0/4 "
		"masquerade comment \"cni:testnet\"",
		"iifname \"br0\" tcp dport 80 masquerade "
		"comment \"cni:testnet\"",
		"masquerade comment \"cni:testnet\"",
	};
	AUTO(fw) struct fw *fw = with_bridge();
	struct fw_masq m = masq("testnet", "br0", "10.9.0.0/24");
	char text[1024];

	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	for (size_t i = 0; i < ARRAY_SIZE(altered); i++) {
		snprintf(text, sizeof(text),
			 "flush chain inet cni_masq postrouting\n"
			 "add rule inet cni_masq postrouting %s",
			 altered[i]);
		nft(text);
		if (fw_masq_has(fw, &m, 1) != 0) {
			OK(!"an altered rule counts");
			printf("# %s\n", altered[i]);
		}
	}
	/* but one with a counter does, and so does one that nft wrote */
	nft("flush chain inet cni_masq postrouting\n"
	    "add rule inet cni_masq postrouting iifname \"br0\" "
	    "ip saddr 10.9.0.0/24 ip daddr != 10.9.0.0/24 "
	    "ip daddr != 224.0.0.0/4 counter masquerade "
	    "comment \"cni:testnet\"");
	EQ_INT(fw_masq_has(fw, &m, 1), 1);
}

/*
 * Rules of a network whose interface is gone leave with the next commit; but
 * not those of an attachment, nor what is wanted, nor what others wrote.
 */
static void test_sweep(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment att = { "oldnet", "ctr1", "eth0" };
	struct fw_masq old[] = { masq("oldnet", "br9", "10.8.0.0/24"),
				 masq("oldnet", "br9", "fd08::/64"),
				 owned(&att, "10.8.0.5/32") };
	struct fw_masq m = masq("testnet", "br0", "10.9.0.0/24");

	sh("ip link add br9 type bridge");
	old[2].iif = "br9";
	EQ_INT(fw_masq_ensure(fw, old, 1), 1);
	sh("ip link del br9");
	EQ_INT(fw_masq_has(fw, old, 1), 1);
	EQ_INT(fw_masq_ensure(fw, old, 1), 0);
	EQ_INT(fw_masq_ensure(fw, old, 3), 1);
	EQ_INT(fw_masq_has(fw, old, 3), 1);
	nft("add rule inet cni_masq postrouting iifname \"br9\" "
	    "tcp dport 1 accept comment \"cni:mine\"");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	EQ_INT(fw_masq_has(fw, old, 1), 0);
	EQ_INT(fw_masq_has(fw, old + 1, 1), 0);
	EQ_INT(fw_masq_has(fw, old + 2, 1), 1);
	OK(strstr(table(), "accept comment \"cni:mine\""));
	sh("nft delete rule inet cni_masq postrouting handle $("
	   "nft -a list table inet cni_masq | "
	   "sed -n 's/.*cni:mine.*handle //p')");
	EQ_INT(fw_masq_del_owned(fw, &att), 1);
	EQ_STR(table(), TABLE(RULE4));
}

/* what the network has at these interfaces, of whatever subnet, and no more */
static void test_end(void)
{
	const char *const iif[] = { "br0", "" };
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment att = { "testnet", "ctr1", "eth0" };
	struct fw_masq m[] = { masq("testnet", "br0", "10.9.0.0/24"),
			       masq("testnet", "br0", "10.8.0.0/24"),
			       masq("testnet", "br0", "fd09::/64"),
			       masq("testnet", "br0.70", "10.7.0.0/24"),
			       owned(&att, "10.9.0.5/32"),
			       masq("testnet", "br1", "10.9.0.0/24"),
			       masq("testnet", "br017", "10.9.0.0/24"),
			       masq("testnet", "br0.x", "10.9.0.0/24"),
			       masq("testnet", "br0.", "10.9.0.0/24"),
			       masq("other", "br0", "10.9.0.0/24") };
	const int n = ARRAY_SIZE(m);
	uint32_t gen;

	for (int i = 1; i < n; i++)
		sh("ip link show %s >/dev/null 2>&1 || "
		   "ip link add %s type bridge",
		   m[i].iif, m[i].iif);
	EQ_INT(fw_masq_end(fw, "testnet", iif, 2), 0);
	EQ_INT(fw_masq_ensure(fw, m, n), 1);
	nft("add rule inet cni_masq postrouting masquerade "
	    "comment \"cni:testnet\"");
	EQ_INT(fw_masq_end(fw, "testnet", iif, 0), 0);
	EQ_INT(fw_masq_end(fw, "testnet", iif, 2), 4);
	for (int i = 0; i < n; i++)
		EQ_INT(fw_masq_has(fw, m + i, 1), i >= 4);
	EQ_STR(sh("nft list table inet cni_masq | grep -v iifname | "
		  "grep -c 'masquerade comment'"),
	       "1");
	gen = generation(fw);
	EQ_INT(fw_masq_end(fw, "testnet", iif, 2), 0);
	EQ_INT(generation(fw), gen);
}

/* two owners of an address, and one of them twice */
static void test_repeated(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment a = { "testnet", "ctr1", "eth0" };
	struct cni_attachment b = { "testnet", "ctr2", "eth0" };
	struct fw_masq m[] = { owned(&a, "10.9.0.5/32"),
			       owned(&b, "10.9.0.5/32"),
			       owned(&a, "10.9.0.5/32") };

	EQ_INT(fw_masq_ensure(fw, m, 3), 1);
	EQ_INT(fw_masq_has(fw, m, 3), 1);
	EQ_STR(sh("nft list table inet cni_masq | grep -c masquerade.comment"),
	       "2");
}

static void test_gc(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment a = { "testnet", "ctr1", "eth0" };
	struct cni_attachment b = { "testnet", "ctr2", "eth0" };
	struct cni_attachment c = { "testnet2", "ctr2", "eth0" };
	struct cni_attachment valid = { NULL, "ctr1", "eth0" };
	struct fw_masq m[] = { owned(&a, "10.9.0.5/32"),
			       owned(&b, "10.9.0.6/32"),
			       owned(&c, "10.7.0.6/32"),
			       masq("testnet", "br0", "10.9.0.0/24"),
			       masq("testnet", "br9", "10.8.0.0/24"),
			       masq("testnet2", "br0", "10.7.0.0/24") };
	uint32_t gen;

	sh("ip link add br9 type bridge");
	EQ_INT(fw_masq_ensure(fw, m, 6), 1);
	gen = generation(fw);
	valid.id = "ctr1";
	EQ_INT(fw_masq_gc(fw, "nonet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	sh("ip link del br9");
	EQ_INT(fw_masq_gc(fw, "testnet", &valid, 1), 2);
	EQ_INT(fw_masq_has(fw, m, 1), 1);
	EQ_INT(fw_masq_has(fw, m + 1, 1), 0);
	EQ_INT(fw_masq_has(fw, m + 2, 2), 1);
	EQ_INT(fw_masq_has(fw, m + 4, 1), 0);
	EQ_INT(fw_masq_has(fw, m + 5, 1), 1);
	gen = generation(fw);
	EQ_INT(fw_masq_gc(fw, "testnet", &valid, 1), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 1);
	sh("ip link del br0");
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 1);
	EQ_INT(fw_masq_has(fw, m + 5, 1), 0);
	EQ_INT(fw_masq_del_owned(fw, &c), 1);
	EQ_STR(sh("nft list ruleset"), "");
}

/* tables of others stay as they are, to the byte */
static void test_others(void)
{
	AUTO(fw) struct fw *fw = with_bridge();
	struct cni_attachment a = { "testnet", "ctr1", "eth0" };
	struct fw_masq m = owned(&a, "10.9.0.5/32");
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
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	EQ_INT(fw_masq_del_owned(fw, &a), 1);
	EQ_STR(sh("nft list ruleset 2>/dev/null"), before);
	EQ_STR(sh("iptables-nft -S FORWARD"),
	       "-P FORWARD ACCEPT\n-A FORWARD -m comment --comment x -j DROP");
}

TAP_MAIN(TEST(test_nothing), TEST(test_ensure), TEST(test_second_family),
	 TEST(test_prefixes), TEST(test_whole_internet), TEST(test_owned),
	 TEST(test_guest_in_table), TEST(test_long_names), TEST(test_repair),
	 TEST(test_altered), TEST(test_sweep), TEST(test_end),
	 TEST(test_repeated), TEST(test_gc), TEST(test_others))
