// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-go.c - mapped ports that the Go reference plugin left behind */
#include "fw/portmap-go.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "base/sha512.h"
#include "fw/batch.h"
#include "fw/portmap-go-rule.h"
#include "fw/read.h"

/*
 * The iptables backend, in table nat of family ip and ip6, any number of
 *	-A CNI-HOSTPORT-DNAT -m comment --comment C ... -j CNI-DN-<hash>
 * and the chain CNI-DN-<hash>, where C begins: dnat name: "<network>" id:
 *"<id>" Older versions had CNI-HOSTPORT-SNAT and CNI-SN-<hash> as well.
 */
#define CHAIN_LEN 28
static const char *const kinds[][2] = {
	{ "CNI-HOSTPORT-DNAT", "CNI-DN-" },
	{ "CNI-HOSTPORT-SNAT", "CNI-SN-" },
};
static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/* The nftables backend: rules whose comment is the container's ID. */
#define NFT_TABLE "cni_hostport"
static const char *const nft_chains[] = { "hostports", "hostip_hostports",
					  "masquerading" };

struct go {
	struct fw *fw;
	const char *id;
	char hash[SHA512_HEXLEN];
	char chain[CHAIN_LEN + 1];
	struct fw_chain at; /* that is read */
	bool found;
	/* DEL: where its ports lead; with none, all that bear the ID are its */
	const struct ip_addr *ips;
	size_t n_ips;
	/* CHECK and ADD */
	const struct fw_port *v;
	size_t n_v;
	bool *mapped, *entered; /* CHECK; owned: of v, with iptables in two */
	struct names chains, comments; /* ADD; owned: others' of iptables */
	struct fw_port_holder *holder;
	/* GC */
	const char *comment; /* as the network's begin */
	const char *prefix;
	struct names valid, dead;
	int n;
};

static int go_hash(const char *network, const char *id, char hex[SHA512_HEXLEN])
{
	AUTO(str) char *both = NULL;

	if (asprintf(&both, "%s%s", network, id) < 0) {
		both = NULL;
		return -ENOMEM;
	}
	sha512_hex(both, strlen(both), hex);
	return 0;
}

static int take_jump(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	if (strcmp(rule->chain, go->chain) == 0)
		fw_del_rule(go->fw, &go->at, rule->handle);
	return 0;
}

static int del_chain(struct go *go, uint8_t family, size_t kind)
{
	struct fw_chain own = { family, "nat", go->chain };
	int r;

	snprintf(go->chain, sizeof(go->chain), "%s%.21s", kinds[kind][1],
		 go->hash);
	r = fw_chain_get(go->fw, &own);
	/* nothing can jump to a chain that is not there */
	if (r <= 0)
		return r;
	go->at = (struct fw_chain){ family, "nat", kinds[kind][0] };
	r = fw_rules(go->fw, &go->at, take_jump, go);
	if (r < 0)
		return r;
	fw_del_chain(go->fw, &own);
	go->found = true;
	return 0;
}

static unsigned family_of(const struct go *go)
{
	return go->at.family == NFPROTO_IPV4 ? AF_INET : AF_INET6;
}

/* Whether it leads to another address than its, as those of the container's
 * other networks. */
static bool leads_away(const struct go *go, const struct fw_rule *rule)
{
	struct portmap_go_rule of;
	size_t i = 0;

	portmap_go_rule_read(rule, family_of(go), &of);
	while (i < go->n_ips && ip_cmp(&go->ips[i], &of.to) != 0)
		i++;
	return go->n_ips > 0 && ip_is_set(&of.to) && i == go->n_ips;
}

static int take_rule(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	if (strcmp(rule->comment, go->id) != 0 || leads_away(go, rule))
		return 0;
	fw_del_rule(go->fw, &go->at, rule->handle);
	go->found = true;
	return 0;
}

static int plan_del(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->fw = fw;
	go->found = false;
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		for (size_t k = 0; k < ARRAY_SIZE(kinds) && r == 0; k++)
			r = del_chain(go, families[f], k);
		for (size_t c = 0; c < ARRAY_SIZE(nft_chains) && r == 0; c++) {
			go->at = (struct fw_chain){ families[f], NFT_TABLE,
						    nft_chains[c] };
			r = fw_rules(fw, &go->at, take_rule, go);
		}
	}
	return r < 0 ? r : go->found;
}

int fw_portmap_go_del(struct fw *fw, const struct cni_attachment *att,
		      const struct ip_addr *ips, size_t n)
{
	struct go go = { .id = att->id, .ips = ips, .n_ips = n };
	int r = go_hash(att->network, att->id, go.hash);

	return r < 0 ? r : fw_change(fw, plan_del, &go);
}

