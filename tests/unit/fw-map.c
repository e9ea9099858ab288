// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-map.c - maps and rules of NAT, as nft sees them; sets that have texts */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw-test.h"
#include "fw/expr.h"
#include "fw/sock.h"

static const struct fw_set ports = {
	.family = NFPROTO_INET,
	.table = "t",
	.name = "ports",
	.part = { FW_TYPE_PROTO, FW_TYPE_PORT },
	.data = { FW_TYPE_IP4, FW_TYPE_PORT },
	.comment = "a map",
};
static const struct fw_set ports6 = {
	.family = NFPROTO_INET,
	.table = "t",
	.name = "ports6",
	.part = { FW_TYPE_IP6, FW_TYPE_PROTO, FW_TYPE_PORT },
	.data = { FW_TYPE_IP6, FW_TYPE_PORT },
	.note = "nobody sees this",
};
static const struct fw_set none = { .family = NFPROTO_INET,
				    .table = "t",
				    .name = "none",
				    .part = { FW_TYPE_PORT } };

static int plan_maps(struct fw *fw, void *arg)
{
	(void)arg;
	fw_add_table(fw, NFPROTO_INET, "t", NULL);
	fw_add_new_set(fw, &ports);
	fw_add_new_set(fw, &ports6);
	return 0;
}

/* tcp port: 10.9.0.2 and that port */
static struct fw_elem port_of(uint16_t port)
{
	const uint8_t tcp = 6, ip[4] = { 10, 9, 0, 2 };
	uint16_t be = htons(port);
	struct fw_elem e = { .comment = "a port" };

	fw_elem_put(&e, &tcp, &tcp, 1);
	fw_elem_put(&e, &be, &be, 2);
	fw_elem_put_data(&e, ip, 4);
	fw_elem_put_data(&e, &be, 2);
	return e;
}

/* --- rules ------------------------------------------------------------------
 */

static const struct fw_chain nat = { NFPROTO_INET, "t", "nat" };

#define RULES                                                                  \
	"\t\tmeta nfproto ipv4 dnat ip to meta l4proto . th dport map "        \
	"@ports\n"                                                             \
	"\t\tdnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6\n"    \
	"\t\tfib daddr type local iifname != \"lo\" "                          \
	"ip saddr 127.0.0.0/8 drop\n"

static void begin_rule(struct fw *fw, int i)
{
	static const enum fw_field field[] = { FW_DADDR, FW_L4PROTO, FW_DPORT };
	static const struct ip_net lo = { { AF_INET, { 127 } }, 8 };

	fw_rule_begin(fw, &nat);
	fw_expr_nfproto(fw, i == 1 ? AF_INET6 : AF_INET);
	if (i == 0) {
		fw_expr_dnat_map(fw, &ports, field + 1);
	} else if (i == 1) {
		fw_expr_dnat_map(fw, &ports6, field);
	} else {
		fw_expr_to_local(fw);
		fw_expr_not_from_lo(fw);
		fw_expr_saddr(fw, &lo);
		fw_expr_verdict(fw, NF_DROP);
	}
}

static int plan_rules(struct fw *fw, void *arg)
{
	static const struct fw_hook hook = { "nat", NF_INET_PRE_ROUTING, -90 };

	(void)arg;
	fw_add_chain(fw, &nat, &hook);
	for (int i = 0; i < 3; i++) {
		begin_rule(fw, i);
		fw_rule_end(fw);
	}
	return 0;
}

struct seen {
	struct fw *fw;
	int n, same;
};

static int see_rule(const struct fw_rule *rule, void *arg)
{
	struct seen *s = arg;

	begin_rule(s->fw, s->n++);
	s->same += fw_rule_is(s->fw, rule);
	return 0;
}

static int look_rules(struct fw *fw, void *arg)
{
	struct seen *s = arg;

	*s = (struct seen){ .fw = fw };
	return fw_rules(fw, &nat, see_rule, s);
}

#define MAPS                                                                   \
	"table inet t {\n"                                                     \
	"\tmap ports {\n"                                                      \
	"\t\ttype inet_proto . inet_service : ipv4_addr . inet_service\n"      \
	"\t\tcomment \"a map\"\n"                                              \
	"\t\telements = { tcp . 80 comment \"a port\" : 10.9.0.2 . 80 }\n"     \
	"\t}\n\n"                                                              \
	"\tmap ports6 {\n"                                                     \
	"\t\ttype ipv6_addr . inet_proto . inet_service : ipv6_addr . "        \
	"inet_service\n"                                                       \
	"\t}\n\n"                                                              \
	"\tchain nat {\n"                                                      \
	"\t\ttype nat hook prerouting priority dstnat + 10; policy accept;\n"

