// SPDX-License-Identifier: GPL-2.0-or-later
/* masq.c - masquerade of a network: one rule for each subnet, none a pod */
#include "fw/masq.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "fw/masq-rule.h"
#include "base/names.h"

#define MASQ_MAX 64

/* a rule of a subnet that is everything could never match */
static bool is_needed(const struct fw_masq *m)
{
	return m->subnet.plen > 0;
}

struct masq {
	const struct fw_masq *m;
	size_t n;
	uint64_t seen; /* bit i: m[i] is there, or has no rule */
};

/* Which of them it is, as in seen. */
static uint64_t which(const struct masq *masq, const struct fw_rule *rule)
{
	char comment[CNI_COMMENT_LEN];
	uint64_t bits = 0;

	for (size_t i = 0; i < masq->n; i++) {
		const struct fw_masq *m = &masq->m[i];

		if (!masq_is_rule(rule, m->iif, &m->subnet))
			continue;
		masq_comment(m, comment);
		if (strcmp(rule->comment, comment) == 0)
			bits |= (uint64_t)1 << i;
	}
	return bits;
}

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct masq *masq = arg;

	masq->seen |= which(masq, rule);
	return 0;
}

/* Returns 1 if all rules are there, else 0, or -errno. */
static int look(struct fw *fw, void *arg)
{
	struct masq *masq = arg;
	int r;

	masq->seen = 0;
	for (size_t i = 0; i < masq->n; i++)
		if (!is_needed(&masq->m[i]))
			masq->seen |= (uint64_t)1 << i;
	r = fw_rules(fw, &masq_chain, see_rule, masq);
	if (r < 0)
		return r;
	for (size_t i = 0; i < masq->n; i++)
		if (!(masq->seen & (uint64_t)1 << i))
			return 0;
	return 1;
}

/* --- removing --------------------------------------------------------------
 *
 * The rules asked for, and since there is a commit anyway, those of any
 * network whose interface is gone. Not those of attachments, which their DEL
 * removes: put back, they would outlive it.
 */
struct sweep {
	bool (*chosen)(const struct fw_rule *rule, void *arg); /* or NULL */
	void *arg;
	const char *network; /* comment of rules that are asked for if gone */
	const struct masq *wanted; /* those never; or NULL */
	int n_asked, n_kept;	   /* rules that go by request, and that stay */
	struct fw_rule *gone;	   /* owned: those whose interface is gone */
	size_t n_gone;
	struct fw *fw;
};

/* To look takes a descriptor: without one, it is not known to be gone. */
static bool is_gone(const char *iif)
{
	return if_nametoindex(iif) == 0 && errno == ENODEV;
}

static bool is_dead(const struct fw_rule *rule)
{
	return strncmp(rule->comment, "cni:", 4) == 0 &&
	       !strchr(rule->comment + 4, ':') && rule->iifname[0] &&
	       rule->saddr.addr.family &&
	       masq_is_rule(rule, rule->iifname, &rule->saddr) &&
	       is_gone(rule->iifname);
}

static bool is_chosen(const struct sweep *s, const struct fw_rule *rule)
{
	return s->chosen && s->chosen(rule, s->arg);
}

static bool is_asked_for(const struct sweep *s, const struct fw_rule *rule)
{
	return s->network && strcmp(rule->comment, s->network) == 0;
}

static int note_gone(struct sweep *s, const struct fw_rule *rule)
{
	struct fw_rule *gone =
		realloc(s->gone, (s->n_gone + 1) * sizeof(*gone));

	if (!gone)
		return -ENOMEM;
	s->gone = gone;
	gone[s->n_gone++] = *rule;
	return 0;
}

static int sweep_rule(const struct fw_rule *rule, void *arg)
{
	struct sweep *s = arg;
	bool chosen = is_chosen(s, rule);
	int r = 0;

	if (!chosen &&
	    (!is_dead(rule) || (s->wanted && which(s->wanted, rule)))) {
		s->n_kept++;
		return 0;
	}
	if (!chosen)
		r = note_gone(s, rule);
	fw_del_rule(s->fw, &masq_chain, rule->handle);
	s->n_asked += chosen || is_asked_for(s, rule);
	return r;
}

