// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-go.c - what the Go plugins left, made here with iptables and nft */
#include "fw-test.h"
#include "fw/goplugins.h"

/* sha512("testnet" "ctr1"), and so on */
#define CHAIN1 "CNI-cd7ce15e03fb592b7aed2b94"
#define KEY1 "c5964c6794a1152e-7883a6f9ce71eedb"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };

static struct ip_addr ip(const char *text)
{
	struct ip_addr a = { 0 };

	EQ_INT(ip_parse(text, &a), 0);
	return a;
}

static const char *hash(const char *text, int digits)
{
	return sh("printf %%s '%s' | sha512sum | cut -c1-%d", text, digits);
}

/* their iptables backend: one address of one interface */
static void make_xt(const char *net, const char *id, const char *address,
		    const char *subnet)
{
	bool v6 = strchr(address, ':');
	char both[256], chain[64];

	snprintf(both, sizeof(both), "%s%s", net, id);
	snprintf(chain, sizeof(chain), "CNI-%s", hash(both, 24));
	sh("t='%s -t nat'; c='-m comment --comment'\n"
	   "C='name: \"%s\" id: \"%s\"'\n"
	   "$t -S %s >/dev/null 2>&1 || $t -N %s\n"
	   "add() { $t -C \"$@\" $c \"$C\" 2>/dev/null || "
	   "$t -A \"$@\" $c \"$C\"; }\n"
	   "add %s -d %s -j ACCEPT\n"
	   "add %s ! -d %s -j MASQUERADE\n"
	   "add POSTROUTING -s %s -j %s",
	   v6 ? "ip6tables-nft" : "iptables-nft", net, id, chain, chain, chain,
	   subnet, chain, v6 ? "ff00::/8" : "224.0.0.0/4", address, chain);
}

/* their nftables backend */
static void make_nft(const char *net, const char *id, const char *ifname,
		     const char *address, const char *subnet)
{
	const char *family = strchr(address, ':') ? "ip6" : "ip";
	char text[2048], comment[256], h[32], second[256];

	snprintf(second, sizeof(second), "%s:%s", ifname, id);
	snprintf(h, sizeof(h), "%s", hash(net, 16));
	snprintf(comment, sizeof(comment), "%s-%s, net: %s, if: %s, id: %s", h,
		 hash(second, 16), net, ifname, id);
	comment[128] = '\0';
	snprintf(text, sizeof(text),
		 "table inet cni_plugins_masquerade {\n"
		 "comment \"Masquerading for plugins from "
		 "github.com/containernetworking/plugins\"\n"
		 "chain masq_checks {\n"
		 "%s saddr %s %s daddr != %s masquerade comment \"%s\"\n}\n"
		 "chain postrouting {\n"
		 "type nat hook postrouting priority 100\n}\n"
		 "}\n"
		 "flush chain inet cni_plugins_masquerade postrouting\n"
		 "table inet cni_plugins_masquerade {\n"
		 "chain postrouting {\n"
		 "ip daddr 224.0.0.0/4 return\n"
		 "ip6 daddr ff00::/8 return\n"
		 "goto masq_checks\n}\n}",
		 family, address, family, subnet, comment);
	nft(text);
}

static const char *xt_rules(void)
{
	return sh("(iptables-nft -t nat -S; ip6tables-nft -t nat -S) | "
		  "grep CNI- | wc -l");
}

static const char *nft_rules(void)
{
	return sh("nft list table inet cni_plugins_masquerade | "
		  "grep -o ' saddr [^ ]*'");
}

