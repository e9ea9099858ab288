// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-go-look.c - the Go plugin's mapped ports, as CHECK and ADD see them
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/names.h"
#include "fw/batch.h"
#include "fw/portmap-go-names.h"
#include "fw/portmap-go-rule.h"
#include "fw/portmap-go.h"
#include "fw/read.h"

struct go {
	struct fw *fw;
	const char *id;
	const struct fw_port *v; /* what is asked about */
	size_t n_v;
	struct fw_chain at; /* that is read */
	/* CHECK */
	char hash[SHA512_HEXLEN];
	char chain[GO_CHAIN_LEN + 1];
	bool *mapped, *entered; /* owned: of v, with iptables in two */
	/* ADD */
	struct names chains, comments; /* owned: others' of iptables */
	struct fw_port_holder *holder;
	bool found;
};

static unsigned family_of(const struct go *go)
{
	return go->at.family == NFPROTO_IPV4 ? AF_INET : AF_INET6;
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
	snprintf(go->chain, sizeof(go->chain), "%s%.21s", go_kinds[0][1],
		 go->hash);
	for (size_t f = 0; f < ARRAY_SIZE(go_families) && r == 0; f++) {
		go->at.family = go_families[f];
		r = see_rules(go, "nat", go_kinds[0][0], see_entry);
		if (r == 0)
			r = see_rules(go, "nat", go->chain, see_dnat);
		for (int c = 0; c < 2 && r == 0; c++)
			r = see_rules(go, GO_NFT_TABLE, go_nft_chains[c],
				      see_rule);
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
	int r = portmap_go_hash(att->network, att->id, go.hash);

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
	r = see_rules(go, "nat", go_kinds[0][0], see_others_entry);
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
	for (size_t f = 0; f < ARRAY_SIZE(go_families) && r >= 0; f++) {
		go->at.family = go_families[f];
		if (!has_family(go, family_of(go)))
			continue;
		r = look_iptables(go);
		if (r == 0)
			r = fw_table_use(fw, go_families[f], GO_NFT_TABLE);
		for (int c = 0; c < 2 && r > 0 && !go->found; c++) {
			int more = see_rules(go, GO_NFT_TABLE, go_nft_chains[c],
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