/* First in a plan: it may be the second try, and the first was refused. */
static void start_sweep(struct fw *fw, struct sweep *s)
{
	s->fw = fw;
	s->n_asked = s->n_kept = 0;
	s->n_gone = 0;
}

static int sweep(struct fw *fw, struct sweep *s)
{
	s->n_asked = 0; /* counted before, maybe */
	return fw_rules(fw, &masq_chain, sweep_rule, s);
}

/* Forgets those of which there is one again. */
static int see_restored(const struct fw_rule *rule, void *arg)
{
	struct sweep *s = arg;

	for (size_t i = 0; i < s->n_gone; i++)
		if (strcmp(rule->comment, s->gone[i].comment) == 0 &&
		    masq_is_rule(rule, s->gone[i].iifname, &s->gone[i].saddr))
			s->gone[i].masquerade = false;
	return 0;
}

static int plan_restore(struct fw *fw, void *arg)
{
	struct sweep *s = arg;
	int r = fw_rules(fw, &masq_chain, see_restored, s), n = 0;

	for (size_t i = 0; i < s->n_gone && r == 0; i++) {
		const struct fw_rule *g = &s->gone[i];

		if (!g->masquerade || is_gone(g->iifname))
			continue;
		if (n++ == 0)
			masq_add_chain(fw);
		masq_add_rule(fw, g->iifname, &g->saddr, g->comment);
	}
	return r < 0 ? r : n;
}

/*
 * An interface may have been made again after it was looked for, by somebody
 * whose ADD then found the rule. So it is looked for once more when the rule
 * is gone: an ADD that comes later finds that there is none. Returns r, what
 * the commit of the sweep returned, or -errno.
 */
static int restore(struct fw *fw, struct sweep *s, int r)
{
	bool back = false;
	int restored = 0;

	for (size_t i = 0; i < s->n_gone && r >= 0; i++)
		back |= !is_gone(s->gone[i].iifname);
	if (back)
		restored = fw_change(fw, plan_restore, s);
	free(s->gone);
	return r >= 0 && restored < 0 ? restored : r;
}

static int count_asked(const struct fw_rule *rule, void *arg)
{
	struct sweep *s = arg;

	s->n_asked +=
		is_chosen(s, rule) || (is_asked_for(s, rule) && is_dead(rule));
	return 0;
}

/* If anything is asked for. Takes the table along if nothing else is in it. */
static int plan_removal(struct fw *fw, void *arg)
{
	struct sweep *s = arg;
	int r;

	start_sweep(fw, s);
	r = fw_rules(fw, &masq_chain, count_asked, s);
	if (r < 0 || s->n_asked == 0)
		return r;
	r = sweep(fw, s);
	if (r == 0 && s->n_kept == 0) {
		r = fw_table_use(fw, masq_chain.family, masq_chain.table);
		if (r == 1)
			fw_del_table(fw, masq_chain.family, masq_chain.table);
	}
	return r < 0 ? r : s->n_asked;
}

static int remove_rules(struct fw *fw, struct sweep *s)
{
	return restore(fw, s, fw_change(fw, plan_removal, s));
}

static bool has_comment(const struct fw_rule *rule, void *arg)
{
	return strcmp(rule->comment, arg) == 0;
}

int fw_masq_del_owned(struct fw *fw, const struct cni_attachment *owner)
{
	char comment[CNI_COMMENT_LEN];
	struct sweep s = { .chosen = has_comment, .arg = comment };

	cni_owner(owner, comment, sizeof(comment));
	return remove_rules(fw, &s);
}

struct end {
	char comment[CNI_COMMENT_LEN];
	const char *const *iif;
	size_t n;
};