static void test_nothing(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr a = ip("10.9.0.2");
	uint32_t gen = generation(fw);

	EQ_INT(fw_goplugins_has(fw, &att, &a), 0);
	EQ_INT(fw_goplugins_del(fw, &att, &a, 1), 0);
	EQ_INT(fw_goplugins_del(fw, &att, NULL, 0), 0);
	EQ_INT(fw_goplugins_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_STR(sh("nft list ruleset"), "");
}

static void test_vectors(void)
{
	EQ_STR(hash("testnetctr1", 24), &CHAIN1[4]);
	EQ_STR(hash("testnet", 16), "c5964c6794a1152e");
	EQ_STR(hash("eth0:ctr1", 16), &KEY1[17]);
}

static void test_xt_has(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr a4 = ip("10.9.0.2"), a6 = ip("fd09::2");
	struct ip_addr b4 = ip("10.9.0.3"), b6 = ip("fd09::3");
	struct cni_attachment other = { "testnet", "ctr2", "eth0" };
	uint32_t gen;

	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	make_xt("testnet", "ctr1", "fd09::2", "fd09::2/64");
	OK(strstr(sh("iptables-nft -t nat -S POSTROUTING"),
		  "-A POSTROUTING -s 10.9.0.2/32 -m comment --comment "
		  "\"name: \\\"testnet\\\" id: \\\"ctr1\\\"\" -j " CHAIN1));
	gen = generation(fw);
	EQ_INT(fw_goplugins_has(fw, &att, &a4), 1);
	EQ_INT(fw_goplugins_has(fw, &att, &a6), 1);
	EQ_INT(fw_goplugins_has(fw, &att, &b4), 0);
	EQ_INT(fw_goplugins_has(fw, &att, &b6), 0);
	EQ_INT(fw_goplugins_has(fw, &other, &a4), 0);
	EQ_INT(generation(fw), gen);
	/* a jump to a chain that does not masquerade is not enough */
	sh("iptables-nft -t nat -F " CHAIN1);
	EQ_INT(fw_goplugins_has(fw, &att, &a4), 0);
}

static void test_xt_del(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr ips[] = { ip("10.9.0.2"), ip("fd09::2") };
	AUTO(str) char *before4 = NULL;
	AUTO(str) char *before6 = NULL;
	uint32_t gen;

	sh("iptables-nft -t nat -A POSTROUTING -s 10.0.0.0/8 -o eth1 "
	   "-m comment --comment 'name: \"testnet\" id: \"ctr1\"' "
	   "-j MASQUERADE");
	make_xt("testnet", "ctr2", "10.9.0.3", "10.9.0.3/24");
	make_xt("testnet", "ctr2", "fd09::3", "fd09::3/64");
	before4 = strdup(sh("iptables-nft -t nat -S"));
	before6 = strdup(sh("ip6tables-nft -t nat -S"));
	for (int known = 0; known < 2; known++) {
		make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
		make_xt("testnet", "ctr1", "fd09::2", "fd09::2/64");
		gen = generation(fw);
		EQ_INT(fw_goplugins_del(fw, &att, ips, known ? 2 : 0), 1);
		EQ_INT(generation(fw), gen + 1);
		EQ_STR(sh("iptables-nft -t nat -S"), before4);
		EQ_STR(sh("ip6tables-nft -t nat -S"), before6);
		gen = generation(fw);
		EQ_INT(fw_goplugins_del(fw, &att, ips, known ? 2 : 0), 0);
		EQ_INT(generation(fw), gen);
	}
	/* iptables still takes rules there */
	sh("iptables-nft -t nat -A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE");
}

/* two interfaces of one container on one network share the chain */
static void test_xt_shared(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr eth0 = ip("10.9.0.2"), eth1 = ip("10.9.0.3");
	struct ip_addr unknown = ip("10.9.0.4");

	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	make_xt("testnet", "ctr1", "10.9.0.3", "10.9.0.3/24");
	EQ_INT(fw_goplugins_del(fw, &att, &unknown, 1), 0);
	EQ_STR(xt_rules(), "5");
	EQ_INT(fw_goplugins_del(fw, &att, &eth0, 1), 1);
	EQ_STR(xt_rules(), "4");
	EQ_INT(fw_goplugins_has(fw, &att, &eth0), 0);
	EQ_INT(fw_goplugins_has(fw, &att, &eth1), 1);
	EQ_INT(fw_goplugins_del(fw, &att, &eth1, 1), 1);
	EQ_STR(xt_rules(), "0");
	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	make_xt("testnet", "ctr1", "10.9.0.3", "10.9.0.3/24");
	EQ_INT(fw_goplugins_del(fw, &att, NULL, 0), 1);
	EQ_STR(xt_rules(), "0");
}

/* jumps from a subnet (old versions), chains without any jump (killed ADD) */
static void test_xt_odd(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr a = ip("10.9.0.2");

	make_xt("testnet", "ctr1", "10.9.0.0/24", "10.9.0.2/24");
	EQ_INT(fw_goplugins_has(fw, &att, &a), 1);
	EQ_INT(fw_goplugins_del(fw, &att, &a, 1), 1);
	EQ_STR(xt_rules(), "0");
	sh("iptables-nft -t nat -N " CHAIN1);
	EQ_INT(fw_goplugins_del(fw, &att, &a, 1), 1);
	EQ_STR(xt_rules(), "0");
	/* something else jumps there too */
	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	sh("iptables-nft -t nat -N other");
	sh("iptables-nft -t nat -A other -j " CHAIN1);
	EQ_INT(fw_goplugins_del(fw, &att, &a, 1), -EBUSY);
	EQ_STR(xt_rules(), "5");
}

static void test_nft(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr a4 = ip("10.9.0.2"), a6 = ip("fd09::2");
	struct ip_addr b4 = ip("10.9.0.3");
	struct cni_attachment eth1 = { "testnet", "ctr1", "eth1" };
	AUTO(str) char *before = NULL;
	uint32_t gen;

	make_nft("testnet", "ctr1", "eth1", "10.9.0.3", "10.9.0.0/24");
	before = ruleset();
	make_nft("testnet", "ctr1", "eth0", "10.9.0.2", "10.9.0.0/24");
	make_nft("testnet", "ctr1", "eth0", "fd09::2", "fd09::/64");
	OK(strstr(sh("nft list ruleset"),
		  "\t\tip saddr 10.9.0.2 ip daddr != 10.9.0.0/24 masquerade "
		  "comment \"" KEY1 ", net: testnet, if: eth0, id: ctr1\"\n"));
	gen = generation(fw);
	EQ_INT(fw_goplugins_has(fw, &att, &a4), 1);
	EQ_INT(fw_goplugins_has(fw, &att, &a6), 1);
	EQ_INT(fw_goplugins_has(fw, &att, &b4), 0);
	EQ_INT(fw_goplugins_has(fw, &eth1, &b4), 1);
	EQ_INT(generation(fw), gen);
	/* found by the key, whatever is known of the addresses */
	EQ_INT(fw_goplugins_del(fw, &att, &a4, 1), 1);
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_goplugins_del(fw, &att, &a4, 1), 0);
	EQ_INT(fw_goplugins_del(fw, &eth1, NULL, 0), 1);
	OK(strstr(sh("nft list ruleset"), "goto masq_checks"));
}

