// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-set.c - sets and elements, as nft sees them; a rule found again */
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw-test.h"
#include "fw/expr.h"

static const struct fw_set pods = { .family = NFPROTO_INET,
				    .table = "t",
				    .name = "pods",
				    .part = { FW_TYPE_IFNAME, FW_TYPE_IP4 } };
static const struct fw_set pods6 = { .family = NFPROTO_INET,
				     .table = "t",
				     .name = "pods6",
				     .part = { FW_TYPE_IFNAME, FW_TYPE_IP6 } };
static const struct fw_set nets = {
	.family = NFPROTO_INET,
	.table = "t",
	.name = "nets",
	.part = { FW_TYPE_IFNAME, FW_TYPE_IP4, FW_TYPE_IP4 },
	.interval = true,
};
static const struct fw_set one = { .family = NFPROTO_INET,
				   .table = "t",
				   .name = "one",
				   .part = { FW_TYPE_IP4 } };

static int plan_sets(struct fw *fw, void *arg)
{
	(void)arg;
	fw_add_table(fw, NFPROTO_INET, "t", NULL);
	fw_add_set(fw, &pods);
	fw_add_set(fw, &pods6);
	fw_add_set(fw, &nets);
	fw_add_set(fw, &one);
	return 0;
}

static struct fw *with_sets(void)
{
	struct fw *fw = fresh();

	EQ_INT(fw_change(fw, plan_sets, NULL), 0);
	return fw;
}

/* 10.9.0.<last> at br0 */
static struct fw_elem pod(uint8_t last, const char *comment)
{
	const uint8_t ip[4] = { 10, 9, 0, last };
	struct fw_elem e = { 0 };

	fw_elem_put_ifname(&e, "br0");
	fw_elem_put(&e, ip, ip, 4);
	snprintf(e.comment, sizeof(e.comment), "%s", comment);
	return e;
}

/* and 10.9.0.<from> to 10.9.0.<to> */
static struct fw_elem net(uint8_t last, uint8_t from, uint8_t to)
{
	const uint8_t first[4] = { 10, 9, 0, from }, end[4] = { 10, 9, 0, to };
	struct fw_elem e = pod(last, "a net");

	fw_elem_put(&e, first, end, 4);
	return e;
}

struct step {
	void (*fn)(struct fw *, const struct fw_set *, const struct fw_elem *);
	const struct fw_set *set;
	struct fw_elem e;
};

static int plan_step(struct fw *fw, void *arg)
{
	const struct step *s = arg;

	s->fn(fw, s->set, &s->e);
	return 0;
}

static int add(struct fw *fw, const struct fw_set *set, struct fw_elem e)
{
	struct step s = { fw_add_elem, set, e };

	return fw_change_any(fw, plan_step, &s);
}

static int del(struct fw *fw, const struct fw_set *set, struct fw_elem e)
{
	struct step s = { fw_del_elem, set, e };

	return fw_change(fw, plan_step, &s);
}

#define SETS                                                                   \
	"table inet t {\n"                                                     \
	"\tset pods {\n"                                                       \
	"\t\ttype ifname . ipv4_addr\n"                                        \
	"\t\telements = { \"br0\" . 10.9.0.2 comment \"a pod\" }\n"            \
	"\t}\n\n"                                                              \
	"\tset pods6 {\n"                                                      \
	"\t\ttype ifname . ipv6_addr\n"                                        \
	"\t\telements = { \"br0\" . fd09::2 }\n"                               \
	"\t}\n\n"                                                              \
	"\tset nets {\n"                                                       \
	"\t\ttype ifname . ipv4_addr . ipv4_addr\n"                            \
	"\t\tflags interval\n"                                                 \
	"\t\telements = { \"br0\" . 10.9.0.2 . 10.9.0.0/25 comment "           \
	"\"a net\",\n"                                                         \
	"\t\t\t     \"br0\" . 10.9.0.3 . 10.9.0.0-10.9.0.7 comment "           \
	"\"a net\" }\n"                                                        \
	"\t}\n\n"                                                              \
	"\tset one {\n"                                                        \
	"\t\ttype ipv4_addr\n"                                                 \
	"\t\telements = { 192.0.2.1 }\n"                                       \
	"\t}\n"                                                                \
	"}"

