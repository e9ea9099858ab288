// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-portmap-odd.c - mapped ports that are not as this library makes them */
#include "fw-portmap.h"
#include "fw/portmap-table.h"

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
	struct ip_addr found;
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
	EQ_INT(fw_portmap_has(fw, &third, &missing, &found), 1);
	EQ_INT(fw_portmap_has(fw, &wants, &missing, &found), 1);
	EQ_INT(del_of(fw, third.owner), 1);
	EQ_INT(fw_portmap_has(fw, &wants, &missing, &found), 1);
	EQ_INT(del_others(fw), 1);
	EQ_STR(sh("nft list tables"), "");
}

/* Of two who wait, one has the port. */
static void only_one_of_those_who_wait_gets_it(void)
{
	struct fw_port port = port_third;
	struct fw_portmap too = third;
	AUTO(fw) struct fw *fw = fresh();
	struct ip_addr found;
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
	EQ_INT(fw_portmap_has(fw, &too, &missing, &found), 1);
	EQ_INT(del_others(fw), 1);
	EQ_INT(fw_portmap_has(fw, &too, &missing, &found), 1);
	EQ_INT(del_of(fw, too.owner), 1);
	EQ_STR(sh("nft list tables"), "");
}

/* A chain of a longer name than ours have is another one. */
static void a_verdict_of_others_is_replaced(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_portmap p = on_conditions();
	struct ip_addr found;
	size_t missing = 9;

	EQ_INT(add_on_conditions(fw), 0);
	sh("C=c$(printf %%060d 0); nft -f - <<-END\n"
	   "add chain inet cni_portmap $C\n"
	   "delete element inet cni_portmap if-ports4 { tcp . 8080 }\n"
	   "add element inet cni_portmap if-ports4 { tcp . 8080 : goto $C }\n"
	   "END");
	EQ_INT(fw_portmap_has(fw, &p, &missing, &found), 0);
	EQ_INT(missing, 0);
	EQ_INT(add_on_conditions(fw), 0);
	EQ_INT(fw_portmap_has(fw, &p, &missing, &found), 1);
}

TAP_MAIN(TEST(notes_are_read_whatever_they_are),
	 TEST(an_own_set_of_another_form_is_removed),
	 TEST(a_mapping_between_families_is_none), TEST(whose_container_it_is),
	 TEST(who_waits_in_vain_gets_nothing),
	 TEST(what_a_third_one_has_stays_there),
	 TEST(only_one_of_those_who_wait_gets_it),
	 TEST(a_verdict_of_others_is_replaced))