/* <iif> or <iif>.<VLAN> */
static bool is_of(const char *name, const char *iif)
{
	size_t n = strlen(iif);

	if (n == 0 || strncmp(name, iif, n) != 0)
		return false;
	return !name[n] || (name[n] == '.' && name[n + 1] &&
			    !name[n + 1 + strspn(name + n + 1, "0123456789")]);
}

static bool is_to_end(const struct fw_rule *rule, void *arg)
{
	const struct end *end = arg;

	for (size_t i = 0; i < end->n; i++)
		if (is_of(rule->iifname, end->iif[i]))
			return strcmp(rule->comment, end->comment) == 0;
	return false;
}

int fw_masq_end(struct fw *fw, const char *network, const char *const *iif,
		size_t n)
{
	struct end end = { .iif = iif, .n = n };
	struct sweep s = { .chosen = is_to_end, .arg = &end };

	masq_network_comment(network, end.comment);
	return remove_rules(fw, &s);
}

struct gc {
	const char *network;
	struct names *valid; /* owner texts */
};

static bool is_garbage(const struct fw_rule *rule, void *arg)
{
	struct gc *gc = arg;

	return cni_owner_in_network(rule->comment, gc->network) &&
	       !names_has(gc->valid, rule->comment);
}

int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n)
{
	AUTO(names) struct names names = { 0 };
	struct gc gc = { .network = network, .valid = &names };
	char comment[CNI_COMMENT_LEN];
	struct sweep s = { .chosen = is_garbage,
			   .arg = &gc,
			   .network = comment };
	int r = names_add_owners(&names, network, valid, n);

	masq_network_comment(network, comment);
	return r < 0 ? r : remove_rules(fw, &s);
}

/* --- making ----------------------------------------------------------------
 */
static int check(const struct fw_masq *m, size_t n)
{
	if (n > MASQ_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		const struct ip_net *net = &m[i].subnet;

		if (!m[i].iif[0] || strlen(m[i].iif) >= IFNAMSIZ ||
		    ip_bits(net->addr.family) == 0 ||
		    net->plen > ip_bits(net->addr.family) ||
		    (masq_is_single(net) && !m[i].owner))
			return -EINVAL;
	}
	return 0;
}

int fw_masq_has(struct fw *fw, const struct fw_masq *m, size_t n)
{
	struct masq masq = { .m = m, .n = n };
	int r = check(m, n);

	return r < 0 ? r : fw_look(fw, look, &masq);
}

static bool is_repeated(const struct fw_masq *m, size_t i, const char *comment)
{
	char other[CNI_COMMENT_LEN];

	for (size_t j = 0; j < i; j++) {
		if (strcmp(m[i].iif, m[j].iif) != 0 ||
		    !masq_same_subnet(&m[i].subnet, &m[j].subnet))
			continue;
		masq_comment(&m[j], other);
		if (strcmp(comment, other) == 0)
			return true;
	}
	return false;
}

struct ensure {
	struct masq masq;
	struct sweep sweep;
};

static int plan_ensure(struct fw *fw, void *arg)
{
	struct ensure *e = arg;
	struct masq *masq = &e->masq;
	char comment[CNI_COMMENT_LEN];
	int r;

	start_sweep(fw, &e->sweep);
	e->sweep.wanted = masq;
	r = look(fw, masq);
	if (r != 0)
		return r < 0 ? r : 0;
	r = sweep(fw, &e->sweep);
	if (r < 0)
		return r;
	masq_add_chain(fw);
	for (size_t i = 0; i < masq->n; i++) {
		const struct fw_masq *m = &masq->m[i];

		masq_comment(m, comment);
		if (!(masq->seen & (uint64_t)1 << i) &&
		    !is_repeated(masq->m, i, comment))
			masq_add_rule(fw, m->iif, &m->subnet, comment);
	}
	return 1;
}

int fw_masq_ensure(struct fw *fw, const struct fw_masq *m, size_t n)
{
	struct ensure e = { .masq = { .m = m, .n = n } };
	int r = check(m, n);

	return r < 0 ? r
		     : restore(fw, &e.sweep, fw_change(fw, plan_ensure, &e));
}