/* nft reads back what was written here, and what nft wrote is read back. */
static void nft_shows_sets_and_elements(void)
{
	AUTO(fw) struct fw *fw = with_sets();
	const uint8_t ip[4] = { 192, 0, 2, 1 };
	const uint8_t ip6[16] = { 0xfd, 9, [15] = 2 };
	struct fw_elem e = { 0 }, e6 = { 0 }, have;
	AUTO(str) char *before = NULL;

	fw_elem_put(&e, ip, ip, 4);
	fw_elem_put_ifname(&e6, "br0");
	fw_elem_put(&e6, ip6, ip6, 16);
	EQ_INT(add(fw, &pods, pod(2, "a pod")), 0);
	EQ_INT(add(fw, &pods6, e6), 0);
	EQ_INT(add(fw, &nets, net(2, 0, 127)), 0);
	EQ_INT(add(fw, &nets, net(3, 0, 7)), 0);
	EQ_INT(add(fw, &one, e), 0);
	before = ruleset();
	OK(strstr(before, "10.9.0.0/29"));
	/* the sets as they are stay */
	EQ_INT(fw_change(fw, plan_sets, NULL), 0);
	sh("nft list ruleset >/tmp/fw-set.$PPID; nft flush ruleset;"
	   " nft -f /tmp/fw-set.$PPID; rm /tmp/fw-set.$PPID");
	EQ_STR(sh("nft list ruleset"), before);
	EQ_INT(fw_elem_get(fw, &nets, &(struct fw_elem){ 0 }, &have), -EINVAL);
	EQ_INT(fw_elem_get(fw, &pods6, &e6, &have), 1);
	OK(fw_elem_same(&have, &e6));
	EQ_INT(del(fw, &one, e), 0);
	EQ_INT(del(fw, &nets, net(3, 0, 7)), 0);
	EQ_INT(fw_elem_get(fw, &one, &e, &have), 0);
}

static void an_element_is_found_by_a_key_in_it(void)
{
	AUTO(fw) struct fw *fw = with_sets();
	struct fw_elem e = net(2, 16, 31), have;

	EQ_INT(add(fw, &pods, pod(2, "a pod")), 0);
	EQ_INT(add(fw, &nets, e), 0);
	for (int i = 0; i < 256; i++) {
		struct fw_elem at = net(2, (uint8_t)i, (uint8_t)i);

		EQ_INT(fw_elem_get(fw, &nets, &at, &have), i / 16 == 1);
		EQ_INT(fw_elem_same(&have, &e), i / 16 == 1);
		at = pod((uint8_t)i, "");
		EQ_INT(fw_elem_get(fw, &pods, &at, &have), i == 2);
	}
	e = pod(2, "a pod");
	EQ_INT(fw_elem_get(fw, &pods, &e, &have), 1);
	OK(fw_elem_same(&have, &e));
	e = pod(2, "another");
	OK(!fw_elem_same(&have, &e));
	e = pod(3, "a pod");
	OK(!fw_elem_same(&have, &e));
	have = net(2, 16, 31);
	e = net(2, 16, 63);
	OK(!fw_elem_same(&have, &e));
}

static void what_is_refused(void)
{
	AUTO(fw) struct fw *fw = with_sets();
	struct fw_elem have;
	uint32_t gen;

	EQ_INT(add(fw, &pods, pod(2, "a pod")), 0);
	EQ_INT(add(fw, &nets, net(2, 16, 31)), 0);
	gen = generation(fw);
	/* the same, one of another comment, and what overlaps */
	EQ_INT(add(fw, &pods, pod(2, "a pod")), -EEXIST);
	EQ_INT(add(fw, &pods, pod(2, "another")), -EEXIST);
	EQ_INT(add(fw, &nets, net(2, 16, 31)), -EEXIST);
	EQ_INT(add(fw, &nets, net(2, 16, 63)), -EEXIST);
	EQ_INT(add(fw, &nets, net(2, 16, 23)), -EEXIST);
	EQ_INT(del(fw, &pods, pod(3, "")), -ENOENT);
	EQ_INT(generation(fw), gen);
	sh("nft delete table inet t");
	have = pod(2, "");
	EQ_INT(add(fw, &pods, have), -ENOENT);
	EQ_INT(fw_elem_get(fw, &pods, &have, &have), 0);
}

struct seen {
	bool pod[256];
	int n, stop;
};

static int see(const struct fw_elem *e, void *arg)
{
	struct seen *s = arg;

	s->pod[e->key[19]] = strcmp(e->comment, "of a name to fill a datagram"
						" with few of them") == 0;
	s->n++;
	return s->n == s->stop ? -ECANCELED : 0;
}