/* --- CHECK -----------------------------------------------------------------
 */

static void note_ports(struct go *go, const struct portmap_go_rule *rule,
		       bool *ret)
{
	for (size_t i = 0; i < go->n_v; i++)
		if (portmap_go_rule_is_for(rule, &go->v[i]) &&
		    go->v[i].host.family == family_of(go))
			ret[i] = true;
}

/* A rule that leads on one of the ports, of the address that it is asked of. */
static void note_mapped(struct go *go, const struct fw_rule *rule, bool *ret)
{
	struct portmap_go_rule of;

	portmap_go_rule_read(rule, family_of(go), &of);
	for (size_t i = 0; i < go->n_v && of.dnat; i++)
		if (portmap_go_rule_is_for(&of, &go->v[i]) &&
		    ip_cmp(&of.host, &go->v[i].host) == 0)
			ret[i] = true;
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	if (strcmp(rule->comment, go->id) != 0)
		return 0;
	note_mapped(go, rule, go->mapped);
	note_mapped(go, rule, go->entered);
	return 0;
}

static int see_entry(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;
	struct portmap_go_rule of;

	if (strcmp(rule->chain, go->chain) != 0)
		return 0;
	portmap_go_rule_read(rule, family_of(go), &of);
	note_ports(go, &of, go->entered);
	return 0;
}

static int see_dnat(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	note_mapped(go, rule, go->mapped);
	return 0;
}

static int see_rules(struct go *go, const char *table, const char *chain,
		     fw_rule_fn fn)
{
	go->at.table = table;
	go->at.name = chain;
	return fw_rules(go->fw, &go->at, fn, go);
}

static int look(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->fw = fw;
	memset(go->mapped, 0, go->n_v * sizeof(bool));
	memset(go->entered, 0, go->n_v * sizeof(bool));
	snprintf(go->chain, sizeof(go->chain), "%s%.21s", kinds[0][1],
		 go->hash);
	for (size_t f = 0; f < ARRAY_SIZE(families) && r == 0; f++) {
		go->at.family = families[f];
		r = see_rules(go, "nat", kinds[0][0], see_entry);
		if (r == 0)
			r = see_rules(go, "nat", go->chain, see_dnat);
		for (int c = 0; c < 2 && r == 0; c++)
			r = see_rules(go, NFT_TABLE, nft_chains[c], see_rule);
	}
	for (size_t i = 0; i < go->n_v && r == 0; i++)
		if (!go->mapped[i] || !go->entered[i])
			return 0;
	return r < 0 ? r : 1;
}

int fw_portmap_go_has(struct fw *fw, const struct cni_attachment *att,
		      const struct fw_port *v, size_t n)
{
	struct go go = { .id = att->id, .v = v, .n_v = n };
	int r = go_hash(att->network, att->id, go.hash);

	go.mapped = calloc(n + 1, sizeof(bool));
	go.entered = calloc(n + 1, sizeof(bool));
	if (r == 0)
		r = go.mapped && go.entered ? fw_look(fw, look, &go) : -ENOMEM;
	free(go.mapped);
	free(go.entered);
	return r;
}

/* --- ADD -------------------------------------------------------------------
 */

/* Whether the rule leads one of the ports to another container. */
static void see_holder(struct go *go, const struct fw_rule *rule,
		       const char *comment)
{
	struct portmap_go_rule of;

	portmap_go_rule_read(rule, family_of(go), &of);
	for (size_t i = 0; i < go->n_v && of.dnat && !go->found; i++) {
		const struct fw_port *p = &go->v[i];

		if (p->host.family != family_of(go) ||
		    !portmap_go_rule_is_for(&of, p) ||
		    (!ip_is_zero(&p->host) && !ip_is_zero(&of.host) &&
		     ip_cmp(&p->host, &of.host) != 0))
			continue;
		go->found = true;
		*go->holder = (struct fw_port_holder){ .port = *p };
		snprintf(go->holder->owner, sizeof(go->holder->owner), "%.*s",
			 CNI_COMMENT_LEN - 1, comment);
	}
}

static int see_others(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	if (strcmp(rule->comment, go->id) != 0)
		see_holder(go, rule, rule->comment);
	return 0;
}

/* "... id: "<id>"": an entry of the container, whatever its network is. */
static bool is_of_container(const struct go *go, const char *comment)
{
	const char *id = strstr(comment, "\" id: \"");
	size_t len = strlen(go->id);

	return id && strncmp(id + 7, go->id, len) == 0 && id[7 + len] == '"';
}

