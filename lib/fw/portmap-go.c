// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-go.c - mapped ports that the Go reference plugin left behind */
#include "fw/portmap-go.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "base/sha512.h"
#include "fw/batch.h"
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

static int take_rule(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	if (strcmp(rule->comment, go->id) != 0)
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

int fw_portmap_go_del(struct fw *fw, const struct cni_attachment *att)
{
	struct go go = { .id = att->id };
	int r = go_hash(att->network, att->id, go.hash);

	return r < 0 ? r : fw_change(fw, plan_del, &go);
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	go->found = go->found || strcmp(rule->comment, go->id) == 0;
	return 0;
}

static int see_jump(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;

	go->found = go->found || strcmp(rule->chain, go->chain) == 0;
	return 0;
}

static int look(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->found = false;
	snprintf(go->chain, sizeof(go->chain), "%s%.21s", kinds[0][1],
		 go->hash);
	for (size_t f = 0; f < ARRAY_SIZE(families) && r == 0; f++) {
		struct fw_chain dnat = { families[f], "nat", kinds[0][0] };
		struct fw_chain nft = { families[f], NFT_TABLE, nft_chains[0] };

		r = fw_rules(fw, &dnat, see_jump, go);
		if (r == 0)
			r = fw_rules(fw, &nft, see_rule, go);
	}
	return r < 0 ? r : go->found;
}

int fw_portmap_go_has(struct fw *fw, const struct cni_attachment *att)
{
	struct go go = { .id = att->id };
	int r = go_hash(att->network, att->id, go.hash);

	return r < 0 ? r : fw_look(fw, look, &go);
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
