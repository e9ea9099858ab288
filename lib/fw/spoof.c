// SPDX-License-Identifier: GPL-2.0-or-later
/* spoof.c - macspoofchk: a port may send with its own MAC address only */
#include "fw/spoof.h"

#include <errno.h>
#include <net/if.h> /* the kernel's own does not compile before this one */
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "base/sha512.h"
#include "fw/batch.h"
#include "fw/expr.h"
#include "fw/read.h"

#define TABLE "nat"
#define CHAIN_PREFIX "cni-br-iface-"
/* nft takes no longer comment, and so the reference plugins neither */
#define COMMENT_MAX 128

static const struct fw_chain prerouting = { NFPROTO_BRIDGE, TABLE,
					    "PREROUTING" };

/* type filter hook prerouting priority dstnat */
static const struct fw_hook hook = { "filter", NF_BR_PRE_ROUTING,
				     NF_BR_PRI_NAT_DST_BRIDGED };

/* What the rules of one container and interface are called. */
struct spoof_names {
	char comment[COMMENT_MAX + 1];
	char iface_name[FW_NAME_SIZE], mac_name[FW_NAME_SIZE];
	struct fw_chain iface, mac;
	char owner[CNI_COMMENT_LEN];
};

/*
 * The id is "<containerID>-<ifname>". Where the comment would be too long for
 * nft (the chain names are not, then), the container ID becomes
 * "sha512-<64 hex digits of its hash>"; the reference plugins fail there. So
 * it does where the interface has a '-' in its name: (c1-a, eth0) and
 * (c1, a-eth0) would share their rules, and one of them would be unguarded.
 */
static void make_names(const struct cni_attachment *att, struct spoof_names *n)
{
	char hex[SHA512_HEXLEN], id[FW_NAME_SIZE];
	size_t len =
		strlen("macspoofchk--") + strlen(att->id) + strlen(att->ifname);

	if (len <= COMMENT_MAX && !strchr(att->ifname, '-')) {
		snprintf(id, sizeof(id), "%s-%s", att->id, att->ifname);
	} else {
		sha512_hex(att->id, strlen(att->id), hex);
		snprintf(id, sizeof(id), "sha512-%.64s-%.15s", hex,
			 att->ifname);
	}
	snprintf(n->comment, sizeof(n->comment), "macspoofchk-%.116s", id);
	snprintf(n->iface_name, sizeof(n->iface_name), CHAIN_PREFIX "%.116s",
		 id);
	snprintf(n->mac_name, sizeof(n->mac_name), CHAIN_PREFIX "%.116s-mac",
		 id);
	n->iface = (struct fw_chain){ NFPROTO_BRIDGE, TABLE, n->iface_name };
	n->mac = (struct fw_chain){ NFPROTO_BRIDGE, TABLE, n->mac_name };
	cni_owner(att, n->owner, sizeof(n->owner));
}

/* iifname "veth85b7dd2e" jump cni-br-iface-ctr1-eth0 comment "..." */
static void add_jump(struct fw *fw, const char *host_if,
		     const struct spoof_names *n)
{
	fw_rule_begin(fw, &prerouting);
	fw_expr_iifname(fw, host_if);
	fw_expr_jump(fw, n->iface.name);
	fw_rule_end(fw, n->comment);
}

/* jump cni-br-iface-ctr1-eth0-mac comment "macspoofchk-ctr1-eth0" */
static void add_mac_jump(struct fw *fw, const struct spoof_names *n)
{
	fw_rule_begin(fw, &n->iface);
	fw_expr_jump(fw, n->mac.name);
	fw_rule_end(fw, n->comment);
}

/*
 * ether saddr 92:9b:f8:cb:b3:75 return comment "macspoofchk-ctr1-eth0"
 * drop comment "macspoofchk-ctr1-eth0"
 */
static void add_mac_rules(struct fw *fw, const uint8_t mac[6],
			  const struct spoof_names *n)
{
	fw_rule_begin(fw, &n->mac);
	fw_expr_ether_saddr(fw, mac);
	fw_expr_verdict(fw, NFT_RETURN);
	fw_rule_end(fw, n->comment);
	fw_rule_begin(fw, &n->mac);
	fw_expr_verdict(fw, NF_DROP);
	fw_rule_end(fw, n->comment);
}

struct jumps {
	struct fw *fw;
	struct names *to; /* chains */
};

static int del_jump(const struct fw_rule *rule, void *arg)
{
	const struct jumps *j = arg;

	if (rule->verdict == NFT_JUMP && names_has(j->to, rule->chain))
		fw_del_rule(j->fw, &prerouting, rule->handle);
	return 0;
}

/*
 * Adds the removal of one attachment's rules to the transaction; not if the
 * chain bears another owner, if spare is true. Returns 1 if there was
 * something to remove, 0 or -errno.
 */
static int remove_one(struct fw *fw, const struct spoof_names *n, bool spare)
{
	AUTO(names) struct names to = { 0 };
	struct jumps j = { fw, &to };
	char comment[FW_COMMENT_SIZE] = "";
	int iface, mac, r = 0;

	iface = fw_chain_get(fw, &n->iface, comment);
	if (iface < 0)
		return iface;
	if (spare && comment[0] && strcmp(comment, n->owner) != 0)
		return 0;
	mac = fw_chain_get(fw, &n->mac, NULL);
	if (mac < 0)
		return mac;
	if (iface)
		r = names_add(&to, n->iface.name);
	if (r == 0 && iface)
		r = fw_rules(fw, &prerouting, del_jump, &j);
	if (r < 0)
		return r;
	if (iface)
		fw_del_chain(fw, &n->iface);
	if (mac)
		fw_del_chain(fw, &n->mac);
	return iface || mac;
}

