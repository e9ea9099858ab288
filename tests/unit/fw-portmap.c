// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw-portmap.c - mapped ports: each allocation failing in turn, and what is
 * not as this library makes it
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fw-oom.h"
#include "fw/portmap-go.h"
#include "fw/portmap-table.h"
#include "fw/portmap.h"

#define OWNER "cni:testnet:ctr1:eth0"
#define OTHER "cni:other:ctr1:eth1" /* of the same container */

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_match from[] = {
	{ .kind = FW_MATCH_SADDR, .net = { { AF_INET, { 10 } }, 8 } },
	{ .kind = FW_MATCH_SADDR,
	  .either = true,
	  .net = { { AF_INET, { 11 } }, 8 } },
};
/* Ports that lead to 10.9.0.N and fd00::. */
#define PORTS(n)                                                               \
	{                                                                      \
		{ { AF_INET, { 0 } },                                          \
		  IPPROTO_TCP,                                                 \
		  8080,                                                        \
		  80,                                                          \
		  { AF_INET, { 10, 9, 0, n } } },                              \
			{ { AF_INET, { 127, 0, 0, 1 } },                       \
			  IPPROTO_TCP,                                         \
			  8080,                                                \
			  80,                                                  \
			  { AF_INET, { 10, 9, 0, n } } },                      \
			{ { AF_INET6, { 0 } },                                 \
			  IPPROTO_UDP,                                         \
			  53,                                                  \
			  53,                                                  \
			  { AF_INET6, { 0xfd, [15] = n } } },                  \
	}
static const struct fw_port v[] = PORTS(2), v_others[] = PORTS(3);
static const struct fw_portmap plain = { .owner = OWNER,
					 .iface = "br0",
					 .link = "veth0",
					 .v = v,
					 .n = 3,
					 .snat = true,
					 .local = true,
					 .from = { AF_INET6,
						   { 0xfd, [15] = 1 } } };

static struct fw_portmap on_conditions(void)
{
	struct fw_portmap p = plain;

	p.only[0] = from;
	p.n_only[0] = 2;
	return p;
}

/* Another attachment's of the container, which asks for the same. */
static struct fw_portmap others(void)
{
	struct fw_portmap p = on_conditions();

	p.owner = OTHER;
	p.v = v_others;
	p.from.b[15] = 9;
	return p;
}

static int add_map(struct fw *fw, const struct fw_portmap *p)
{
	struct fw_port_holder holder;

	return fw_portmap_add(fw, p, &holder);
}

/* --- steps ------------------------------------------------------------------
 */

static int add(struct fw *fw)
{
	return add_map(fw, &plain);
}

static int add_on_conditions(struct fw *fw)
{
	struct fw_portmap p = on_conditions();

	return add_map(fw, &p);
}

static int add_others(struct fw *fw)
{
	struct fw_portmap p = others();

	return add_map(fw, &p);
}

/* A third attachment of the container, which has another port. */
static const struct fw_port port_third = {
	{ AF_INET, { 0 } }, IPPROTO_TCP, 9090, 80, { AF_INET, { 10, 9, 0, 4 } }
};
static const struct fw_portmap third = { .owner = "cni:third:ctr1:eth2",
					 .iface = "br0",
					 .link = "veth0",
					 .v = &port_third,
					 .n = 1,
					 .snat = true };

static int add_third(struct fw *fw)
{
	return add_map(fw, &third);
}

static int has(struct fw *fw)
{
	size_t missing;

	return fw_portmap_has(fw, &plain, &missing);
}

static int has_others(struct fw *fw)
{
	struct fw_portmap p = others();
	size_t missing;

	return fw_portmap_has(fw, &p, &missing);
}

static int del_of(struct fw *fw, const char *owner)
{
	AUTO(portmap_gone) struct fw_portmap_gone gone = { 0 };

	return fw_portmap_del(fw, owner, &gone);
}