static int plan_add(struct fw *fw, void *arg)
{
	fw_add_elem(fw, &ports, arg);
	return 0;
}

static void nft_shows_maps_and_rules_of_nat(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_elem e = port_of(80), have;
	struct seen s;

	EQ_INT(fw_change(fw, plan_maps, NULL), 0);
	EQ_INT(fw_change(fw, plan_rules, NULL), 0);
	EQ_INT(fw_change_any(fw, plan_add, &e), 0);
	EQ_STR(sh("nft list table inet t"), MAPS RULES "\t}\n}");
	EQ_INT(fw_elem_get(fw, &ports, &e, &have), 1);
	OK(fw_elem_same(&have, &e));
	/* the same key with other data is there already, and another one */
	have.data[3]++;
	OK(!fw_elem_same(&have, &e));
	EQ_INT(fw_change_any(fw, plan_add, &have), -EEXIST);
	EQ_INT(fw_look(fw, look_rules, &s), 0);
	EQ_INT(s.n, 3);
	EQ_INT(s.same, 3);
}

/* --- sets -------------------------------------------------------------------
 */

struct sets_seen {
	struct fw_set_seen v[4];
	int n;
};

static int see_set(const struct fw_set_seen *set, void *arg)
{
	struct sets_seen *s = arg;

	s->v[s->n++] = *set;
	return s->n == 4 ? -ECANCELED : 0;
}

static int plan_del_set(struct fw *fw, void *arg)
{
	fw_del_set(fw, arg);
	return 0;
}

static void sets_and_their_texts_are_read_back(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct sets_seen s = { .n = 0 };
	struct fw_set_seen one;

	EQ_INT(fw_sets(fw, NFPROTO_INET, "t", see_set, &s), 0);
	EQ_INT(s.n, 0);
	EQ_INT(fw_change(fw, plan_maps, NULL), 0);
	EQ_INT(fw_change(fw, plan_maps, NULL), -EEXIST);
	EQ_INT(fw_sets(fw, NFPROTO_INET, "t", see_set, &s), 0);
	EQ_INT(s.n, 2);
	EQ_STR(s.v[0].name, "ports");
	EQ_STR(s.v[0].comment, "a map");
	EQ_STR(s.v[0].note, "");
	EQ_STR(s.v[1].comment, "");
	EQ_STR(s.v[1].note, "nobody sees this");
	EQ_INT(fw_set_get(fw, &ports6, &one), 1);
	EQ_STR(one.note, "nobody sees this");
	EQ_INT(fw_set_get(fw, &none, &one), 0);
	EQ_INT(fw_change(fw, plan_del_set, (void *)&ports6), 0);
	EQ_INT(fw_set_get(fw, &ports6, &one), 0);
	EQ_INT(fw_change(fw, plan_del_set, (void *)&ports6), -ENOENT);
}

/* --- many elements ----------------------------------------------------------
 */

static int plan_many(struct fw *fw, void *arg)
{
	const int *n = arg;

	for (int i = 0; i < *n; i++) {
		struct fw_elem e = port_of((uint16_t)(1 + i));

		fw_add_elem(fw, &ports, &e);
	}
	return 0;
}

static int plan_none(struct fw *fw, void *arg)
{
	const int *n = arg;

	for (int i = 0; i < *n; i++) {
		struct fw_elem e = port_of((uint16_t)(1 + i));

		fw_del_elem(fw, &ports, &e);
	}
	return 0;
}

static int count(const struct fw_elem *e, void *arg)
{
	EQ_INT(e->data_len, 8);
	++*(int *)arg;
	return 0;
}

static void many_elements_share_messages(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int n = 1000, seen = 0;

	EQ_INT(fw_change(fw, plan_maps, NULL), 0);
	EQ_INT(fw_change_any(fw, plan_many, &n), 0);
	OK(fw->batch.n < 60);
	EQ_INT(fw_elems(fw, &ports, count, &seen), 0);
	EQ_INT(seen, n);
	/* one that is not as the others, and all are refused */
	n++;
	EQ_INT(fw_change_any(fw, plan_many, &n), -EEXIST);
	EQ_INT(fw_change_any(fw, plan_none, &n), -ENOENT);
	n--;
	EQ_INT(fw_change_any(fw, plan_none, &n), 0);
	seen = 0;
	EQ_INT(fw_elems(fw, &ports, count, &seen), 0);
	EQ_INT(seen, 0);
}

TAP_MAIN(TEST(nft_shows_maps_and_rules_of_nat),
	 TEST(sets_and_their_texts_are_read_back),
	 TEST(many_elements_share_messages))
