// SPDX-License-Identifier: GPL-2.0-or-later
/* goplugins.c - masquerade rules that the Go reference plugins left behind */
#include "fw/goplugins.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "base/sha512.h"
#include "fw/batch.h"
#include "fw/read.h"

/*
 * Their iptables backend, in table nat of family ip and ip6:
 *	-A POSTROUTING -s <ip> -m comment --comment C -j CNI-<hash>
 *	-A CNI-<hash> -d <subnet> -m comment --comment C -j ACCEPT
 *	-A CNI-<hash> ! -d 224.0.0.0/4 -m comment --comment C -j MASQUERADE
 * where C is: name: "<network>" id: "<containerID>".
 */
#define XT_CHAIN "CNI-%.24s"
#define XT_CHAIN_LEN 28
static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/*
 * Their nftables backend:
 *	ip saddr <ip> ip daddr != <subnet> masquerade comment
 *	"H(<network>)-H(<ifname>:<containerID>), net: N, if: I, id: C"
 * where H is the first 16 hex digits of the hash.
 */
static const struct fw_chain masq_checks = { NFPROTO_INET,
					     "cni_plugins_masquerade",
					     "masq_checks" };
#define KEY_LEN 33

static struct fw_chain xt_chain(uint8_t family, const char *name)
{
	return (struct fw_chain){ family, "nat", name };
}

/* The hash of network and container ID put together. */
static int xt_name(const char *network, const char *id,
		   char ret[XT_CHAIN_LEN + 1])
{
	AUTO(str) char *both = NULL;
	char hex[SHA512_HEXLEN];

	if (asprintf(&both, "%s%s", network, id) < 0) {
		both = NULL;
		return -ENOMEM;
	}
	sha512_hex(both, strlen(both), hex);
	snprintf(ret, XT_CHAIN_LEN + 1, XT_CHAIN, hex);
	return 0;
}

static bool is_xt_name(const char *name)
{
	return strlen(name) == XT_CHAIN_LEN && strncmp(name, "CNI-", 4) == 0 &&
	       strspn(name + 4, "0123456789abcdef") == 24;
}

static int nft_key(const char *network, const struct cni_attachment *att,
		   char ret[KEY_LEN + 1])
{
	AUTO(str) char *second = NULL;
	char net[SHA512_HEXLEN], hex[SHA512_HEXLEN];

	if (asprintf(&second, "%s:%s", att->ifname, att->id) < 0) {
		second = NULL;
		return -ENOMEM;
	}
	sha512_hex(network, strlen(network), net);
	sha512_hex(second, strlen(second), hex);
	snprintf(ret, KEY_LEN + 1, "%.16s-%.16s", net, hex);
	return 0;
}

/* what all functions know about the one attachment they work on */
struct goplugins {
	struct fw *fw;
	char chain[XT_CHAIN_LEN + 1];
	char key[KEY_LEN + 1];
	const struct ip_addr *ips;
	size_t n_ips;
	uint8_t family;	      /* of the table that is read, NFPROTO_* */
	unsigned jumps, left; /* jumps to the chain; those that stay */
	bool found;	      /* a rule that masquerades, or one to remove */
};

static int goplugins_init(struct goplugins *g, struct fw *fw,
			  const struct cni_attachment *att,
			  const struct ip_addr *ips, size_t n)
{
	int r = xt_name(att->network, att->id, g->chain);

	g->fw = fw;
	g->ips = ips;
	g->n_ips = n;
	return r < 0 ? r : nft_key(att->network, att, g->key);
}

/* a jump from a subnet is what their oldest versions made */
static bool is_from(const struct fw_rule *rule, const struct goplugins *g)
{
	for (size_t i = 0; i < g->n_ips; i++)
		if (ip_net_contains(&rule->saddr, &g->ips[i]))
			return true;
	return false;
}

static bool is_jump(const struct fw_rule *rule, const struct goplugins *g)
{
	return rule->verdict == NFT_JUMP && strcmp(rule->chain, g->chain) == 0;
}

