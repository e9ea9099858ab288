// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c - exceptions in the filter tables of iptables-nft */
#include "fw/filter.h"

#include <net/if.h> /* the kernel's own does not compile before this one */
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/names.h"
#include "fw/expr.h"
#include "fw/firewall-table.h"

static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

static struct fw_chain in_filter(uint8_t family, const char *name)
{
	return (struct fw_chain){ family, "filter", name };
}

static bool is_asked_for(const struct fw_filter *f, uint8_t family)
{
	return f->admin && (family == NFPROTO_IPV4 ? f->v4 : f->v6);
}

static int has_forward(struct fw *fw, uint8_t family)
{
	struct fw_chain forward = in_filter(family, "FORWARD");

	return fw_chain_get(fw, &forward);
}

int fw_filter_there(struct fw *fw, const struct fw_filter *f)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++)
		if (is_asked_for(f, families[i]))
			r = has_forward(fw, families[i]);
	return r;
}

/* --- what is there ---------------------------------------------------------*/

/* A jump that is for every packet; a comment is none of its conditions. */
static bool is_jump(const struct fw_rule *rule)
{
	return rule->verdict == NFT_JUMP && !rule->more && !rule->iifname[0] &&
	       !rule->oifname[0] && !rule->not_oifname[0] &&
	       rule->saddr.addr.family == 0 && rule->daddr.addr.family == 0 &&
	       rule->n_not_daddr == 0 && !rule->established;
}

/* Either rule of an interface's pair. */
static void put_pair(struct fw *fw, const char *iface, bool back)
{
	fw_expr_ifname(fw, back ? FW_OIFNAME : FW_IIFNAME, iface);
	if (back)
		fw_expr_mark(fw, FW_FIREWALL_MARK);
	fw_expr_verdict(fw, NF_ACCEPT);
}

static bool is_pair(struct fw *fw, const struct fw_chain *chain,
		    const struct fw_rule *rule, const char *iface, bool back)
{
	fw_rule_begin(fw, chain);
	put_pair(fw, iface, back);
	return fw_rule_is(fw, rule);
}

struct seen {
	struct fw *fw;
	const struct fw_filter *f;
	struct fw_chain chain; /* CNI-FORWARD */
	unsigned n;	       /* rules of it, so far */
	unsigned admin, first; /* 1 and more: which one that is; 0: none */
	bool there, jump, pair[2];
};

static int see_jump(const struct fw_rule *rule, void *arg)
{
	struct seen *s = arg;

	s->jump |= is_jump(rule) && strcmp(rule->chain, FW_FILTER_CHAIN) == 0;
	return 0;
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct seen *s = arg;

	s->n++;
	if (is_jump(rule) && strcmp(rule->chain, s->f->admin) == 0 && !s->admin)
		s->admin = s->n;
	for (int back = 0; back < 2; back++) {
		if (!is_pair(s->fw, &s->chain, rule, s->f->iface, back))
			continue;
		s->pair[back] = true;
		if (!s->first)
			s->first = s->n;
	}
	return 0;
}

/* Returns 1, 0 where there is no FORWARD, or -errno. */
static int see(struct fw *fw, const struct fw_filter *f, uint8_t family,
	       struct seen *s)
{
	struct fw_chain forward = in_filter(family, "FORWARD");
	int r = fw_chain_get(fw, &forward);

	*s = (struct seen){ .fw = fw,
			    .f = f,
			    .chain = in_filter(family, FW_FILTER_CHAIN) };
	if (r <= 0)
		return r;
	r = fw_rules(fw, &forward, see_jump, s);
	if (r == 0)
		r = fw_rules(fw, &s->chain, see_rule, s);
	return r < 0 ? r : 1;
}

static bool is_admin_before(const struct seen *s)
{
	return s->admin && (!s->first || s->admin < s->first);
}

int fw_filter_look(struct fw *fw, const struct fw_filter *f)
{
	struct seen s;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int r = is_asked_for(f, families[i])
				? see(fw, f, families[i], &s)
				: 0;

		if (r < 0)
			return r;
		if (r > 0 && (!s.jump || !is_admin_before(&s) || !s.pair[0] ||
			      !s.pair[1]))
			return 0;
	}
	return 1;
}

