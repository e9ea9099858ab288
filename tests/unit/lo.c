// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lo.c - the sandbox's lo: an ADD that fails leaves it as it was, whoever
 * fails, and DEL takes down what is up
 *
 * unit: plugins/loopback plugins/bridge
 */
#include "bridge-ipam.h"

#include <sys/syscall.h>

extern const struct cni_plugin plugin_loopback;

#define CONF "{\"cniVersion\":\"1.0.0\",\"name\":\"lo\"}"

static int requests;	   /* so many were made */
static int refuse_at = -1; /* that one fails */

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	if (++requests == refuse_at) {
		errno = EPERM;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, msg, flags);
}

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

/* With a prevResult that has no address, for which none would be missed. */
#define CHECK_CONF                                                             \
	"{\"cniVersion\":\"1.0.0\",\"name\":\"lo\",\"prevResult\":{"           \
	"\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"lo\"}]}}"

static void what_is_refused_is_an_error(void)
{
	static const struct {
		const char *verb, *conf;
		int requests;
		bool up; /* before */
	} t[] = { { "ADD", CONF, 3, false },
		  { "ADD", CONF, 2, true },
		  { "CHECK", CHECK_CONF, 2, true },
		  { "DEL", CONF, 2, true } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		for (int n = 1; n <= t[i].requests + 1; n++) {
			set_up_with(t[i].up);
			requests = 0;
			refuse_at = n;
			EQ_INT(run_with(ipam_all, &plugin_loopback, t[i].verb,
					t[i].conf),
			       n <= t[i].requests);
			refuse_at = -1;
			if (n > t[i].requests)
				continue;
			OK(strstr(out, "\"code\": 100,"));
			OK(strstr(out, "Operation not permitted"));
			EQ_INT(is_up(), t[i].up);
		}
}

/* The error says what is wrong with the path, where that is known. */
static void what_is_no_namespace_is_said_to_be_none(void)
{
	static const char *const verbs[] = { "ADD", "CHECK" };
	int real;

	set_up_with(true);
	real = sandbox;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		sandbox = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
		EQ_INT(run_with(ipam_all, &plugin_loopback, verbs[i],
				CHECK_CONF),
		       1);
		OK(strstr(out, "failed to open netns"));
		OK(strstr(out, "it is not a network namespace"));
		close(sandbox);
		sandbox = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
		EQ_INT(run_with(ipam_all, &plugin_loopback, verbs[i],
				CHECK_CONF),
		       1);
		OK(strstr(out, "it is not a network namespace"));
		close(sandbox);
		sandbox = 4711; /* there is nothing */
		EQ_INT(run_with(ipam_all, &plugin_loopback, verbs[i],
				CHECK_CONF),
		       1);
		OK(strstr(out, "failed to open netns"));
		OK(!strstr(out, "it is not a network namespace"));
	}
	sandbox = real;
}

/* The first line of the help comes before all that a configuration is. */
static void the_help_begins_with_what_the_plugin_does(void)
{
	OK(strncmp(plugin_loopback.help, "loopback brings ", 16) == 0);
	OK(strncmp(plugin_bridge.help, "bridge connects ", 16) == 0);
}

TAP_MAIN(TEST(an_add_that_fails_leaves_it_as_it_was),
	 TEST(one_whose_result_nobody_reads_does_so_too),
	 TEST(an_add_brings_it_up_and_a_del_takes_it_down),
	 TEST(bridge_leaves_it_alone), TEST(what_is_refused_is_an_error),
	 TEST(what_is_no_namespace_is_said_to_be_none),
	 TEST(the_help_begins_with_what_the_plugin_does))