/* comments cut off at 128 characters are still found */
static void test_nft_long(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char id[129];
	struct cni_attachment a = { "testnet", id, "eth0" };
	struct ip_addr a4 = ip("10.9.0.2");

	memset(id, 'x', sizeof(id));
	id[128] = '\0';
	make_nft("testnet", id, "eth0", "10.9.0.2", "10.9.0.0/24");
	EQ_INT(fw_goplugins_has(fw, &a, &a4), 1);
	EQ_INT(fw_goplugins_gc(fw, "testnet", &a, 1), 0);
	EQ_INT(fw_goplugins_del(fw, &a, NULL, 0), 1);
	EQ_INT(fw_goplugins_has(fw, &a, &a4), 0);
}

static void test_gc(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct cni_attachment valid = { NULL, "ctr1", "eth0" };
	uint32_t gen;

	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	make_xt("testnet", "ctr1", "fd09::2", "fd09::2/64");
	make_xt("testnet", "ctr2", "10.9.0.3", "10.9.0.3/24");
	make_xt("testnet", "ctr2", "fd09::3", "fd09::3/64");
	make_xt("testnet2", "ctr3", "10.7.0.3", "10.7.0.3/24");
	/* as if: whose chain it is, only the comments tell */
	sh("iptables-nft -t nat -N CNI-0123456789abcdef01234567");
	sh("iptables-nft -t nat -N CNI-HOSTPORT-DNAT");
	make_nft("testnet", "ctr1", "eth0", "10.9.0.2", "10.9.0.0/24");
	make_nft("testnet", "ctr1", "eth1", "10.9.0.4", "10.9.0.0/24");
	make_nft("testnet", "ctr2", "eth0", "10.9.0.3", "10.9.0.0/24");
	make_nft("testnet2", "ctr3", "eth0", "10.7.0.3", "10.7.0.0/24");
	gen = generation(fw);
	EQ_INT(fw_goplugins_gc(fw, "nonet", NULL, 0), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_goplugins_gc(fw, "testnet", &valid, 1), 4);
	EQ_STR(sh("(iptables-nft -t nat -S; ip6tables-nft -t nat -S) | "
		  "grep -e '-s' | cut -d' ' -f4"),
	       "10.9.0.2/32\n10.7.0.3/32\nfd09::2/128");
	EQ_STR(xt_rules(), "14");
	EQ_STR(nft_rules(), " saddr 10.9.0.2\n saddr 10.7.0.3");
	gen = generation(fw);
	EQ_INT(fw_goplugins_gc(fw, "testnet", &valid, 1), 0);
	EQ_INT(generation(fw), gen);
	EQ_INT(fw_goplugins_gc(fw, "testnet", NULL, 0), 3);
	EQ_INT(fw_goplugins_gc(fw, "testnet2", NULL, 0), 2);
	EQ_STR(sh("(iptables-nft -t nat -S; ip6tables-nft -t nat -S) | "
		  "grep CNI"),
	       "-N CNI-0123456789abcdef01234567\n-N CNI-HOSTPORT-DNAT");
	EQ_STR(sh("nft list chain inet cni_plugins_masquerade masq_checks | "
		  "grep -c saddr || true"),
	       "0");
}