static int see_others_entry(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;
	struct portmap_go_rule of;
	bool asked = false;
	int r;

	portmap_go_rule_read(rule, family_of(go), &of);
	for (size_t i = 0; i < go->n_v; i++)
		asked |= portmap_go_rule_is_for(&of, &go->v[i]);
	if (!asked || !*rule->chain || is_of_container(go, rule->comment))
		return 0;
	r = names_add(&go->chains, rule->chain);
	return r < 0 ? r : names_add(&go->comments, rule->comment);
}

struct others {
	struct go *go;
	const char *comment;
};

static int see_others_dnat(const struct fw_rule *rule, void *arg)
{
	const struct others *o = arg;

	see_holder(o->go, rule, o->comment);
	return 0;
}

static int look_iptables(struct go *go)
{
	int r;

	names_done(&go->chains);
	names_done(&go->comments);
	r = see_rules(go, "nat", kinds[0][0], see_others_entry);
	for (size_t i = 0; i < go->chains.n && r == 0 && !go->found; i++) {
		struct others o = { go, go->comments.v[i] };

		go->at.name = go->chains.v[i];
		r = fw_rules(go->fw, &go->at, see_others_dnat, &o);
	}
	return r;
}

static bool has_family(const struct go *go, unsigned family)
{
	size_t i = 0;

	while (i < go->n_v && go->v[i].host.family != family)
		i++;
	return i < go->n_v;
}

/* Without their tables it costs two small requests for each family. */
static int look_holder(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->fw = fw;
	go->found = false;
	for (size_t f = 0; f < ARRAY_SIZE(families) && r >= 0; f++) {
		go->at.family = families[f];
		if (!has_family(go, family_of(go)))
			continue;
		r = look_iptables(go);
		if (r == 0)
			r = fw_table_use(fw, families[f], NFT_TABLE);
		for (int c = 0; c < 2 && r > 0 && !go->found; c++) {
			int more = see_rules(go, NFT_TABLE, nft_chains[c],
					     see_others);

			r = more < 0 ? more : r;
		}
	}
	return r < 0 ? r : go->found;
}

int fw_portmap_go_holder(struct fw *fw, const struct cni_attachment *att,
			 const struct fw_port *v, size_t n,
			 struct fw_port_holder *ret)
{
	struct go go = { .id = att->id, .v = v, .n_v = n, .holder = ret };
	int r = fw_look(fw, look_holder, &go);

	names_done(&go.chains);
	names_done(&go.comments);
	return r;
}

/* --- GC --------------------------------------------------------------------
 */

static int take_dead(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;
	size_t len = strlen(go->prefix);

	if (strncmp(rule->chain, go->prefix, len) != 0 ||
	    strncmp(rule->comment, go->comment, strlen(go->comment)) != 0 ||
	    names_has(&go->valid, rule->chain + len))
		return 0;
	fw_del_rule(go->fw, &go->at, rule->handle);
	return names_has(&go->dead, rule->chain)
		       ? 0
		       : names_add(&go->dead, rule->chain);
}

static int plan_gc(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->fw = fw;
	go->n = 0;
	for (size_t f = 0; f < ARRAY_SIZE(families) && r == 0; f++) {
		names_done(&go->dead);
		go->at = (struct fw_chain){ families[f], "nat", kinds[0][0] };
		go->prefix = kinds[0][1];
		r = fw_rules(fw, &go->at, take_dead, go);
		for (size_t i = 0; i < go->dead.n && r == 0; i++) {
			struct fw_chain own = { families[f], "nat",
						go->dead.v[i] };

			fw_del_chain(fw, &own);
			go->n++;
		}
	}
	return r < 0 ? r : go->n;
}

int fw_portmap_go_gc(struct fw *fw, const char *network,
		     const struct cni_attachment *valid, size_t n)
{
	AUTO(str) char *comment = NULL;
	struct go go = { 0 };
	int r = 0;

	if (asprintf(&comment, "dnat name: \"%s\" id: \"", network) < 0) {
		comment = NULL;
		return -ENOMEM;
	}
	go.comment = comment;
	for (size_t i = 0; i < n && r == 0; i++) {
		r = go_hash(network, valid[i].id, go.hash);
		go.hash[21] = '\0';
		if (r == 0)
			r = names_add(&go.valid, go.hash);
	}
	if (r == 0)
		r = fw_change(fw, plan_gc, &go);
	names_done(&go.valid);
	names_done(&go.dead);
	return r;
}
