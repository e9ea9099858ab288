// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-oom.c - each allocation failing in turn: -ENOMEM, and nothing changed */
#include "fw-oom.h"
#include "fw/firewall-go.h"
#include "fw/firewall.h"
#include "fw/goplugins.h"
#include "fw/masq.h"
#include "fw/sources.h"
#include "fw/spoof.h"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_spoof spoof = { &att, "veth0", { 2, 0, 0, 0, 0, 1 } };
static const struct ip_addr ip = { AF_INET, { 10, 9, 0, 2 } };
static const struct fw_masq masq[] = {
	{ "lo", { { AF_INET, { 10, 9, 0, 2 } }, 24 } },
	{ "lo", { { AF_INET, { 10, 9, 0, 3 } }, 32 } },
};

static const struct ip_net denied[] = {
	{ { AF_INET, { 198, 51, 100, 0 } }, 24 },
	{ { AF_INET6, { 0xfd } }, 8 },
};
static const struct fw_firewall wall = {
	.network = "testnet",
	.iface = "br0",
	.policy = FW_ISOLATED,
	.deny = denied,
	.n_deny = 2,
	.allow = denied,
	.n_allow = 1,
	.limited = true,
	.no_host = true,
	.admin = "CNI-ADMIN",
	.v4 = true,
	.v6 = true,
};
static const struct fw_member member = { "cni:testnet:ctr1:eth0", "veth0" };

static int masq_add(struct fw *fw)
{
	return fw_masq_add(fw, &att, masq, 2);
}

static int masq_has(struct fw *fw)
{
	size_t missing;

	return fw_masq_has(fw, &att, masq, 2, &missing);
}

static int masq_del(struct fw *fw)
{
	return fw_masq_del(fw, &att);
}

static int masq_gc(struct fw *fw)
{
	return fw_masq_gc(fw, "testnet", NULL, 0);
}

static int spoof_add(struct fw *fw)
{
	return fw_spoof_add(fw, &spoof);
}

static int spoof_has(struct fw *fw)
{
	return fw_spoof_has(fw, &spoof);
}

static int spoof_gc(struct fw *fw)
{
	return fw_spoof_gc(fw, "testnet", NULL, 0);
}

static int firewall_add(struct fw *fw)
{
	return fw_firewall_add(fw, &wall, &member);
}

static int firewall_join(struct fw *fw)
{
	static const struct fw_member others[] = {
		{ "cni:testnet:ctr2:eth0", "veth2" },
		{ "cni:testnet:ctr1:eth0", "veth0" },
	};

	return fw_firewall_join(fw, &wall, others, 2);
}

static int firewall_has(struct fw *fw)
{
	const char *missing;

	return fw_firewall_has(fw, &wall, &member, &missing);
}

static int firewall_del(struct fw *fw)
{
	return fw_firewall_del(fw, &att);
}

static int firewall_gc(struct fw *fw)
{
	return fw_firewall_gc(fw, "testnet", NULL, 0);
}

static int firewall_sweep(struct fw *fw)
{
	return fw_firewall_sweep(fw);
}

static int firewall_go_has(struct fw *fw)
{
	return fw_firewall_go_has(fw, &ip, 1, "br0", FW_OPEN);
}

static int firewall_go_del(struct fw *fw)
{
	return fw_firewall_go_del(fw, &ip, 1, "br0");
}

static int sources_add(struct fw *fw)
{
	return fw_sources_add(fw, &att, "veth0", &ip, 1);
}

static int sources_list(struct fw *fw)
{
	struct fw_whose whose = { .network = "testnet" };
	struct ip_addr *list = NULL;
	size_t n = 0;
	int r = fw_sources_list(fw, &whose, &list, &n);

	free(list);
	return r < 0 ? r : (int)n;
}

static int sources_sweep(struct fw *fw)
{
	struct fw_whose gone = { .network = NULL };

	return fw_sources_del(fw, &gone);
}

static int sources_has(struct fw *fw)
{
	return fw_sources_has(fw, &ip);
}

static int sources_del(struct fw *fw)
{
	struct fw_whose whose = { .network = "testnet", .att = &att };

	return fw_sources_del(fw, &whose);
}

static int go_has(struct fw *fw)
{
	return fw_goplugins_has(fw, &att, &ip);
}

static int go_del(struct fw *fw)
{
	return fw_goplugins_del(fw, &att, &ip, 1);
}

static int go_gc(struct fw *fw)
{
	return fw_goplugins_gc(fw, "testnet", NULL, 0);
}

static void load_go(void)
{
	sh("t='iptables-nft -t nat'; C=CNI-cd7ce15e03fb592b7aed2b94\n"
	   "c='name: \"testnet\" id: \"ctr1\"'; $t -N $C\n"
	   "$t -A $C -m comment --comment \"$c\" -j MASQUERADE\n"
	   "$t -A POSTROUTING -s 10.9.0.2 -m comment --comment \"$c\" -j $C");
}

static void load_masq_of(const struct cni_attachment *owner)
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_masq_add(fw, owner, masq, 2), 0);
}

static void load_masq(void)
{
	load_masq_of(&att);
}

/* the addresses have been another's */
static void load_taken(void)
{
	static const struct cni_attachment other = { "testnet", "ctr2",
						     "eth0" };

	load_masq_of(&other);
}

/* the rules are gone */
static void load_flushed(void)
{
	load_masq();
	nft("flush table inet cni_masq");
}

static void load_spoof(void)
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
}

static void load_nothing(void)
{
}