/* more than one datagram of them */
static void all_elements_are_listed(void)
{
	AUTO(fw) struct fw *fw = with_sets();
	struct seen s = { 0 };

	EQ_INT(fw_elems(fw, &pods, see, &s), 0);
	EQ_INT(s.n, 0);
	for (int i = 0; i < 256; i++)
		EQ_INT(add(fw, &pods,
			   pod((uint8_t)i, "of a name to fill a datagram"
					   " with few of them")),
		       0);
	EQ_INT(fw_elems(fw, &pods, see, &s), 0);
	EQ_INT(s.n, 256);
	for (int i = 0; i < 256; i++)
		OK(s.pod[i]);
	s = (struct seen){ .stop = 7 };
	EQ_INT(fw_elems(fw, &pods, see, &s), -ECANCELED);
	EQ_INT(s.n, 7);
	sh("nft delete table inet t");
	EQ_INT(fw_elems(fw, &pods, see, &s), 0);
}

/* --- a rule found again ----------------------------------------------------
 */

static const struct fw_chain chain = { NFPROTO_INET, "t", "c" };

/* ip daddr 10.8.0.0/20 iifname . ip saddr . ip daddr @nets return */
static void begin(struct fw *fw)
{
	static const enum fw_field field[] = { FW_IIFNAME, FW_SADDR, FW_DADDR };
	static const struct ip_net from = { { AF_INET, { 10, 8 } }, 20 };

	fw_rule_begin(fw, &chain);
	fw_expr_nfproto(fw, AF_INET);
	fw_expr_daddr(fw, &from);
	fw_expr_in_set(fw, &nets, field);
	fw_expr_verdict(fw, NFT_RETURN);
}

static int plan_rule(struct fw *fw, void *arg)
{
	(void)arg;
	fw_add_chain(fw, &chain, NULL);
	begin(fw);
	fw_rule_end(fw);
	return 0;
}

struct compare {
	struct fw *fw;
	int n, same;
};

static int compare(const struct fw_rule *rule, void *arg)
{
	struct compare *c = arg;

	begin(c->fw);
	c->n++;
	c->same += fw_rule_is(c->fw, rule);
	return 0;
}

static int look(struct fw *fw, void *arg)
{
	struct compare *c = arg;

	*c = (struct compare){ .fw = fw };
	return fw_rules(fw, &chain, compare, c);
}

static void a_rule_is_found_again(void)
{
	static const char *const same[] = {
		"ip daddr 10.8.0.0/20 iifname . ip saddr . ip daddr @nets "
		"return",
		"counter ip daddr 10.8.0.0/20 iifname . ip saddr . ip daddr "
		"@nets counter return comment \"mine\"",
	};
	AUTO(fw) struct fw *fw = with_sets();
	struct compare c;

	EQ_INT(fw_change(fw, plan_rule, NULL), 0);
	OK(strstr(sh("nft list chain inet t c"), same[0]));
	EQ_INT(fw_look(fw, look, &c), 0);
	EQ_INT(c.same, 1);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		sh("nft 'flush chain inet t c; add rule inet t c %s'", same[i]);
		EQ_INT(fw_look(fw, look, &c), 0);
		EQ_INT(c.same, 1);
	}
}

static void other_rules_are_not_it(void)
{
#define FROM "ip daddr 10.8.0.0/20 "
#define IN "iifname . ip saddr . ip daddr @nets "
	static const char *const other[] = {
		FROM IN,
		FROM IN "accept",
		FROM IN "jump d",
		FROM "return",
		IN "return",
		"ip daddr 10.8.0.0/21 " IN "return",
		"ip daddr 10.7.0.0/20 " IN "return",
		"ip daddr != 10.8.0.0/20 " IN "return",
		"ip saddr 10.8.0.0/20 " IN "return",
		FROM "iifname . ip saddr . ip daddr != @nets return",
		FROM "iifname . ip saddr . ip daddr @nets2 return",
		FROM "iifname . ip daddr . ip saddr @nets return",
		FROM "oifname . ip saddr . ip daddr @nets return",
		FROM IN "mark 7 return",
		FROM "tcp dport 7 " IN "return",
		"return",
	};
	AUTO(fw) struct fw *fw = with_sets();

	nft("table inet t { chain c { }\nchain d { }\n set nets2 {"
	    " type ifname . ipv4_addr . ipv4_addr; flags interval; }\n}");
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		struct compare c;

		sh("nft 'flush chain inet t c; add rule inet t c %s'",
		   other[i]);
		EQ_INT(fw_look(fw, look, &c), 0);
		EQ_INT(c.n, 1);
		if (c.same) {
			OK(!"it is another one");
			printf("# %s\n", other[i]);
		}
	}
}

TAP_MAIN(TEST(nft_shows_sets_and_elements),
	 TEST(an_element_is_found_by_a_key_in_it), TEST(what_is_refused),
	 TEST(all_elements_are_listed), TEST(a_rule_is_found_again),
	 TEST(other_rules_are_not_it))