static bool has_key(const struct fw_rule *rule, const struct goplugins *g)
{
	return strncmp(rule->comment, g->key, KEY_LEN) == 0;
}

static int see_jump(const struct fw_rule *rule, void *arg)
{
	struct goplugins *g = arg;

	if (is_jump(rule, g) && is_from(rule, g))
		g->jumps++;
	return 0;
}

static int see_masquerade(const struct fw_rule *rule, void *arg)
{
	struct goplugins *g = arg;

	g->found = g->found || rule->masquerade;
	return 0;
}

static int see_nft(const struct fw_rule *rule, void *arg)
{
	struct goplugins *g = arg;

	if (has_key(rule, g) && is_from(rule, g) && rule->masquerade)
		g->found = true;
	return 0;
}

static int look(struct fw *fw, void *arg)
{
	struct goplugins *g = arg;
	uint8_t family =
		g->ips->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct fw_chain post = xt_chain(family, "POSTROUTING");
	struct fw_chain own = xt_chain(family, g->chain);
	int r;

	g->jumps = 0;
	g->found = false;
	r = fw_rules(fw, &masq_checks, see_nft, g);
	if (r == 0 && !g->found)
		r = fw_rules(fw, &post, see_jump, g);
	if (r == 0 && g->jumps > 0)
		r = fw_rules(fw, &own, see_masquerade, g);
	return r < 0 ? r : g->found;
}

int fw_goplugins_has(struct fw *fw, const struct cni_attachment *att,
		     const struct ip_addr *ip)
{
	struct goplugins g = { 0 };
	int r = goplugins_init(&g, fw, att, ip, 1);

	return r < 0 ? r : fw_look(fw, look, &g);
}

static int del_nft(const struct fw_rule *rule, void *arg)
{
	struct goplugins *g = arg;

	if (!has_key(rule, g))
		return 0;
	fw_del_rule(g->fw, &masq_checks, rule->handle);
	g->found = true;
	return 0;
}

static int del_jump(const struct fw_rule *rule, void *arg)
{
	struct goplugins *g = arg;
	struct fw_chain post = xt_chain(g->family, "POSTROUTING");

	if (!is_jump(rule, g))
		return 0;
	if (g->n_ips > 0 && !is_from(rule, g)) {
		g->left++;
		return 0;
	}
	fw_del_rule(g->fw, &post, rule->handle);
	g->found = true;
	return 0;
}

static int del_xt(struct goplugins *g, uint8_t family)
{
	struct fw_chain post = xt_chain(family, "POSTROUTING");
	struct fw_chain own = xt_chain(family, g->chain);
	int r = fw_chain_get(g->fw, &own);

	/* nothing can jump to a chain that is not there */
	if (r <= 0)
		return r;
	g->family = family;
	g->left = 0;
	r = fw_rules(g->fw, &post, del_jump, g);
	if (r < 0 || g->left > 0)
		return r;
	fw_del_chain(g->fw, &own);
	g->found = true;
	return 0;
}

static int plan_del(struct fw *fw, void *arg)
{
	struct goplugins *g = arg;
	int r;

	g->found = false;
	r = fw_rules(fw, &masq_checks, del_nft, g);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(families); i++)
		r = del_xt(g, families[i]);
	return r < 0 ? r : g->found;
}

int fw_goplugins_del(struct fw *fw, const struct cni_attachment *att,
		     const struct ip_addr *ips, size_t n)
{
	struct goplugins g = { 0 };
	int r = goplugins_init(&g, fw, att, ips, n);

	return r < 0 ? r : fw_change(fw, plan_del, &g);
}

struct gc {
	struct fw *fw;
	const char *network;
	const char *comment;  /* how the iptables comments of it begin */
	struct names xt, nft; /* valid chains; valid keys */
	/* of the family that is read: chains with no container, those of them
	 * that are this network's */
	uint8_t family;
	struct names loose, dead;
	bool ours;
	int n;
};

static bool is_comment(const struct fw_rule *rule, const struct gc *gc)
{
	return strncmp(rule->comment, gc->comment, strlen(gc->comment)) == 0;
}

