// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-steps.c - ADD and DEL of bridge, step by step: in which order things
 * are taken back, and what happens when something else happens meanwhile
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

#define ADDRESS "\"ips\":[{\"address\":\"10.9.0.2/32\"}]"
#define BAD_ROUTE                                                              \
	",\"routes\":[{\"dst\":\"192.0.2.0/24\",\"gw\":\"198.51.100.1\"}]"
#define RULES "\"isGateway\":true,\"ipMasq\":true,\"macspoofchk\":true,"

/* An IPAM plugin that is a process, and notes what is there once it is fed. */
static void put_process(void)
{
	put_file("process",
		 "#!/bin/sh\n"
		 "conf=$(cat)\n"
		 "veth=$(ip -o link show type veth)\n"
		 "rules=$(nft list ruleset | grep :c1:eth0)\n"
		 "echo \"$CNI_COMMAND:${veth:+ veth}${rules:+ rules};\""
		 " >>\"${0%/*}/seen\"\n"
		 "[ $CNI_COMMAND != ADD ] ||\n"
		 "echo \"$conf\" | sed 's/.*\"ipam\":{\\(.*\\)}}/{\\1}/'\n",
		 0755);
	unlink(path_of("seen"));
}

static const char *seen_by_process(void)
{
	static char buf[1024];
	int fd = open(path_of("seen"), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return "nothing";
	read_back(fd, buf, sizeof(buf));
	return buf;
}

/* An address is free only when nobody has it, nor may use another's MAC. */
static void del_takes_the_link_then_the_address_then_the_rules(void)
{
	static const char *const types[] = { "static", "by-link" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *c = ipam_conf(RULES, types[i], ADDRESS);

		ipam_set_up();
		EQ_INT(run("ADD", c), 0);
		seen[0] = '\0';
		EQ_INT(run("DEL", c), 0);
		EQ_STR(seen, "DEL: rules;");
		look("then");
		EQ_STR(seen, "DEL: rules;then:;");
	}
	ipam_set_up();
	put_process();
	EQ_INT(run("ADD", ipam_conf(RULES, "process", ADDRESS)), 0);
	EQ_INT(run("DEL", ipam_conf(RULES, "process", ADDRESS)), 0);
	EQ_STR(seen_by_process(), "ADD: veth rules;\nDEL: rules;\n");
}

static void a_failed_add_takes_back_in_the_order_of_del(void)
{
	const char *c;

	ipam_set_up();
	c = ipam_conf(RULES, "static", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	look("then");
	EQ_STR(seen, "ADD: veth eth0 rules;DEL: rules;then:;");

	ipam_set_up();
	c = ipam_conf(RULES, "by-link", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	look("then");
	EQ_STR(seen, "ADD: veth eth0 rules;DEL: rules;then:;");

	ipam_set_up();
	put_process();
	c = ipam_conf(RULES, "process", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	EQ_STR(seen_by_process(), "ADD: veth rules;\nDEL: rules;\n");
}

static void what_nobody_was_told_is_taken_back_as_well(void)
{
	ipam_set_up();
	EQ_INT(run_unheard("ADD", ipam_conf(RULES, "static", ADDRESS)), 1);
	/* that of its one address, too, which is made last of all */
	look("then");
	EQ_STR(seen, "ADD: veth eth0 rules;DEL: rules;then:;");
}

TAP_MAIN(TEST(del_takes_the_link_then_the_address_then_the_rules),
	 TEST(a_failed_add_takes_back_in_the_order_of_del),
	 TEST(what_nobody_was_told_is_taken_back_as_well))
