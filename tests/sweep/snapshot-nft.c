// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot-nft.c - the ruleset */
#include "snapshot.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

#define SETS_MAX 64
#define NAME_LEN 256 /* NFT_NAME_MAXLEN */

struct set {
	unsigned char family;
	char table[NAME_LEN], name[NAME_LEN];
};

struct dump {
	const struct view *view;
	struct lines *ret;
	const char *what;
	const struct rule *rules;
	struct set set[SETS_MAX];
	unsigned n_sets, n;
	char text[65536];
};

/* What is numbered by the order of changes, and what counts packets. */
static const struct rule table_rules[] = { { NFTA_TABLE_HANDLE, RULE_SKIP },
					   { 0 } };
static const struct rule chain_rules[] = { { NFTA_CHAIN_HANDLE, RULE_SKIP },
					   { NFTA_CHAIN_COUNTERS, RULE_SKIP },
					   { 0 } };
static const struct rule rule_rules[] = { { NFTA_RULE_HANDLE, RULE_SKIP },
					  { NFTA_RULE_POSITION, RULE_SKIP },
					  { 0 } };
static const struct rule set_rules[] = { { NFTA_SET_HANDLE, RULE_SKIP },
					 { 0 } };
static const struct rule obj_rules[] = { { NFTA_OBJ_HANDLE, RULE_SKIP },
					 { NFTA_OBJ_DATA, RULE_SKIP },
					 { 0 } };
static const struct rule flowtable_rules[] = {
	{ NFTA_FLOWTABLE_HANDLE, RULE_SKIP }, { 0 }
};
static const struct rule no_rules[] = { { 0 } };

/* Numbered, as the order of rules in a chain is part of what they say. */
static void add(const struct nlmsghdr *h, void *arg)
{
	const struct nfgenmsg *nfg = NLMSG_DATA(h);
	struct dump *d = arg;
	const struct format f = { d->rules, NULL, NULL };

	netlink_format(&f, h, sizeof(*nfg), d->text, sizeof(d->text));
	lines_add(d->ret, "%s nft %s %u: family %u%s", d->view->name, d->what,
		  d->n++, nfg->nfgen_family, d->text);
}

static void copy(char *buf, const struct nlattr *a)
{
	snprintf(buf, NAME_LEN, "%s", a ? (const char *)netlink_data(a) : "");
}

static void add_set(const struct nlmsghdr *h, void *arg)
{
	const struct nfgenmsg *nfg = NLMSG_DATA(h);
	struct dump *d = arg;
	struct set *set = &d->set[d->n_sets];

	add(h, arg);
	if (d->n_sets == SETS_MAX)
		return;
	d->n_sets++;
	set->family = nfg->nfgen_family;
	copy(set->table, netlink_find(h, sizeof(*nfg), NFTA_SET_TABLE));
	copy(set->name, netlink_find(h, sizeof(*nfg), NFTA_SET_NAME));
}

static void dump(struct dump *d, int type, const char *what,
		 const struct rule *rules, answer_fn fn)
{
	const struct nfgenmsg nfg = { .version = NFNETLINK_V0 };

	d->what = what;
	d->rules = rules;
	d->n = 0;
	netlink_dump(d->view->nft, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
		     &nfg, sizeof(nfg), fn, d);
}

static size_t put(char *buf, size_t at, unsigned type, const char *text)
{
	struct nlattr a = { (uint16_t)(NLA_HDRLEN + strlen(text) + 1),
			    (uint16_t)type };

	memcpy(buf + at, &a, sizeof(a));
	memcpy(buf + at + NLA_HDRLEN, text, strlen(text) + 1);
	return at + NLA_ALIGN(a.nla_len);
}

static void dump_elements(struct dump *d, const struct set *set)
{
	const struct nfgenmsg nfg = { .nfgen_family = set->family,
				      .version = NFNETLINK_V0 };
	char request[3 * NAME_LEN] = "";
	size_t len = sizeof(nfg);

	memcpy(request, &nfg, sizeof(nfg));
	len = put(request, len, NFTA_SET_ELEM_LIST_TABLE, set->table);
	len = put(request, len, NFTA_SET_ELEM_LIST_SET, set->name);
	netlink_dump(d->view->nft,
		     NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, request,
		     len, add, d);
}

void snapshot_nft(const struct view *v, struct lines *ret)
{
	static struct dump d;

	if (v->nft < 0)
		return;
	d = (struct dump){ .view = v, .ret = ret };
	dump(&d, NFT_MSG_GETTABLE, "table", table_rules, add);
	dump(&d, NFT_MSG_GETCHAIN, "chain", chain_rules, add);
	dump(&d, NFT_MSG_GETRULE, "rule", rule_rules, add);
	dump(&d, NFT_MSG_GETOBJ, "object", obj_rules, add);
	dump(&d, NFT_MSG_GETFLOWTABLE, "flowtable", flowtable_rules, add);
	dump(&d, NFT_MSG_GETSET, "set", set_rules, add_set);
	d.what = "elements";
	d.rules = no_rules;
	d.n = 0;
	for (unsigned i = 0; i < d.n_sets; i++)
		dump_elements(&d, &d.set[i]);
}