/* expressions we do not know, in the chains that we read */
static void test_foreign(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr a = ip("10.9.0.2");

	sh("iptables-nft -t nat -A POSTROUTING -s 10.9.0.0/255.255.0.255 "
	   "-p tcp -m multiport --dports 1,2 -m addrtype --dst-type LOCAL "
	   "-m limit --limit 5/s -j RETURN");
	make_xt("testnet", "ctr1", "10.9.0.2", "10.9.0.2/24");
	nft("add set ip nat s { type ipv4_addr; elements = { 1.2.3.4 } }\n"
	    "add rule ip nat POSTROUTING ip saddr @s numgen random mod 2 0 "
	    "snat to 1.1.1.1\n"
	    "add rule ip nat POSTROUTING ip saddr { 10.9.0.2, 10.9.0.3 } "
	    "meta mark set jhash ip saddr mod 2\n"
	    "add rule ip nat POSTROUTING ip saddr vmap "
	    "{ 10.9.0.2 : return, 10.9.0.9 : return }");
	EQ_INT(fw_goplugins_has(fw, &att, &a), 1);
	EQ_INT(fw_goplugins_del(fw, &att, &a, 1), 1);
	EQ_STR(sh("nft list chain ip nat POSTROUTING 2>/dev/null | "
		  "grep -c -e tcp -e saddr"),
	       "4");
}

TAP_MAIN(TEST(test_nothing), TEST(test_vectors), TEST(test_xt_has),
	 TEST(test_xt_del), TEST(test_xt_shared), TEST(test_xt_odd),
	 TEST(test_nft), TEST(test_nft_long), TEST(test_gc), TEST(test_foreign))
