// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-go.c - the Go plugin's mapped ports: the end of them, by DEL and GC
 */
#include "fw/portmap-go.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "fw/batch.h"
#include "fw/portmap-go-names.h"
#include "fw/portmap-go-rule.h"
#include "fw/read.h"

struct go {
	struct fw *fw;
	const char *id;
	char hash[SHA512_HEXLEN];
	char chain[GO_CHAIN_LEN + 1];
	struct fw_chain at; /* that is read */
	bool found;
	/* DEL: where its ports lead; with none, all that bear the ID are its */
	const struct ip_addr *ips;
	size_t n_ips;
	/* GC */
	const char *comment; /* as the network's begin */
	const char *prefix;
	struct names valid, dead;
	int n;
};

int portmap_go_hash(const char *network, const char *id,
		    char hex[SHA512_HEXLEN])
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

	snprintf(go->chain, sizeof(go->chain), "%s%.21s", go_kinds[kind][1],
		 go->hash);
	r = fw_chain_get(go->fw, &own);
	/* nothing can jump to a chain that is not there */
	if (r <= 0)
		return r;
	go->at = (struct fw_chain){ family, "nat", go_kinds[kind][0] };
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
	for (size_t f = 0; f < ARRAY_SIZE(go_families); f++) {
		for (size_t k = 0; k < ARRAY_SIZE(go_kinds) && r == 0; k++)
			r = del_chain(go, go_families[f], k);
		for (size_t c = 0; c < ARRAY_SIZE(go_nft_chains) && r == 0;
		     c++) {
			go->at =
				(struct fw_chain){ go_families[f], GO_NFT_TABLE,
						   go_nft_chains[c] };
			r = fw_rules(fw, &go->at, take_rule, go);
		}
	}
	return r < 0 ? r : go->found;
}

int fw_portmap_go_del(struct fw *fw, const struct cni_attachment *att,
		      const struct ip_addr *ips, size_t n)
{
	struct go go = { .id = att->id, .ips = ips, .n_ips = n };
	int r = portmap_go_hash(att->network, att->id, go.hash);

	return r < 0 ? r : fw_change(fw, plan_del, &go);
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
	for (size_t f = 0; f < ARRAY_SIZE(go_families) && r == 0; f++) {
		names_done(&go->dead);
		go->at = (struct fw_chain){ go_families[f], "nat",
					    go_kinds[0][0] };
		go->prefix = go_kinds[0][1];
		r = fw_rules(fw, &go->at, take_dead, go);
		for (size_t i = 0; i < go->dead.n && r == 0; i++) {
			struct fw_chain own = { go_families[f], "nat",
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
		r = portmap_go_hash(network, valid[i].id, go.hash);
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