static void load_filter(void)
{
	sh("iptables-nft -P FORWARD DROP; ip6tables-nft -P FORWARD DROP");
}

static void load_firewall(void)
{
	AUTO(fw) struct fw *fw = NULL;

	load_filter();
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(firewall_add(fw), 1);
}

/* another network's, which stays */
static void load_two_firewalls(void)
{
	struct fw_firewall other = wall;
	AUTO(fw) struct fw *fw = NULL;

	load_firewall();
	other.network = "o";
	other.iface = "lo";
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_firewall_add(fw, &other,
			       &(struct fw_member){ "cni:o:c:eth0", "lo" }),
	       1);
}

/* its bridge is gone, and the port's name is another link's by now */
static void load_gone_firewall(void)
{
	static const struct fw_member here = { "cni:testnet:ctr1:eth0", "lo" };
	AUTO(fw) struct fw *fw = NULL;

	load_filter();
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_firewall_add(fw, &wall, &here), 1);
}

static void load_flushed_firewall(void)
{
	load_firewall();
	nft("flush table inet cni_firewall; flush table bridge cni_firewall; "
	    "flush chain ip filter CNI-FORWARD");
}

/* a narrower prefix, which is replaced, and a policy that was another one */
static void load_other_firewall(void)
{
	load_firewall();
	nft("flush set inet cni_firewall deny4; "
	    "add element inet cni_firewall deny4 { br0 . 198.51.100.7 }; "
	    "add element inet cni_firewall inside { br0 . br0 }");
}

/* two bridges that their chains keep apart */
static void load_go_bridges(void)
{
	sh("for b in br8 br9; do"
	   " iptables-nft -N CNI-ISOLATION-STAGE-2 2>/dev/null;"
	   " iptables-nft -N CNI-ISOLATION-STAGE-1 2>/dev/null;"
	   " iptables-nft -A CNI-ISOLATION-STAGE-1 -i $b ! -o $b"
	   " -j CNI-ISOLATION-STAGE-2; done");
}

/* another network's bridge, which allows other things */
static void load_shared_firewall(void)
{
	static const struct ip_net allowed[] = {
		{ { AF_INET, { 198, 51, 100, 0 } }, 23 },
		{ { AF_INET, { 203, 0, 113, 7 } }, 32 },
	};
	struct fw_firewall other = wall;
	AUTO(fw) struct fw *fw = NULL;

	load_filter();
	other.network = "o";
	other.policy = FW_SAME_BRIDGE;
	other.allow = allowed;
	other.n_allow = 2;
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_firewall_add(fw, &other,
			       &(struct fw_member){ "cni:o:c:eth0", "lo" }),
	       1);
}

static void load_go_firewall(void)
{
	sh("iptables-nft -N CNI-FORWARD; "
	   "iptables-nft -A CNI-FORWARD -d 10.9.0.2 -m conntrack "
	   "--ctstate RELATED,ESTABLISHED -j ACCEPT; "
	   "iptables-nft -A CNI-FORWARD -s 10.9.0.2 -j ACCEPT");
}

static void load_sources(void)
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(sources_add(fw), 0);
}

static const struct oom_step step[] = {
	{ "masq_has", load_masq, masq_has, 1 },
	{ "masq_add, new", load_nothing, masq_add, 0 },
	{ "masq_add, without rules", load_flushed, masq_add, 0 },
	{ "masq_add, again", load_masq, masq_add, 0 },
	{ "masq_add, of another's", load_taken, masq_add, 0 },
	{ "masq_del", load_masq, masq_del, 2 },
	{ "masq_gc", load_masq, masq_gc, 2 },
	{ "spoof_has", load_spoof, spoof_has, 1 },
	{ "spoof_add, new", load_nothing, spoof_add, 0 },
	{ "spoof_add, again", load_spoof, spoof_add, 0 },
	{ "spoof_gc", load_spoof, spoof_gc, 2 },
	{ "firewall_has", load_firewall, firewall_has, 1 },
	{ "firewall_add, new", load_filter, firewall_add, 1 },
	{ "firewall_add, again", load_firewall, firewall_add, 0 },
	{ "firewall_add, without rules", load_flushed_firewall, firewall_add,
	  1 },
	{ "firewall_add, of another policy", load_other_firewall, firewall_add,
	  1 },
	{ "firewall_add, to another's", load_shared_firewall, firewall_add, 1 },
	{ "firewall_add, beside theirs", load_go_bridges, firewall_add, 1 },
	{ "firewall_join", load_firewall, firewall_join, 0 },
	{ "firewall_del", load_firewall, firewall_del, 2 },
	{ "firewall_del, one of two", load_two_firewalls, firewall_del, 2 },
	{ "firewall_gc", load_firewall, firewall_gc, 2 },
	{ "firewall_sweep", load_gone_firewall, firewall_sweep, 1 },
	{ "firewall_go_has", load_go_firewall, firewall_go_has, 1 },
	{ "firewall_go_del", load_go_firewall, firewall_go_del, 2 },
	{ "sources_add", load_nothing, sources_add, 0 },
	{ "sources_list", load_sources, sources_list, 1 },
	{ "sources_has", load_sources, sources_has, 1 },
	{ "sources_sweep", load_sources, sources_sweep, 0 },
	{ "sources_del", load_sources, sources_del, 0 },
	{ "go_has", load_go, go_has, 1 },
	{ "go_del", load_go, go_del, 1 },
	{ "go_gc", load_go, go_gc, 1 },
};

static void test_sweep(void)
{
	oom_sweep(step, ARRAY_SIZE(step));
}

TAP_MAIN(TEST(test_sweep))
