// SPDX-License-Identifier: GPL-2.0-or-later
/* masq.c - masquerade of a network: one rule for each subnet, none a pod */
#include "masq.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter/nf_tables.h>

#include "batch.h"
#include "expr.h"
#include "names.h"
#include "read.h"
#include "sha512.h"

#define TABLE_COMMENT "CNI networks: masquerade what leaves a subnet"
#define MASQ_MAX 64

static const struct fw_chain chain = { NFPROTO_INET, FW_MASQ_TABLE,
				       FW_MASQ_CHAIN };

/* type nat hook postrouting priority srcnat */
static const struct fw_hook hook = { "nat", NF_INET_POST_ROUTING,
				     NF_IP_PRI_NAT_SRC };

static struct ip_net multicast(unsigned family)
{
	struct ip_net net = { .addr.family = (uint8_t)family };

	net.addr.b[0] = family == AF_INET ? 224 : 0xff;
	net.plen = family == AF_INET ? 4 : 8;
	return net;
}

static bool is_single(const struct ip_net *net)
{
	return net->plen == ip_bits(net->addr.family);
}

/* a rule of a subnet that is everything could never match */
static bool is_needed(const struct fw_masq *m)
{
	return m->subnet.plen > 0;
}

/*
 * "cni:<network>". Owner texts have more colons, and a network's name has
 * none. A name that is too long becomes its hash, as in an owner text.
 */
static void network_comment(const char *network, char buf[CNI_COMMENT_LEN])
{
	char hex[SHA512_HEXLEN];
	int n = snprintf(buf, CNI_COMMENT_LEN, "cni:%s", network);

	if (n >= 0 && n < CNI_COMMENT_LEN)
		return;
	sha512_hex(network, strlen(network), hex);
	snprintf(buf, CNI_COMMENT_LEN, "cni:#%.32s", hex);
}

static void masq_comment(const struct fw_masq *m, char buf[CNI_COMMENT_LEN])
{
	struct cni_attachment owner;

	if (!is_single(&m->subnet)) {
		network_comment(m->network, buf);
		return;
	}
	owner = *m->owner;
	owner.network = m->network;
	cni_owner(&owner, buf, CNI_COMMENT_LEN);
}

/*
 * iifname "cni0" ip saddr 10.9.0.0/24 ip daddr != 10.9.0.0/24
 *	ip daddr != 224.0.0.0/4 masquerade comment "cni:net"
 * and for an address of its own
 * iifname "cni0" ip saddr 10.9.0.5 ip daddr != 224.0.0.0/4
 *	masquerade comment "cni:net:id:eth0"
 */
static void add_rule(struct fw *fw, const struct fw_masq *m)
{
	struct ip_net mcast = multicast(m->subnet.addr.family);
	char comment[CNI_COMMENT_LEN];

	masq_comment(m, comment);
	fw_rule_begin(fw, &chain);
	fw_expr_iifname(fw, m->iif);
	fw_expr_nfproto(fw, m->subnet.addr.family);
	fw_expr_saddr(fw, &m->subnet, FW_IS);
	if (!is_single(&m->subnet))
		fw_expr_daddr(fw, &m->subnet, FW_IS_NOT);
	fw_expr_daddr(fw, &mcast, FW_IS_NOT);
	fw_expr_masquerade(fw);
	fw_rule_end(fw, comment);
}

static bool same_subnet(const struct ip_net *a, const struct ip_net *b)
{
	struct ip_addr first = ip_net_first(a), other = ip_net_first(b);

	return a->plen == b->plen && ip_cmp(&first, &other) == 0;
}

/* Whether the rule is the one that add_rule() makes. */
static bool is_rule(const struct fw_rule *rule, const struct fw_masq *m)
{
	struct ip_net mcast = multicast(m->subnet.addr.family);
	unsigned n = 0;
	char comment[CNI_COMMENT_LEN];

	if (rule->more || !rule->masquerade || rule->has_mac ||
	    rule->verdict != NFT_CONTINUE ||
	    strcmp(rule->iifname, m->iif) != 0 ||
	    !same_subnet(&rule->saddr, &m->subnet))
		return false;
	if (!is_single(&m->subnet) &&
	    (rule->n_not_daddr == 0 ||
	     !same_subnet(&rule->not_daddr[n++], &m->subnet)))
		return false;
	if (rule->n_not_daddr != n + 1 ||
	    !same_subnet(&rule->not_daddr[n], &mcast))
		return false;
	masq_comment(m, comment);
	return strcmp(rule->comment, comment) == 0;
}

struct masq {
	const struct fw_masq *m;
	size_t n;
	uint64_t seen; /* bit i: m[i] is there, or has no rule */
};

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct masq *masq = arg;

	for (size_t i = 0; i < masq->n; i++)
		if (is_rule(rule, &masq->m[i]))
			masq->seen |= (uint64_t)1 << i;
	return 0;
}

static bool is_complete(const struct masq *masq)
{
	for (size_t i = 0; i < masq->n; i++)
		if (!(masq->seen & (uint64_t)1 << i))
			return false;
	return true;
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
	r = fw_rules(fw, &chain, see_rule, masq);
	return r < 0 ? r : is_complete(masq);
}

/*
 * The rules to remove: those chosen, and since there is a commit anyway,
 * those of any network whose interface is gone.
 */
struct sweep {
	struct fw *fw;
	bool (*chosen)(const struct fw_rule *rule, void *arg);
	void *arg;
	int n, n_chosen; /* rules removed, and for what was asked */
	int kept;
};

static bool is_dead(const struct fw_rule *rule)
{
	return strncmp(rule->comment, "cni:", 4) == 0 && rule->iifname[0] &&
	       if_nametoindex(rule->iifname) == 0 && errno == ENODEV;
}

