// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall-go.c - rules of the Go plugins' firewall, by iptables-nft */
#include "fw/firewall-go.h"

#include <net/if.h> /* the kernel's own does not compile before this one */
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw/read.h"

#define STAGE_1 "CNI-ISOLATION-STAGE-1"
#define STAGE_2 "CNI-ISOLATION-STAGE-2"

/* What a rule of theirs is for. */
enum kind {
	TO,    /* an address */
	FROM,  /* an address */
	LEAVE, /* a bridge: off to the second stage */
	STAY,  /* a bridge: isolated */
	ENTER, /* a bridge: the second stage */
	OTHER
};
static const char *const chains[] = { "CNI-FORWARD", STAGE_1, STAGE_2 };
static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

struct go {
	struct fw *fw;
	const struct ip_addr *ips;
	size_t n_ips;
	const char *bridge;
	struct fw_chain chain; /* the one that is read */
	bool remove;
	unsigned n; /* found */
	bool has[OTHER];
};

static bool is_one(const struct ip_net *net)
{
	return net->addr.family && net->plen == ip_bits(net->addr.family);
}

static enum kind kind_of(const struct fw_rule *rule)
{
	bool from = is_one(&rule->saddr), to = is_one(&rule->daddr);
	bool named =
		rule->iifname[0] || rule->oifname[0] || rule->not_oifname[0];

	if (rule->more || rule->n_not_daddr > 0 || rule->masquerade)
		return OTHER;
	if (rule->verdict == NF_ACCEPT && !named && from != to &&
	    rule->established == to)
		return to ? TO : FROM;
	if (from || to || rule->established || rule->saddr.addr.family ||
	    rule->daddr.addr.family)
		return OTHER;
	if (rule->verdict == NFT_JUMP && strcmp(rule->chain, STAGE_2) == 0 &&
	    rule->iifname[0] && !rule->oifname[0] &&
	    strcmp(rule->iifname, rule->not_oifname) == 0)
		return LEAVE;
	if (rule->verdict != NF_DROP || !rule->oifname[0] ||
	    rule->not_oifname[0])
		return OTHER;
	if (!rule->iifname[0])
		return ENTER;
	return strcmp(rule->iifname, rule->oifname) == 0 ? STAY : OTHER;
}

static bool is_of(const struct go *go, const struct fw_rule *rule,
		  enum kind kind)
{
	const struct ip_addr *ip =
		kind == TO ? &rule->daddr.addr : &rule->saddr.addr;

	if (kind == TO || kind == FROM) {
		for (size_t i = 0; i < go->n_ips; i++)
			if (ip_cmp(&go->ips[i], ip) == 0)
				return true;
		return false;
	}
	return go->bridge &&
	       strcmp(go->bridge,
		      kind == LEAVE ? rule->iifname : rule->oifname) == 0;
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct go *go = arg;
	enum kind kind = kind_of(rule);

	if (kind == OTHER || !is_of(go, rule, kind))
		return 0;
	go->n++;
	go->has[kind] = true;
	if (go->remove)
		fw_del_rule(go->fw, &go->chain, rule->handle);
	return 0;
}

static int see_family(struct go *go, uint8_t family)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(chains) && r == 0; i++) {
		go->chain = (struct fw_chain){ family, "filter", chains[i] };
		r = fw_rules(go->fw, &go->chain, see_rule, go);
	}
	return r;
}

/* --- ADD -------------------------------------------------------------------*/

static int note_bridge(const struct fw_rule *rule, void *arg)
{
	struct names *names = arg;

	return kind_of(rule) == LEAVE && !names_has(names, rule->iifname)
		       ? names_add(names, rule->iifname)
		       : 0;
}

int fw_firewall_go_bridges(struct fw *fw, struct names *ret)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		struct fw_chain stage = { families[i], "filter", STAGE_1 };

		r = fw_rules(fw, &stage, note_bridge, ret);
	}
	return r;
}

/* --- CHECK -----------------------------------------------------------------*/

struct look {
	const struct ip_addr *ips;
	size_t n;
	const char *bridge;
	enum fw_policy policy;
};

static int look(struct fw *fw, void *arg)
{
	const struct look *l = arg;

	for (size_t i = 0; i < l->n; i++) {
		struct go go = { .fw = fw,
				 .ips = &l->ips[i],
				 .n_ips = 1,
				 .bridge = l->bridge };
		int r = see_family(&go, l->ips[i].family == AF_INET
						? NFPROTO_IPV4
						: NFPROTO_IPV6);

		if (r < 0)
			return r;
		if (!go.has[TO] || !go.has[FROM])
			return 0;
		if (l->policy != FW_OPEN && (!go.has[LEAVE] || !go.has[ENTER]))
			return 0;
		if (l->policy == FW_ISOLATED && !go.has[STAY])
			return 0;
	}
	return l->n > 0;
}

int fw_firewall_go_has(struct fw *fw, const struct ip_addr *ips, size_t n,
		       const char *bridge, enum fw_policy policy)
{
	struct look l = { ips, n, bridge, policy };

	return fw_look(fw, look, &l);
}

static int look_for_stage(struct fw *fw, void *arg)
{
	int r = 0;

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++)
		r = fw_chain_get(fw, &(struct fw_chain){ families[i], "filter",
							 STAGE_2 });
	return r;
}

int fw_firewall_go_isolates(struct fw *fw)
{
	return fw_look(fw, look_for_stage, NULL);
}

/* --- DEL -------------------------------------------------------------------*/

static int plan_del(struct fw *fw, void *arg)
{
	struct go *go = arg;
	int r = 0;

	go->fw = fw;
	go->n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++)
		r = see_family(go, families[i]);
	return r < 0 ? r : (int)go->n;
}

int fw_firewall_go_del(struct fw *fw, const struct ip_addr *ips, size_t n,
		       const char *bridge)
{
	struct go go = {
		.ips = ips, .n_ips = n, .bridge = bridge, .remove = true
	};

	return fw_change(fw, plan_del, &go);
}