/* --- made ------------------------------------------------------------------*/

static void add_jump(struct fw *fw, const struct fw_chain *from, const char *to)
{
	struct fw_chain chain = in_filter(from->family, to);

	fw_add_chain(fw, &chain, NULL);
	fw_rule_begin(fw, from);
	fw_expr_jump(fw, to);
	fw_rule_end_first(fw);
}

static int make(struct fw *fw, const struct fw_filter *f, uint8_t family)
{
	struct fw_chain forward = in_filter(family, "FORWARD");
	struct seen s;
	int r = see(fw, f, family, &s);

	if (r <= 0)
		return r;
	if (!s.jump)
		add_jump(fw, &forward, FW_FILTER_CHAIN);
	if (!is_admin_before(&s))
		add_jump(fw, &s.chain, f->admin);
	for (int back = 0; back < 2; back++) {
		if (s.pair[back])
			continue;
		fw_rule_begin(fw, &s.chain);
		put_pair(fw, f->iface, back);
		fw_rule_end(fw);
	}
	return 0;
}

int fw_filter_make(struct fw *fw, const struct fw_filter *f)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++)
		if (is_asked_for(f, families[i]))
			r = make(fw, f, families[i]);
	return r;
}

/* --- removed ---------------------------------------------------------------*/

struct drop {
	struct fw *fw;
	const char (*iface)[IFNAMSIZ];
	size_t n;
	struct fw_chain chain;
	unsigned found, rules, others;
	struct names admins; /* chains that ours jumps to, once for each */
	unsigned jumps;	     /* of FORWARD to ours */
	uint64_t handle;     /* of the last one */
	bool foreign;	     /* one of them, or something in it, is another's */
};

static bool is_dropped(const struct drop *d, const struct fw_rule *rule)
{
	for (size_t i = 0; i < d->n; i++)
		for (int back = 0; back < 2; back++)
			if (is_pair(d->fw, &d->chain, rule, d->iface[i], back))
				return true;
	return false;
}

static int drop_pair(const struct fw_rule *rule, void *arg)
{
	struct drop *d = arg;

	d->rules++;
	if (is_dropped(d, rule)) {
		d->found++;
		fw_del_rule(d->fw, &d->chain, rule->handle);
	} else if (is_jump(rule) && !rule->xt) {
		return names_add(&d->admins, rule->chain);
	} else {
		d->others++;
	}
	return 0;
}

static int see_made(const struct fw_rule *rule, void *arg)
{
	struct drop *d = arg;

	if (strcmp(rule->chain, FW_FILTER_CHAIN) != 0)
		return 0;
	d->jumps++;
	d->handle = rule->handle;
	d->foreign |= !is_jump(rule) || rule->xt;
	return 0;
}

/*
 * Ours with what it jumps to, if all is as it was made. Whatever else leads to
 * a chain, or is in it, is counted in its use.
 */
static int drop_chains(struct drop *d, uint8_t family)
{
	struct fw_chain forward = in_filter(family, "FORWARD");
	int r = fw_rules(d->fw, &forward, see_made, d);

	if (r == 0 && d->jumps == 1 && !d->foreign)
		r = fw_chain_use(d->fw, &d->chain);
	if (r <= 0 || (unsigned)r != d->rules + d->jumps)
		return r < 0 ? r : 0;
	fw_del_rule(d->fw, &forward, d->handle);
	fw_del_chain(d->fw, &d->chain);
	for (size_t i = 0; i < d->admins.n; i++) {
		struct fw_chain admin = in_filter(family, d->admins.v[i]);

		r = fw_chain_use(d->fw, &admin);
		if (r < 0)
			return r;
		if (r == 1)
			fw_del_chain(d->fw, &admin);
	}
	return 0;
}

int fw_filter_drop(struct fw *fw, const char (*iface)[IFNAMSIZ], size_t n)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r == 0; i++) {
		struct drop d = { .fw = fw, .iface = iface, .n = n };

		d.chain = in_filter(families[i], FW_FILTER_CHAIN);
		r = fw_rules(fw, &d.chain, drop_pair, &d);
		if (r == 0 && d.found > 0 && d.others == 0)
			r = drop_chains(&d, families[i]);
		names_done(&d.admins);
	}
	return r;
}
