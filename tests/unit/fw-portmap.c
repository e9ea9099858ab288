// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-portmap.c - mapped ports: each allocation failing in turn */
#include "fw-oom.h"
#include "fw-portmap.h"
#include "fw/portmap-go.h"

static int count_dead(const char *owner, void *arg)
{
	(void)arg;
	EQ_STR(owner, OWNER);
	return 7;
}

static int dead(struct fw *fw)
{
	return fw_portmap_dead(fw, "testnet", NULL, 0, count_dead, NULL);
}

static int needs_local(struct fw *fw)
{
	return fw_portmap_needs_local(fw, "br0");
}

static int go_has(struct fw *fw)
{
	return fw_portmap_go_has(fw, &att, v, 1);
}

static int go_holder(struct fw *fw)
{
	static const struct cni_attachment other = { "testnet", "ctr2",
						     "eth0" };
	struct fw_port_holder holder = { 0 };
	int r = fw_portmap_go_holder(fw, &other, v, 3, &holder);

	if (r == 1)
		EQ_STR(holder.owner, "dnat name: \"testnet\" id: \"ctr1\"");
	return r;
}

static int go_del(struct fw *fw)
{
	static const struct ip_addr ip = { AF_INET, { 10, 9, 0, 2 } };

	return fw_portmap_go_del(fw, &att, &ip, 1);
}

static int go_gc(struct fw *fw)
{
	return fw_portmap_go_gc(fw, "testnet", NULL, 0);
}

static void load(int (*fn)(struct fw *fw))
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fn(fw), 0);
}

static void load_nothing(void)
{
}

static void load_plain(void)
{
	load(add);
}

static void load_on_conditions(void)
{
	load(add_on_conditions);
}

static void load_both(void)
{
	load(add);
	load(add_others);
}

static void load_flushed(void)
{
	load(add_on_conditions);
	nft("flush table inet cni_portmap; flush map inet cni_portmap "
	    "if-ports4");
}

static void load_no_rules(void)
{
	load(add_third);
	nft("flush table inet cni_portmap");
}

static void load_go(void)
{
	sh("t='iptables-nft -t nat'\n"
	   "C=CNI-DN-$(printf testnetctr1 | sha512sum | cut -c 1-21)\n"
	   "$t -N CNI-HOSTPORT-DNAT; $t -N $C\n"
	   "$t -A $C -p tcp --dport 8080 -j DNAT --to-destination 10.9.0.2:80\n"
	   "$t -A CNI-HOSTPORT-DNAT -m comment --comment "
	   "'dnat name: \"testnet\" id: \"ctr1\"' -m multiport -p tcp "
	   "--destination-ports 8080 -j $C");
}

static const struct oom_step step[] = {
	{ "add, new", load_nothing, add, 0 },
	{ "add, on conditions", load_nothing, add_on_conditions, 0 },
	{ "add, no rules", load_no_rules, add_on_conditions, 0 },
	{ "add, conditions of both", load_on_conditions, add_others, 0 },
	{ "add, what another has", load_plain, add_others, 0 },
	{ "has", load_plain, has, 1 },
	{ "has, what another has", load_both, has_others, 1 },
	{ "del", load_plain, del, 1 },
	{ "del, on conditions", load_on_conditions, del, 1 },
	{ "del, to another", load_both, del, 1 },
	{ "del, who waits", load_both, del_others, 1 },
	{ "del, some is gone", load_flushed, del, 1 },
	{ "dead", load_plain, dead, 7 },
	{ "needs_local", load_plain, needs_local, 1 },
	{ "go_has", load_go, go_has, 1 },
	{ "go_holder", load_go, go_holder, 1 },
	{ "go_del", load_go, go_del, 1 },
	{ "go_gc", load_go, go_gc, 1 },
};

static void lack_of_memory_changes_nothing(void)
{
	oom_sweep(step, ARRAY_SIZE(step));
}

TAP_MAIN(TEST(lack_of_memory_changes_nothing))