static int gc_nft(const struct fw_rule *rule, void *arg)
{
	char net[SHA512_HEXLEN], key[KEY_LEN + 1];
	struct gc *gc = arg;

	sha512_hex(gc->network, strlen(gc->network), net);
	snprintf(key, sizeof(key), "%.33s", rule->comment);
	if (strncmp(key, net, 16) != 0 || key[16] != '-' ||
	    names_has(&gc->nft, key))
		return 0;
	fw_del_rule(gc->fw, &masq_checks, rule->handle);
	gc->n++;
	return 0;
}

static int see_loose(const struct fw_chain *chain, void *arg)
{
	struct gc *gc = arg;

	if (strcmp(chain->table, "nat") != 0 || !is_xt_name(chain->name) ||
	    names_has(&gc->xt, chain->name))
		return 0;
	return names_add(&gc->loose, chain->name);
}

static int see_ours(const struct fw_rule *rule, void *arg)
{
	struct gc *gc = arg;

	gc->ours = gc->ours || is_comment(rule, gc);
	return 0;
}

static int gc_jump(const struct fw_rule *rule, void *arg)
{
	struct gc *gc = arg;
	struct fw_chain post = xt_chain(gc->family, "POSTROUTING");

	if (rule->verdict != NFT_JUMP || !names_has(&gc->dead, rule->chain))
		return 0;
	fw_del_rule(gc->fw, &post, rule->handle);
	return 0;
}

/* The name of the chain is a hash; whose it is, the comments in it say. */
static int gc_xt(struct gc *gc)
{
	struct fw_chain post = xt_chain(gc->family, "POSTROUTING");
	int r = fw_chains(gc->fw, gc->family, see_loose, gc);

	for (size_t i = 0; r == 0 && i < gc->loose.n; i++) {
		struct fw_chain c = xt_chain(gc->family, gc->loose.v[i]);

		gc->ours = false;
		r = fw_rules(gc->fw, &c, see_ours, gc);
		if (r == 0 && gc->ours)
			r = names_add(&gc->dead, c.name);
	}
	if (r == 0 && gc->dead.n > 0)
		r = fw_rules(gc->fw, &post, gc_jump, gc);
	for (size_t i = 0; r == 0 && i < gc->dead.n; i++) {
		struct fw_chain c = xt_chain(gc->family, gc->dead.v[i]);

		fw_del_chain(gc->fw, &c);
		gc->n++;
	}
	return r;
}

static int plan_gc(struct fw *fw, void *arg)
{
	struct gc *gc = arg;
	int r;

	gc->n = 0;
	r = fw_rules(fw, &masq_checks, gc_nft, gc);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(families); i++) {
		gc->family = families[i];
		r = gc_xt(gc);
		names_done(&gc->loose);
		names_done(&gc->dead);
	}
	return r < 0 ? r : gc->n;
}

static int gc_valid(struct gc *gc, const struct cni_attachment *valid, size_t n)
{
	char chain[XT_CHAIN_LEN + 1], key[KEY_LEN + 1];
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = xt_name(gc->network, valid[i].id, chain);
		if (r == 0)
			r = nft_key(gc->network, &valid[i], key);
		if (r == 0)
			r = names_add(&gc->xt, chain);
		if (r == 0)
			r = names_add(&gc->nft, key);
	}
	return r;
}

int fw_goplugins_gc(struct fw *fw, const char *network,
		    const struct cni_attachment *valid, size_t n)
{
	AUTO(str) char *comment = NULL;
	struct gc gc = { .fw = fw, .network = network };
	int r;

	if (asprintf(&comment, "name: \"%s\" id: \"", network) < 0) {
		comment = NULL;
		return -ENOMEM;
	}
	gc.comment = comment;
	r = gc_valid(&gc, valid, n);
	if (r == 0)
		r = fw_change(fw, plan_gc, &gc);
	names_done(&gc.xt);
	names_done(&gc.nft);
	return r;
}