static int sweep_rule(const struct fw_rule *rule, void *arg)
{
	struct sweep *s = arg;
	bool chosen = s->chosen && s->chosen(rule, s->arg);

	if (!chosen && !is_dead(rule)) {
		s->kept++;
		return 0;
	}
	fw_del_rule(s->fw, &chain, rule->handle);
	s->n++;
	s->n_chosen += chosen;
	return 0;
}

static int check(const struct fw_masq *m, size_t n)
{
	if (n > MASQ_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		const struct ip_net *net = &m[i].subnet;

		if (!m[i].iif[0] || strlen(m[i].iif) >= IFNAMSIZ ||
		    ip_bits(net->addr.family) == 0 ||
		    net->plen > ip_bits(net->addr.family) ||
		    (is_single(net) && !m[i].owner))
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

static bool is_repeated(const struct fw_masq *m, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(m[i].network, m[j].network) == 0 &&
		    strcmp(m[i].iif, m[j].iif) == 0 &&
		    same_subnet(&m[i].subnet, &m[j].subnet))
			return true;
	return false;
}

/* Whether it is one of the rules, of those not marked as seen. */
static bool is_unseen(const struct fw_rule *rule, void *arg)
{
	const struct masq *masq = arg;

	for (size_t i = 0; i < masq->n; i++)
		if (!(masq->seen & (uint64_t)1 << i) &&
		    is_rule(rule, &masq->m[i]))
			return true;
	return false;
}

static int plan_ensure(struct fw *fw, void *arg)
{
	struct masq *masq = arg;
	struct sweep sweep = { .fw = fw, .chosen = is_unseen, .arg = masq };
	int r = look(fw, masq);

	if (r < 0)
		return r;
	/* what is there goes, and comes again */
	for (size_t i = 0; i < masq->n; i++)
		if (masq->m[i].renew && is_needed(&masq->m[i]))
			masq->seen &= ~((uint64_t)1 << i);
	if (is_complete(masq))
		return 0;
	r = fw_rules(fw, &chain, sweep_rule, &sweep);
	if (r < 0)
		return r;
	fw_add_table(fw, chain.family, chain.table, TABLE_COMMENT);
	fw_add_chain(fw, &chain, &hook, NULL);
	for (size_t i = 0; i < masq->n; i++)
		if (!(masq->seen & (uint64_t)1 << i) &&
		    !is_repeated(masq->m, i))
			add_rule(fw, &masq->m[i]);
	return 1;
}

int fw_masq_ensure(struct fw *fw, const struct fw_masq *m, size_t n)
{
	struct masq masq = { .m = m, .n = n };
	int r = check(m, n);

	return r < 0 ? r : fw_change(fw, plan_ensure, &masq);
}

/* A sweep that takes the table along if nothing else is in it. */
static int sweep(struct fw *fw, struct sweep *s)
{
	int r = fw_rules(fw, &chain, sweep_rule, s);

	if (r < 0)
		return r;
	if (s->n > 0 && s->kept == 0) {
		r = fw_table_use(fw, chain.family, chain.table);
		if (r == 1)
			fw_del_table(fw, chain.family, chain.table);
	}
	return r < 0 ? r : s->n;
}

static int count_chosen(const struct fw_rule *rule, void *arg)
{
	struct sweep *s = arg;

	s->n_chosen += s->chosen(rule, s->arg);
	return 0;
}

struct removal {
	bool (*chosen)(const struct fw_rule *rule, void *arg);
	void *arg;
};

static int plan_removal(struct fw *fw, void *arg)
{
	const struct removal *rm = arg;
	struct sweep s = { .fw = fw, .chosen = rm->chosen, .arg = rm->arg };
	int r = fw_rules(fw, &chain, count_chosen, &s);

	if (r < 0 || s.n_chosen == 0)
		return r;
	s.n_chosen = 0;
	r = sweep(fw, &s);
	return r < 0 ? r : s.n_chosen;
}

int fw_masq_del(struct fw *fw, const struct fw_masq *m, size_t n)
{
	struct masq masq = { .m = m, .n = n };
	struct removal rm = { is_unseen, &masq };
	int r = check(m, n);

	return r < 0 ? r : fw_change(fw, plan_removal, &rm);
}

static bool has_comment(const struct fw_rule *rule, void *arg)
{
	return strcmp(rule->comment, arg) == 0;
}

int fw_masq_del_owned(struct fw *fw, const struct cni_attachment *owner)
{
	char comment[CNI_COMMENT_LEN];
	struct removal rm = { has_comment, comment };

	cni_owner(owner, comment, sizeof(comment));
	return fw_change(fw, plan_removal, &rm);
}

struct gc {
	const char *network;
	char comment[CNI_COMMENT_LEN]; /* of the network's rules */
	struct fw_names *valid;	       /* owner texts */
};

static bool is_garbage(const struct fw_rule *rule, void *arg)
{
	struct gc *gc = arg;

	if (strcmp(rule->comment, gc->comment) == 0)
		return is_dead(rule);
	return cni_owner_in_network(rule->comment, gc->network) &&
	       !fw_names_has(gc->valid, rule->comment);
}

int fw_masq_gc(struct fw *fw, const char *network,
	       const struct cni_attachment *valid, size_t n)
{
	AUTO(fw_names) struct fw_names names = { 0 };
	struct gc gc = { .network = network, .valid = &names };
	struct removal rm = { is_garbage, &gc };
	int r = fw_names_add_owners(&names, network, valid, n);

	network_comment(network, gc.comment);
	return r < 0 ? r : fw_change(fw, plan_removal, &rm);
}
