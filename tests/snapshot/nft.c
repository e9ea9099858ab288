// SPDX-License-Identifier: GPL-2.0-or-later
/* nft.c - the ruleset of a namespace */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "die.h"
#include "netlink.h"
#include "parts.h"

/* newer than our oldest headers: how many elements a set has */
#define NFTA_SET_COUNT_ 20
/* nft's numbers of the types of addresses */
#define NFT_TYPE_IPV4 7
#define NFT_TYPE_IPV6 8
#define NFT_TYPE_ETHER 9

struct set {
	unsigned char family;
	bool address; /* its elements are some */
	char table[NFT_NAME_MAXLEN], name[NFT_NAME_MAXLEN];
};

struct kind {
	const char *what;
	uint16_t type;
	uint16_t table, name; /* attributes that name it */
	const struct rule *rules;
};

/* A ruleset: what the functions of its dump share. */
struct ruleset {
	struct dump *dump;
	const struct kind *kind;
	/* the chain that the last rule was in, and which one of it that was */
	char chain[3 * NFT_NAME_MAXLEN];
	unsigned n;
	struct set *sets, *set; /* all of them, and the one in question */
	size_t n_sets;
};

static const struct rule table_rules[] = {
	{ "name", NFTA_TABLE_NAME, attr_skip }, /* begins the line */
	{ "flags", NFTA_TABLE_FLAGS, attr_big },
	{ "owner", NFTA_TABLE_OWNER, attr_big },
	{ "userdata", NFTA_TABLE_USERDATA, attr_userdata },
	{ "use", NFTA_TABLE_USE, attr_skip },
	{ "handle", NFTA_TABLE_HANDLE, attr_skip },
	{ 0 },
};

/* The priority may be negative. */
static void attr_priority(struct text *t, const char *name,
			  const struct nlattr *a, void *arg)
{
	const unsigned char *p = netlink_data(a);
	int32_t v = 0;

	(void)arg;
	if (netlink_len(a) == sizeof(v))
		v = (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			      (uint32_t)p[2] << 8 | p[3]);
	text_add(t, " %s %d", name, v);
}

static void attr_hook(struct text *t, const char *name, const struct nlattr *a,
		      void *arg)
{
	static const struct rule rules[] = {
		{ "num", NFTA_HOOK_HOOKNUM, attr_big },
		{ "priority", NFTA_HOOK_PRIORITY, attr_priority },
		{ "dev", NFTA_HOOK_DEV, attr_data },
		{ 0 },
	};

	attr_nest(t, name, a, rules, arg);
}

static const struct rule chain_rules[] = {
	{ "table", NFTA_CHAIN_TABLE, attr_skip },
	{ "name", NFTA_CHAIN_NAME, attr_skip },
	{ "hook", NFTA_CHAIN_HOOK, attr_hook },
	{ "policy", NFTA_CHAIN_POLICY, attr_big },
	{ "type", NFTA_CHAIN_TYPE, attr_data },
	{ "flags", NFTA_CHAIN_FLAGS, attr_big },
	{ "userdata", NFTA_CHAIN_USERDATA, attr_userdata },
	{ "use", NFTA_CHAIN_USE, attr_skip },
	{ "handle", NFTA_CHAIN_HANDLE, attr_skip },
	{ "counters", NFTA_CHAIN_COUNTERS, attr_skip },
	{ 0 },
};

static const struct rule rule_rules[] = {
	{ "table", NFTA_RULE_TABLE, attr_skip },
	{ "chain", NFTA_RULE_CHAIN, attr_skip },
	{ "", NFTA_RULE_EXPRESSIONS, attr_exprs },
	{ "userdata", NFTA_RULE_USERDATA, attr_userdata },
	{ "handle", NFTA_RULE_HANDLE, attr_skip },
	{ "position", NFTA_RULE_POSITION, attr_skip },
	{ 0 },
};

static const struct rule set_rules[] = {
	{ "table", NFTA_SET_TABLE, attr_skip },
	{ "name", NFTA_SET_NAME, attr_skip },
	{ "flags", NFTA_SET_FLAGS, attr_big },
	{ "key_type", NFTA_SET_KEY_TYPE, attr_big },
	{ "key_len", NFTA_SET_KEY_LEN, attr_big },
	{ "data_type", NFTA_SET_DATA_TYPE, attr_big },
	{ "data_len", NFTA_SET_DATA_LEN, attr_big },
	{ "timeout", NFTA_SET_TIMEOUT, attr_big },
	{ "", NFTA_SET_EXPR, attr_expr },
	{ "", NFTA_SET_EXPRESSIONS, attr_exprs },
	{ "userdata", NFTA_SET_USERDATA, attr_userdata },
	{ "handle", NFTA_SET_HANDLE, attr_skip },
	{ "count", NFTA_SET_COUNT_, attr_skip },
	{ 0 },
};