struct add {
	const struct fw_spoof *s;
	struct spoof_names names;
};

static int plan_add(struct fw *fw, void *arg)
{
	const struct add *a = arg;
	int r = remove_one(fw, &a->names, false);

	if (r < 0)
		return r;
	fw_add_table(fw, prerouting.family, prerouting.table, NULL);
	fw_add_chain(fw, &prerouting, &hook, NULL);
	fw_add_chain(fw, &a->names.iface, NULL, a->names.owner);
	fw_add_chain(fw, &a->names.mac, NULL, NULL);
	add_mac_rules(fw, a->s->mac, &a->names);
	add_mac_jump(fw, &a->names);
	add_jump(fw, a->s->host_if, &a->names);
	return 0;
}

int fw_spoof_add(struct fw *fw, const struct fw_spoof *s)
{
	struct add a = { .s = s };

	make_names(s->att, &a.names);
	return fw_change(fw, plan_add, &a);
}

static int plan_del(struct fw *fw, void *arg)
{
	return remove_one(fw, arg, true);
}

int fw_spoof_del(struct fw *fw, const struct cni_attachment *att)
{
	struct spoof_names names;

	make_names(att, &names);
	return fw_change(fw, plan_del, &names);
}

struct has {
	const struct fw_spoof *s;
	struct spoof_names names;
	unsigned jumps, mac_jumps, mac_rules, others;
};

static bool is_plain(const struct fw_rule *rule)
{
	return !rule->more && rule->saddr.addr.family == 0 &&
	       rule->n_not_daddr == 0 && !rule->masquerade;
}

static int see_jump(const struct fw_rule *rule, void *arg)
{
	struct has *has = arg;

	if (is_plain(rule) && !rule->has_mac && rule->verdict == NFT_JUMP &&
	    strcmp(rule->iifname, has->s->host_if) == 0 &&
	    strcmp(rule->chain, has->names.iface.name) == 0)
		has->jumps++;
	return 0;
}

static int see_mac_jump(const struct fw_rule *rule, void *arg)
{
	struct has *has = arg;

	if (is_plain(rule) && !rule->has_mac && !rule->iifname[0] &&
	    rule->verdict == NFT_JUMP &&
	    strcmp(rule->chain, has->names.mac.name) == 0)
		has->mac_jumps++;
	else
		has->others++;
	return 0;
}

/* the one that returns first, then the one that drops */
static int see_mac_rule(const struct fw_rule *rule, void *arg)
{
	struct has *has = arg;
	bool ok = is_plain(rule) && !rule->iifname[0];

	if (has->mac_rules == 0)
		ok = ok && rule->verdict == NFT_RETURN && rule->has_mac &&
		     memcmp(rule->mac, has->s->mac, sizeof(rule->mac)) == 0;
	else
		ok = ok && rule->verdict == NF_DROP && !rule->has_mac;
	if (ok)
		has->mac_rules++;
	else
		has->others++;
	return 0;
}

static int look(struct fw *fw, void *arg)
{
	struct has *has = arg;
	int r;

	has->jumps = has->mac_jumps = has->mac_rules = has->others = 0;
	r = fw_rules(fw, &prerouting, see_jump, has);
	if (r == 0)
		r = fw_rules(fw, &has->names.iface, see_mac_jump, has);
	if (r == 0)
		r = fw_rules(fw, &has->names.mac, see_mac_rule, has);
	if (r < 0)
		return r;
	return has->jumps == 1 && has->mac_jumps == 1 && has->mac_rules == 2 &&
	       has->others == 0;
}

int fw_spoof_has(struct fw *fw, const struct fw_spoof *s)
{
	struct has has = { .s = s };

	make_names(s->att, &has.names);
	return fw_look(fw, look, &has);
}

struct gc {
	const char *network;
	struct names *valid;	  /* owner texts */
	struct names *dead, *all; /* chains */
};

static int see_chain(const struct fw_chain *chain, const char *comment,
		     void *arg)
{
	const struct gc *gc = arg;
	int r = 0;

	if (strcmp(chain->table, TABLE) != 0 ||
	    strncmp(chain->name, CHAIN_PREFIX, strlen(CHAIN_PREFIX)) != 0)
		return 0;
	if (cni_owner_in_network(comment, gc->network) &&
	    !names_has(gc->valid, comment))
		r = names_add(gc->dead, chain->name);
	return r < 0 ? r : names_add(gc->all, chain->name);
}

static int plan_gc(struct fw *fw, void *arg)
{
	AUTO(names) struct names dead = { 0 };
	AUTO(names) struct names all = { 0 };
	struct gc *gc = arg;
	struct jumps j = { fw, &dead };
	int r;

	gc->dead = &dead;
	gc->all = &all;
	r = fw_chains(fw, NFPROTO_BRIDGE, see_chain, gc);
	if (r < 0 || dead.n == 0)
		return r;
	r = fw_rules(fw, &prerouting, del_jump, &j);
	if (r < 0)
		return r;
	for (size_t i = 0; i < dead.n; i++) {
		char mac[FW_NAME_SIZE];
		struct fw_chain c = { NFPROTO_BRIDGE, TABLE, dead.v[i] };

		fw_del_chain(fw, &c);
		snprintf(mac, sizeof(mac), "%.250s-mac", dead.v[i]);
		c.name = mac;
		if (names_has(&all, mac))
			fw_del_chain(fw, &c);
	}
	return (int)dead.n;
}

int fw_spoof_gc(struct fw *fw, const char *network,
		const struct cni_attachment *valid, size_t n)
{
	AUTO(names) struct names names = { 0 };
	struct gc gc = { .network = network, .valid = &names };
	int r = names_add_owners(&names, network, valid, n);

	return r < 0 ? r : fw_change(fw, plan_gc, &gc);
}
