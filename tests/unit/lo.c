// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lo.c - the sandbox's lo: an ADD that fails leaves it as it was, whoever
 * fails, and DEL takes down what is up
 *
 * unit: plugins/loopback plugins/bridge
 */
#include "bridge-ipam.h"

extern const struct cni_plugin plugin_loopback;

#define CONF "{\"cniVersion\":\"1.0.0\",\"name\":\"lo\"}"

static bool is_up(void)
{
	return inside("ip link show dev lo up | grep -q .");
}

/* As it is when a sandbox is new, or as somebody set it. */
static void set_up_with(bool up)
{
	ipam_set_up();
	if (up)
		OK(inside("ip link set lo up"));
	EQ_INT(is_up(), up);
}

static int loopback(const char *verb)
{
	return run_with(ipam_all, &plugin_loopback, verb, CONF);
}

static void an_add_that_fails_leaves_it_as_it_was(void)
{
	for (int up = 0; up < 2; up++) {
		set_up_with(up);
		OK(inside("ip addr add 192.0.2.1/32 dev lo"));
		EQ_INT(loopback("ADD"), 1);
		OK(strstr(out, "non-loopback address"));
		EQ_INT(is_up(), up);
	}
}

static void one_whose_result_nobody_reads_does_so_too(void)
{
	for (int up = 0; up < 2; up++) {
		set_up_with(up);
		EQ_INT(run_unheard(&plugin_loopback, "ADD", CONF), 1);
		EQ_INT(is_up(), up);
	}
}

static void an_add_brings_it_up_and_a_del_takes_it_down(void)
{
	for (int up = 0; up < 2; up++) {
		set_up_with(up);
		EQ_INT(loopback("ADD"), 0);
		OK(is_up());
		EQ_INT(loopback("DEL"), 0);
		OK(!is_up());
		EQ_INT(loopback("DEL"), 0);
		OK(!is_up());
	}
}

/* A bridge in the chain that fails is no reason to touch it. */
static void bridge_leaves_it_alone(void)
{
	const char *const good = "\"ips\":[{\"address\":\"10.9.0.2/24\"},"
				 "{\"address\":\"fd09::2/64\"}]";
	const char *const bad = "\"ips\":[{\"address\":\"fd09::2/64\"}],"
				"\"routes\":[{\"dst\":\"2001:db8::/32\","
				"\"gw\":\"2001:db8::1\"}]";

	for (int up = 0; up < 2; up++) {
		set_up_with(up);
		EQ_INT(run("ADD", ipam_conf("", "static", bad)), 1);
		OK(strstr(out, "failed to add route"));
		EQ_INT(is_up(), up);
		EQ_INT(run("ADD", ipam_conf("", "static", good)), 0);
		EQ_INT(is_up(), up);
		EQ_INT(run("DEL", ipam_conf("", "static", good)), 0);
		EQ_INT(is_up(), up);
	}
}

TAP_MAIN(TEST(an_add_that_fails_leaves_it_as_it_was),
	 TEST(one_whose_result_nobody_reads_does_so_too),
	 TEST(an_add_brings_it_up_and_a_del_takes_it_down),
	 TEST(bridge_leaves_it_alone))