static const struct rule obj_rules[] = {
	{ "table", NFTA_OBJ_TABLE, attr_skip },
	{ "name", NFTA_OBJ_NAME, attr_skip },
	{ "type", NFTA_OBJ_TYPE, attr_big },
	{ "userdata", NFTA_OBJ_USERDATA, attr_userdata },
	{ "use", NFTA_OBJ_USE, attr_skip },
	{ "handle", NFTA_OBJ_HANDLE, attr_skip },
	{ "counted", NFTA_OBJ_DATA, attr_skip },
	{ 0 },
};

static const struct rule flowtable_rules[] = {
	{ "table", NFTA_FLOWTABLE_TABLE, attr_skip },
	{ "name", NFTA_FLOWTABLE_NAME, attr_skip },
	{ "use", NFTA_FLOWTABLE_USE, attr_skip },
	{ "handle", NFTA_FLOWTABLE_HANDLE, attr_skip },
	{ 0 },
};

static const char *nft_family(unsigned family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_NETDEV:
		return "netdev";
	default:
		return family_name(family);
	}
}

static const char *text_at(const struct nlmsghdr *h, unsigned type)
{
	const struct nlattr *a = netlink_find(h, sizeof(struct nfgenmsg), type);

	return a ? netlink_data(a) : "";
}

/* The order of rules in a chain is part of what they say, so they are
   numbered. */
static void add_number(struct ruleset *r, const char *chain)
{
	if (strcmp(r->chain, chain) != 0)
		r->n = 0;
	snprintf(r->chain, sizeof(r->chain), "%.*s", (int)sizeof(r->chain) - 1,
		 chain);
	text_add(&r->dump->text, " %02u", ++r->n);
}

static void add(const struct nlmsghdr *h, void *arg)
{
	const struct nfgenmsg *nfg = NLMSG_DATA(h);
	struct ruleset *r = arg;
	const struct kind *k = r->kind;
	struct text *t = &r->dump->text;

	text_clear(t);
	text_add(t, "%s %s", nft_family(nfg->nfgen_family),
		 text_at(h, k->table));
	if (k->name)
		text_add(t, " %s", text_at(h, k->name));
	if (k->type == NFT_MSG_GETRULE)
		add_number(r, t->buf);
	text_add(t, ":");
	attr_print_behind(t, h, sizeof(*nfg), k->rules, r);
	lines_add(r->dump->ret, "%s nft: %s %s", r->dump->view->name, k->what,
		  t->buf);
}

static void dump(struct ruleset *r, const struct kind *k, answer_fn fn)
{
	const struct nfgenmsg nfg = { .version = NFNETLINK_V0 };

	r->kind = k;
	netlink_dump(r->dump->view->nft,
		     (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | k->type), &nfg,
		     sizeof(nfg), fn, r);
}

/* --- sets, their elements ------------------------------------------------- */

static bool is_address(const struct nlattr *key_type)
{
	const unsigned char *p = key_type ? netlink_data(key_type) : NULL;

	/* the most significant byte comes first */
	return p && netlink_len(key_type) == 4 && !p[0] && !p[1] && !p[2] &&
	       (p[3] == NFT_TYPE_IPV4 || p[3] == NFT_TYPE_IPV6 ||
		p[3] == NFT_TYPE_ETHER);
}

static void add_set(const struct nlmsghdr *h, void *arg)
{
	const struct nfgenmsg *nfg = NLMSG_DATA(h);
	struct ruleset *r = arg;
	struct set *set;

	add(h, arg);
	r->sets = realloc(r->sets, (r->n_sets + 1) * sizeof(*r->sets));
	if (!r->sets)
		die("realloc: %m");
	set = &r->sets[r->n_sets++];
	set->family = nfg->nfgen_family;
	set->address =
		is_address(netlink_find(h, sizeof(*nfg), NFTA_SET_KEY_TYPE));
	snprintf(set->table, sizeof(set->table), "%s",
		 text_at(h, NFTA_SET_TABLE));
	snprintf(set->name, sizeof(set->name), "%s", text_at(h, NFTA_SET_NAME));
}