static int del(struct fw *fw)
{
	return del_of(fw, OWNER);
}

static int del_others(struct fw *fw)
{
	return del_of(fw, OTHER);
}

static int count_dead(const char *owner, void *arg)
{
	(void)arg;
	EQ_STR(owner, OWNER);
	return 7;
}

static int dead(struct fw *fw)
{
	return fw_portmap_dead(fw, "testnet", NULL, 0, count_dead, NULL);
}

static int needs_local(struct fw *fw)
{
	return fw_portmap_needs_local(fw, "br0");
}

static int go_has(struct fw *fw)
{
	return fw_portmap_go_has(fw, &att);
}

static int go_del(struct fw *fw)
{
	return fw_portmap_go_del(fw, &att);
}

static int go_gc(struct fw *fw)
{
	return fw_portmap_go_gc(fw, "testnet", NULL, 0);
}

static void load(int (*fn)(struct fw *fw))
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fn(fw), 0);
}

static void load_nothing(void)
{
}

static void load_plain(void)
{
	load(add);
}

static void load_on_conditions(void)
{
	load(add_on_conditions);
}

static void load_both(void)
{
	load(add);
	load(add_others);
}

static void load_flushed(void)
{
	load(add_on_conditions);
	nft("flush table inet cni_portmap; flush map inet cni_portmap "
	    "if-ports4");
}

static void load_no_rules(void)
{
	load(add_third);
	nft("flush table inet cni_portmap");
}

static void load_go(void)
{
	sh("t='iptables-nft -t nat'\n"
	   "C=CNI-DN-$(printf testnetctr1 | sha512sum | cut -c 1-21)\n"
	   "$t -N CNI-HOSTPORT-DNAT; $t -N $C\n"
	   "$t -A $C -p tcp --dport 8080 -j DNAT --to-destination 10.9.0.2:80\n"
	   "$t -A CNI-HOSTPORT-DNAT -m comment --comment "
	   "'dnat name: \"testnet\" id: \"ctr1\"' -j $C");
}

static const struct oom_step step[] = {
	{ "add, new", load_nothing, add, 0 },
	{ "add, on conditions", load_nothing, add_on_conditions, 0 },
	{ "add, no rules", load_no_rules, add_on_conditions, 0 },
	{ "add, conditions of both", load_on_conditions, add_others, 0 },
	{ "add, what another has", load_plain, add_others, 0 },
	{ "has", load_plain, has, 1 },
	{ "has, what another has", load_both, has_others, 1 },
	{ "del", load_plain, del, 1 },
	{ "del, on conditions", load_on_conditions, del, 1 },
	{ "del, to another", load_both, del, 1 },
	{ "del, who waits", load_both, del_others, 1 },
	{ "del, some is gone", load_flushed, del, 1 },
	{ "dead", load_plain, dead, 7 },
	{ "needs_local", load_plain, needs_local, 1 },
	{ "go_has", load_go, go_has, 1 },
	{ "go_del", load_go, go_del, 1 },
	{ "go_gc", load_go, go_gc, 1 },
};

static void lack_of_memory_changes_nothing(void)
{
	oom_sweep(step, ARRAY_SIZE(step));
}

/* --- what is not as it is made here -----------------------------------------
 */

