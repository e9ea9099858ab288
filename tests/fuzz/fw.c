// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw.c - lib/fw and whatever the kernel answers: rules, chains, verdicts
 *
 * The first byte chooses what is asked for; the rest is the kernel's, see
 * kernel.h.
 *
 * fuzz: tests/fuzz/kernel.c
 */
#include "fw/fw.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw/goplugins.h"
#include "fw/masq.h"
#include "fw/read.h"
#include "fw/set.h"
#include "fw/spoof.h"
#include "kernel.h"

static const struct cni_attachment att = { "pods", "c1", "eth0" };
static const struct cni_attachment valid[] = { { "pods", "c1", "eth0" },
					       { "pods", "c2", "net1" } };
static const struct fw_chain postrouting = { NFPROTO_INET, "cni_masq",
					     "postrouting" };

static int see_rule(const struct fw_rule *rule, void *arg)
{
	const struct ip_net *net = &rule->saddr;

	(void)arg;
	MUST(memchr(rule->comment, '\0', sizeof(rule->comment)));
	MUST(memchr(rule->iifname, '\0', sizeof(rule->iifname)));
	MUST(memchr(rule->chain, '\0', sizeof(rule->chain)));
	MUST(net->plen <= ip_bits(net->addr.family));
	MUST(rule->n_not_daddr <= 2);
	for (unsigned i = 0; i < rule->n_not_daddr; i++) {
		net = &rule->not_daddr[i];
		MUST(net->plen <= ip_bits(net->addr.family));
	}
	return 0;
}

static int ask_rules(struct fw *fw)
{
	return fw_rules(fw, &postrouting, see_rule, NULL);
}

static int see_chain(const struct fw_chain *chain, void *arg)
{
	(void)arg;
	MUST(chain->table && chain->name);
	return 0;
}

static int ask_chains(struct fw *fw)
{
	return fw_chains(fw, NFPROTO_INET, see_chain, NULL);
}

static int ask_table(struct fw *fw)
{
	int r = fw_chain_get(fw, &postrouting);

	return r < 0 ? r : fw_table_use(fw, NFPROTO_INET, "cni_masq") < 0;
}

static int see_elem(const struct fw_elem *e, void *arg)
{
	(void)arg;
	MUST(e->len <= sizeof(e->key));
	MUST(memchr(e->comment, '\0', sizeof(e->comment)));
	return 0;
}

static int ask_elems(struct fw *fw)
{
	static const struct fw_set pods = { .family = NFPROTO_INET,
					    .table = "cni_masq",
					    .name = "pods4",
					    .part = { FW_TYPE_IFNAME,
						      FW_TYPE_IP4 } };
	struct fw_elem e = { 0 };
	int r = fw_elems(fw, &pods, see_elem, NULL);

	fw_elem_put_ifname(&e, "br0");
	fw_elem_put(&e, "\12\11\0\2", "\12\11\0\2", 4);
	r = r < 0 ? r : fw_elem_get(fw, &pods, &e, &e);
	return r < 0 ? r : see_elem(&e, NULL);
}

static struct fw_masq masq(const char *address)
{
	struct fw_masq m = { .iif = "br0" };

	MUST(ip_net_parse(address, &m.address) == 0);
	return m;
}

static int masq_add(struct fw *fw)
{
	struct fw_masq m[] = { masq("10.9.0.2/24"), masq("fd09::2/64"),
			       masq("10.9.0.5/32") };

	return fw_masq_add(fw, &att, m, ARRAY_SIZE(m));
}

static int masq_rest(struct fw *fw)
{
	struct fw_masq m = masq("10.9.0.2/24");
	size_t missing = 7;
	int r = fw_masq_has(fw, &att, &m, 1, &missing);

	MUST(r <= 1);
	MUST(missing == (r == 0 ? 0 : 7));
	r = fw_masq_known(fw, "pods");
	MUST(r <= 1);
	r = r < 0 ? r : fw_masq_restore(fw, "cni:pods:c3:eth0", &m, 1);
	r = r < 0 ? r : fw_masq_learn(fw, "pods");
	r = r < 0 ? r : fw_masq_del(fw, &att);
	return r < 0 ? r : fw_masq_gc(fw, "pods", valid, ARRAY_SIZE(valid));
}

static int spoof(struct fw *fw)
{
	struct fw_spoof s = { &att, "veth0", { 2, 3, 4, 5, 6, 7 } };
	int r = fw_spoof_add(fw, &s);

	MUST(fw_spoof_has(fw, &s) <= 1);
	r = r < 0 ? r : fw_spoof_del(fw, &att);
	return r < 0 ? r : fw_spoof_gc(fw, "pods", valid, ARRAY_SIZE(valid));
}

static int go_plugins(struct fw *fw)
{
	struct ip_addr ip;
	int r;

	MUST(ip_parse("10.9.0.2", &ip) == 0);
	r = fw_goplugins_has(fw, &att, &ip);
	MUST(r <= 1);
	r = r < 0 ? r : fw_goplugins_del(fw, &att, &ip, 1);
	r = r < 0 ? r : fw_goplugins_del(fw, &att, NULL, 0);
	return r < 0 ? r
		     : fw_goplugins_gc(fw, "pods", valid, ARRAY_SIZE(valid));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const ask[])(struct fw *) = {
		ask_rules, ask_chains, ask_table,  masq_add,
		masq_rest, spoof,      go_plugins, ask_elems,
	};
	struct input in = { data, size };
	uint8_t what = input_byte(&in) % ARRAY_SIZE(ask);
	AUTO(fw) struct fw *fw = NULL;

	MUST(fw_open(&fw) == 0);
	kernel_start(in.p, in.n);
	ask[what](fw);
	MUST(memchr(fw_reason(fw), '\0', 192));
	return 0;
}