static void attr_key(struct text *t, const char *name, const struct nlattr *a,
		     void *arg)
{
	const struct nlattr *value = netlink_find_in(a, NFTA_DATA_VALUE);
	const struct ruleset *r = arg;

	text_add(t, " %s ", name);
	if (value && r->set->address)
		text_add_addr(t, netlink_data(value), netlink_len(value));
	else if (value)
		text_add_data(t, netlink_data(value), netlink_len(value));
	else
		text_add_data(t, netlink_data(a), netlink_len(a));
}

static void attr_element(struct text *t, const char *name,
			 const struct nlattr *a, void *arg)
{
	static const struct rule rules[] = {
		{ "key", NFTA_SET_ELEM_KEY, attr_key },
		{ "to", NFTA_SET_ELEM_KEY_END, attr_key },
		{ "data", NFTA_SET_ELEM_DATA, attr_value },
		{ "flags", NFTA_SET_ELEM_FLAGS, attr_big },
		{ "timeout", NFTA_SET_ELEM_TIMEOUT, attr_big },
		{ "object", NFTA_SET_ELEM_OBJREF, attr_data },
		{ "", NFTA_SET_ELEM_EXPR, attr_expr },
		{ "", NFTA_SET_ELEM_EXPRESSIONS, attr_exprs },
		{ "userdata", NFTA_SET_ELEM_USERDATA, attr_userdata },
		{ "expires", NFTA_SET_ELEM_EXPIRATION, attr_skip },
		{ 0 },
	};
	struct ruleset *r = arg;

	text_clear(t);
	attr_nest(t, name, a, rules, arg);
	lines_add(r->dump->ret, "%s nft: element %s %s %s:%s",
		  r->dump->view->name, nft_family(r->set->family),
		  r->set->table, r->set->name, t->buf);
}

/* Their order says nothing: a line each. */
static void add_elements(const struct nlmsghdr *h, void *arg)
{
	static const struct rule rules[] = {
		{ "", NFTA_LIST_ELEM, attr_element },
		{ 0 },
	};
	const struct nlattr *a = netlink_find(h, sizeof(struct nfgenmsg),
					      NFTA_SET_ELEM_LIST_ELEMENTS);
	struct ruleset *r = arg;

	if (a)
		attr_nest(&r->dump->text, "", a, rules, r);
}

static size_t put(char *buf, size_t at, unsigned type, const char *text)
{
	struct nlattr a = { (uint16_t)(NLA_HDRLEN + strlen(text) + 1),
			    (uint16_t)type };

	memcpy(buf + at, &a, sizeof(a));
	memcpy(buf + at + NLA_HDRLEN, text, strlen(text) + 1);
	return at + NLA_ALIGN(a.nla_len);
}

static void dump_elements(struct ruleset *r)
{
	const struct nfgenmsg nfg = { .nfgen_family = r->set->family,
				      .version = NFNETLINK_V0 };
	char request[3 * NFT_NAME_MAXLEN] = "";
	size_t len = sizeof(nfg);

	memcpy(request, &nfg, sizeof(nfg));
	len = put(request, len, NFTA_SET_ELEM_LIST_TABLE, r->set->table);
	len = put(request, len, NFTA_SET_ELEM_LIST_SET, r->set->name);
	netlink_dump(r->dump->view->nft,
		     NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, request,
		     len, add_elements, r);
}

void snapshot_nft(struct dump *d)
{
	static const struct kind kinds[] = {
		{ "table", NFT_MSG_GETTABLE, NFTA_TABLE_NAME, 0, table_rules },
		{ "chain", NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME,
		  chain_rules },
		{ "rule", NFT_MSG_GETRULE, NFTA_RULE_TABLE, NFTA_RULE_CHAIN,
		  rule_rules },
		{ "object", NFT_MSG_GETOBJ, NFTA_OBJ_TABLE, NFTA_OBJ_NAME,
		  obj_rules },
		{ "flowtable", NFT_MSG_GETFLOWTABLE, NFTA_FLOWTABLE_TABLE,
		  NFTA_FLOWTABLE_NAME, flowtable_rules },
	};
	static const struct kind sets = { "set", NFT_MSG_GETSET, NFTA_SET_TABLE,
					  NFTA_SET_NAME, set_rules };
	struct ruleset r = { .dump = d };

	if (d->view->nft < 0)
		return;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		dump(&r, &kinds[i], add);
	dump(&r, &sets, add_set);
	for (size_t i = 0; i < r.n_sets; i++) {
		r.set = &r.sets[i];
		dump_elements(&r);
	}
	free(r.sets);
}