static void notes_are_read_whatever_they_are(void)
{
	struct portmap_note note = { .iface = "br0",
				     .link = "veth0",
				     .snat = true,
				     .waits = true,
				     .lo6 = true,
				     .only = { "", "0123456789abcdef0123456789a"
						   "bcdef" } };
	struct portmap_note back;
	char text[FW_SET_TEXT], longest[300];

	portmap_note_print(&note, text);
	EQ_STR(text, "br0 veth0 sw6 - 0123456789abcdef0123456789abcdef");
	portmap_note_parse(text, &back);
	portmap_note_print(&back, longest);
	EQ_STR(longest, text);
	/* as it was before there were conditions */
	portmap_note_parse("br0 - s", &back);
	EQ_STR(back.iface, "br0");
	EQ_STR(back.link, "");
	EQ_STR(back.only[0], "");
	OK(back.snat && !back.local && !back.snat_all);
	portmap_note_parse("", &back);
	EQ_STR(back.iface, "");
	OK(!back.snat);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	portmap_note_parse(longest, &back);
	EQ_INT(strlen(back.iface), IFNAMSIZ - 1);
	EQ_STR(back.link, "");
	/* the longest that there is */
	memset(&note, 'x', sizeof(note));
	note.iface[IFNAMSIZ - 1] = note.link[IFNAMSIZ - 1] = '\0';
	note.only[0][FW_MATCH_HASH - 1] = note.only[1][FW_MATCH_HASH - 1] =
		'\0';
	note.snat = note.snat_all = note.local = note.waits = note.lo6 = true;
	note.from = (struct ip_addr){ 0 };
	portmap_note_print(&note, text);
	OK(strlen(text) < FW_SET_TEXT - 1);
	portmap_note_parse(text, &back);
	EQ_STR(back.only[1], note.only[1]);
}

/* Elements of another form in the attachment's own set are nobody's mapping. */
static void an_own_set_of_another_form_is_removed(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct portmap_own own;
	char text[512];

	portmap_own_init(&own, OWNER);
	EQ_INT(add(fw), 0);
	EQ_INT(del(fw), 1);
	snprintf(text, sizeof(text),
		 "add table inet cni_portmap; add set inet cni_portmap %s "
		 "{ type inet_service; comment \"%s\"; elements = { 80 }; }",
		 own.name, OWNER);
	nft(text);
	EQ_INT(del(fw), 1);
	EQ_INT(del(fw), 0);
	EQ_STR(sh("nft list sets"), "table inet cni_portmap {\n}");
}

/* A port of one family that leads to the other one is none. */
static void a_mapping_between_families_is_none(void)
{
	struct fw_port p = v[0], back;
	struct fw_elem e;

	portmap_own_elem(&p, &e);
	OK(portmap_own_port(&e, &back));
	EQ_INT(ip_cmp(&back.host, &p.host), 0);
	EQ_INT(ip_cmp(&back.to, &p.to), 0);
	EQ_INT(back.proto, p.proto);
	EQ_INT(back.port, p.port);
	EQ_INT(back.to_port, p.to_port);
	p.to = v[2].to;
	portmap_own_elem(&p, &e);
	OK(!portmap_own_port(&e, &back));
	e.len -= 4;
	OK(!portmap_own_port(&e, &back));
}

static void whose_container_it_is(void)
{
	OK(portmap_same_container(OWNER, OTHER));
	OK(!portmap_same_container(OWNER, "cni:testnet:ctr2:eth0"));
	OK(!portmap_same_container(OWNER, "cni:testnet:ctr11:eth0"));
	OK(!portmap_same_container(OWNER, "cni:testnet"));
	OK(!portmap_same_container(OWNER, "cni"));
	OK(!portmap_same_container("", ""));
	OK(!portmap_same_container("cni:a", "cni:a"));
}

/*
 * Who waits and is gone in part, or has conditions whose chain is gone, gets
 * nothing, and the removal goes on.
 */
static void who_waits_in_vain_gets_nothing(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct portmap_own own;
	char text[512];

	EQ_INT(add(fw), 0);
	EQ_INT(add_others(fw), 0);
	sh("nft delete chain inet cni_portmap "
	   "$(nft list table inet cni_portmap | grep -o 'if4-[0-9a-f]*' | "
	   "head -n 1)");
	EQ_INT(del(fw), 1);
	EQ_STR(sh("nft list map inet cni_portmap ports4 | grep elements; :"),
	       "");
	EQ_INT(del_others(fw), 1);
	EQ_STR(sh("nft list tables"), "");

	EQ_INT(add(fw), 0);
	EQ_INT(add_others(fw), 0);
	portmap_own_init(&own, OTHER);
	snprintf(text, sizeof(text), "delete set inet cni_portmap %s",
		 own.name);
	nft(text);
	EQ_INT(del(fw), 1);
	EQ_INT(del_others(fw), 0);
}

