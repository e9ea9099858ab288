// SPDX-License-Identifier: GPL-2.0-or-later
/* spoof-go.c - macspoofchk rules that the Go reference plugins made */
#include "fw/spoof-go.h"

#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw/read.h"

#define TABLE "nat"
#define CHAIN_PREFIX "cni-br-iface-"
/* nft takes no longer comment */
#define COMMENT_MAX 128

static const struct fw_chain prerouting = { NFPROTO_BRIDGE, TABLE,
					    "PREROUTING" };

/*
 * The chains of one container and interface:
 *
 *     chain PREROUTING {
 *         iifname "veth85b7dd2e" jump cni-br-iface-ctr1-eth0
 *     }
 *     chain cni-br-iface-ctr1-eth0 {
 *         jump cni-br-iface-ctr1-eth0-mac
 *     }
 *     chain cni-br-iface-ctr1-eth0-mac {
 *         ether saddr 92:9b:f8:cb:b3:75 return
 *         drop
 *     }
 *
 * Each rule has the comment "macspoofchk-ctr1-eth0".
 */
struct spoof_names {
	char iface_name[FW_NAME_SIZE], mac_name[FW_NAME_SIZE];
	struct fw_chain iface, mac;
};

/*
 * False where there are none of that name, since the comment would be too long
 * for nft, or they may be another attachment's: (c1-a, eth0) and (c1, a-eth0)
 * share theirs.
 */
static bool make_names(const struct cni_attachment *att, struct spoof_names *n)
{
	size_t len =
		strlen("macspoofchk--") + strlen(att->id) + strlen(att->ifname);

	if (len > COMMENT_MAX || strchr(att->ifname, '-'))
		return false;
	snprintf(n->iface_name, sizeof(n->iface_name),
		 CHAIN_PREFIX "%.110s-%.15s", att->id, att->ifname);
	snprintf(n->mac_name, sizeof(n->mac_name),
		 CHAIN_PREFIX "%.110s-%.15s-mac", att->id, att->ifname);
	n->iface = (struct fw_chain){ NFPROTO_BRIDGE, TABLE, n->iface_name };
	n->mac = (struct fw_chain){ NFPROTO_BRIDGE, TABLE, n->mac_name };
	return true;
}

/* --- CHECK -----------------------------------------------------------------
 */

struct has {
	const char *host_if;
	const uint8_t *mac;
	struct spoof_names names;
	unsigned jumps, mac_jumps, mac_rules, others;
};

static bool is_plain(const struct fw_rule *rule)
{
	return !rule->more && rule->saddr.addr.family == 0 &&
	       rule->daddr.addr.family == 0 && !rule->oifname[0] &&
	       !rule->not_oifname[0] && rule->n_not_daddr == 0 &&
	       !rule->masquerade;
}

static int see_jump(const struct fw_rule *rule, void *arg)
{
	struct has *has = arg;

	if (is_plain(rule) && !rule->has_mac && rule->verdict == NFT_JUMP &&
	    strcmp(rule->iifname, has->host_if) == 0 &&
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
		     memcmp(rule->mac, has->mac, sizeof(rule->mac)) == 0;
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

int spoof_go_has(struct fw *fw, const struct cni_attachment *att,
		 const char *host_if, const uint8_t mac[6])
{
	struct has has = { .host_if = host_if, .mac = mac };

	return make_names(att, &has.names) ? fw_look(fw, look, &has) : 0;
}

/* --- DEL -------------------------------------------------------------------
 */

struct jumps {
	struct fw *fw;
	const char *to;
};

static int del_jump(const struct fw_rule *rule, void *arg)
{
	const struct jumps *j = arg;

	if (rule->verdict == NFT_JUMP && strcmp(rule->chain, j->to) == 0)
		fw_del_rule(j->fw, &prerouting, rule->handle);
	return 0;
}

static int plan_del(struct fw *fw, void *arg)
{
	const struct spoof_names *n = arg;
	struct jumps j = { fw, n->iface.name };
	int iface = fw_chain_get(fw, &n->iface);
	int mac = iface < 0 ? iface : fw_chain_get(fw, &n->mac);
	int r = iface > 0 && mac >= 0 ? fw_rules(fw, &prerouting, del_jump, &j)
				      : 0;

	if (mac < 0 || r < 0)
		return mac < 0 ? mac : r;
	if (iface)
		fw_del_chain(fw, &n->iface);
	if (mac)
		fw_del_chain(fw, &n->mac);
	return iface || mac;
}

int spoof_go_del(struct fw *fw, const struct cni_attachment *att)
{
	struct spoof_names names;

	return make_names(att, &names) ? fw_change(fw, plan_del, &names) : 0;
}