/* Of what one waits for, only what was the removed one's is its. */
static void what_a_third_one_has_stays_there(void)
{
	struct fw_port ports[] = { v_others[0], v_others[0] };
	struct fw_portmap wants = plain;
	AUTO(fw) struct fw *fw = fresh();
	size_t missing;

	ports[1].port = 9090;
	wants.owner = OTHER;
	wants.v = ports;
	wants.n = 2;
	EQ_INT(add(fw), 0);
	EQ_INT(add_third(fw), 0);
	EQ_INT(add_map(fw, &wants), 0);
	EQ_INT(del(fw), 1);
	EQ_STR(sh("nft list map inet cni_portmap ports4 | grep -o "
		  "'[0-9]* comment \"[^\"]*' | sort"),
	       "8080 comment \"cni:other:ctr1:eth1\n"
	       "9090 comment \"cni:third:ctr1:eth2");
	EQ_INT(fw_portmap_has(fw, &third, &missing), 1);
	EQ_INT(fw_portmap_has(fw, &wants, &missing), 1);
	EQ_INT(del_of(fw, third.owner), 1);
	EQ_INT(fw_portmap_has(fw, &wants, &missing), 1);
	EQ_INT(del_others(fw), 1);
	EQ_STR(sh("nft list tables"), "");
}

/* Of two who wait, one has the port. */
static void only_one_of_those_who_wait_gets_it(void)
{
	struct fw_port port = port_third;
	struct fw_portmap too = third;
	AUTO(fw) struct fw *fw = fresh();
	size_t missing;

	port.port = 8080;
	too.v = &port;
	EQ_INT(add(fw), 0);
	EQ_INT(add_others(fw), 0);
	EQ_INT(add_map(fw, &too), 0);
	EQ_INT(del(fw), 1);
	EQ_INT(has_others(fw), 1);
	EQ_STR(sh("nft list map inet cni_portmap lo-ports6 | grep -o 'udp.*'"),
	       "udp . 53 comment \"" OTHER "\" : fd00::9 }");
	EQ_INT(fw_portmap_has(fw, &too, &missing), 1);
	EQ_INT(del_others(fw), 1);
	EQ_INT(fw_portmap_has(fw, &too, &missing), 1);
	EQ_INT(del_of(fw, too.owner), 1);
	EQ_STR(sh("nft list tables"), "");
}

/* A chain of a longer name than ours have is another one. */
static void a_verdict_of_others_is_replaced(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_portmap p = on_conditions();
	size_t missing = 9;

	EQ_INT(add_on_conditions(fw), 0);
	sh("C=c$(printf %%060d 0); nft -f - <<-END\n"
	   "add chain inet cni_portmap $C\n"
	   "delete element inet cni_portmap if-ports4 { tcp . 8080 }\n"
	   "add element inet cni_portmap if-ports4 { tcp . 8080 : goto $C }\n"
	   "END");
	EQ_INT(fw_portmap_has(fw, &p, &missing), 0);
	EQ_INT(missing, 0);
	EQ_INT(add_on_conditions(fw), 0);
	EQ_INT(fw_portmap_has(fw, &p, &missing), 1);
}

TAP_MAIN(TEST(lack_of_memory_changes_nothing),
	 TEST(notes_are_read_whatever_they_are),
	 TEST(an_own_set_of_another_form_is_removed),
	 TEST(a_mapping_between_families_is_none), TEST(whose_container_it_is),
	 TEST(who_waits_in_vain_gets_nothing),
	 TEST(what_a_third_one_has_stays_there),
	 TEST(only_one_of_those_who_wait_gets_it),
	 TEST(a_verdict_of_others_is_replaced))
