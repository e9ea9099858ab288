// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-steps.c - ADD and DEL of bridge, step by step: in which order things
 * are taken back, and what happens when something else happens meanwhile
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

#include "failing-malloc.h"
#include "impatient.h"

#include <sys/syscall.h>

#define ADDRESS "\"ips\":[{\"address\":\"10.9.0.2/32\"}]"
#define BAD_ROUTE                                                              \
	",\"routes\":[{\"dst\":\"192.0.2.0/24\",\"gw\":\"198.51.100.1\"}]"
#define RULES "\"isGateway\":true,\"ipMasq\":true,\"macspoofchk\":true,"

static void (*at_rules)(void); /* done once, before rules are asked for */

/* sendto() writes to netfilter's socket alone. */
ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	void (*then)(void) = at_rules;

	at_rules = NULL;
	if (then)
		then();
	return syscall(SYS_sendto, fd, buf, len, flags, to, to_len);
}

/* An IPAM plugin that is a process, and notes what is there once it is fed. */
/* A process, which does something more at an ADD. */
static void put_process(const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "#!/bin/sh\n"
		 "conf=$(cat)\n"
		 "veth=$(ip -o link show type veth)\n"
		 "rules=$(nft list ruleset | grep :c1:eth0)\n"
		 "echo \"$CNI_COMMAND:${veth:+ veth}${rules:+ rules};\""
		 " >>\"${0%%/*}/seen\"\n"
		 "[ $CNI_COMMAND = ADD ] || exit 0\n"
		 "%s\n"
		 "echo \"$conf\" | sed 's/.*\"ipam\":{\\(.*\\)}}/{\\1}/'\n",
		 more);
	put_file("process", text, 0755);
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
static void del_takes_the_rules_and_the_link_then_the_address(void)
{
	static const char *const types[] = { "static", "by-link" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		const char *c = ipam_conf(RULES, types[i], ADDRESS);

		ipam_set_up();
		EQ_INT(run("ADD", c), 0);
		seen[0] = '\0';
		EQ_INT(run("DEL", c), 0);
		EQ_STR(seen, "DEL:;");
		look("then");
		EQ_STR(seen, "DEL:;then:;");
	}
	ipam_set_up();
	put_process("");
	EQ_INT(run("ADD", ipam_conf(RULES, "process", ADDRESS)), 0);
	EQ_INT(run("DEL", ipam_conf(RULES, "process", ADDRESS)), 0);
	EQ_STR(seen_by_process(), "ADD: veth rules;\nDEL:;\n");
}

static void a_failed_add_takes_back_in_the_order_of_del(void)
{
	const char *c;

	ipam_set_up();
	c = ipam_conf(RULES, "static", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	look("then");
	EQ_STR(seen, "ADD:;DEL:;then:;");

	ipam_set_up();
	c = ipam_conf(RULES, "by-link", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	look("then");
	EQ_STR(seen, "ADD:;DEL:;then:;");

	ipam_set_up();
	put_process("");
	c = ipam_conf(RULES, "process", ADDRESS BAD_ROUTE);
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "failed to add route"));
	EQ_STR(seen_by_process(), "ADD: veth rules;\nDEL:;\n");
}

static void what_nobody_was_told_is_taken_back_as_well(void)
{
	ipam_set_up();
	EQ_INT(run_unheard(&plugin_bridge, "ADD",
			   ipam_conf(RULES, "static", ADDRESS)),
	       1);
	/* that of its one address, too, which is made last of all */
	look("then");
	EQ_STR(seen, "ADD:;DEL:;then:;");
}

/* --- routes ------------------------------------------------------------- */

static bool has_route(const char *text)
{
	return inside("ip -4 route show table all | grep -qx '%s *'", text);
}

static void a_route_without_a_gateway_is_on_the_link(void)
{
	ipam_set_up();
	EQ_INT(run("ADD", ipam_conf("", "static",
				    "\"ips\":[{\"address\":\"10.9.0.2/24\"}],"
				    "\"routes\":[{\"dst\":\"192.0.2.0/24\"},"
				    "{\"dst\":\"198.51.100.0/24\","
				    "\"gw\":\"10.9.0.7\"},"
				    "{\"dst\":\"0.0.0.0/0\"}]")),
	       0);
	OK(has_route("192.0.2.0/24 dev eth0 scope link"));
	OK(has_route("198.51.100.0/24 via 10.9.0.7 dev eth0"));
	OK(has_route("default dev eth0 scope link"));
}

static void a_route_has_the_gateway_of_its_family(void)
{
	ipam_set_up();
	EQ_INT(run("ADD", ipam_conf("", "static",
				    "\"ips\":[{\"address\":\"fd09::2/64\","
				    "\"gateway\":\"fd09::1\"},"
				    "{\"address\":\"10.9.0.2/24\"},"
				    "{\"address\":\"10.8.0.2/24\","
				    "\"gateway\":\"10.8.0.1\"}],"
				    "\"routes\":[{\"dst\":\"192.0.2.0/24\"}]")),
	       0);
	OK(has_route("192.0.2.0/24 via 10.8.0.1 dev eth0"));
}

/* --- the port ------------------------------------------------------------- */

/* By the kernel, an error or an administrator, while IPAM works. */
static void a_port_that_does_not_come_up_is_an_error(void)
{
	static const struct {
		const char *cmd, *told[3];
		long long ms;
	} how[] = {
		{ "ip -o link show type veth |"
		  " sed 's/^[0-9]*: \\([^@]*\\).*/\\1/' |"
		  " xargs -I{} ip link set {} down",
		  { "waited for 5 s; ",
		    "\\\"eth0\\\" is up, has no carrier and state ",
		    "\\\" is down, has no carrier and state down" },
		  5000 },
		{ "ip link set br0 down",
		  { "waited for 60 s; ",
		    "\\\"eth0\\\" is up, has a carrier and state up; ",
		    "\\\" is up, has a carrier and state up, and its bridge "
		    "does not forward yet" },
		  60000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		const char *c = ipam_conf(RULES, "process", ADDRESS);
		long long began;

		ipam_set_up();
		put_process(how[i].cmd);
		began = clock_ms();
		impatient = true;
		EQ_INT(run("ADD", c), 1);
		impatient = false;
		OK(strstr(out, "\"code\": 100,"));
		OK(strstr(out, "bridge port veth"));
		OK(strstr(out, " in error state: not up"));
		OK(strstr(out, "timed out"));
		for (size_t k = 0; k < ARRAY_SIZE(how[i].told); k++)
			OK(strstr(out, how[i].told[k]));
		OK(clock_ms() - began >= how[i].ms && ahead <= how[i].ms);
		ahead = 0;
		EQ_STR(seen_by_process(), "ADD: veth rules;\nDEL:;\n");
		look("then");
		EQ_STR(seen, "then:;");
		put_process("");
		EQ_INT(run("ADD", c), 0);
	}
}

static void look_for_port(void)
{
	OK(succeeds("ip -o link show type veth | grep -q ."));
	OK(!succeeds("ip -o link show type veth master br0 | grep -q ."));
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "rules;");
}

/* Or it could send a frame with another's address before. */
static void the_port_is_guarded_before_it_is_one(void)
{
	ipam_set_up();
	at_rules = look_for_port;
	EQ_INT(run("ADD",
		   ipam_conf("\"macspoofchk\":true,", "static", ADDRESS)),
	       0);
	EQ_STR(seen, "ADD:;rules;");
}

static void delete_bridge(void)
{
	sh("ip link del br0");
}

/* Between the look at it and the port: it is worth another try. */
static void a_bridge_that_is_deleted_meanwhile_is_said_to_be(void)
{
	const char *c = ipam_conf(RULES, "by-link", ADDRESS);

	ipam_set_up();
	at_rules = delete_bridge;
	EQ_INT(run("ADD", c), 1);
	OK(strstr(out, "\"code\": 11,"));
	OK(strstr(out, "bridge br0 was deleted meanwhile"));
	look("then");
	EQ_STR(seen, "ADD:;DEL:;then:;");
	EQ_INT(run("ADD", c), 0);
}

/* --- the bridge ----------------------------------------------------------- */

/* Whether it is one that somebody set, only sysfs tells; pods may know it. */
static void a_bridge_keeps_its_mac_though_memory_lacks(void)
{
	const char *c = "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\","
			"\"bridge\":\"br0\"}";
	int r = 1;

	ipam_set_up();
	sh("mount -t sysfs none /sys");
	count = 1;
	for (long n = 1; n <= count && !tap_failed; n++) {
		struct cni_io io = begin_call("ADD", c);
		struct rt_link before, after;
		AUTO(rt) struct rt *rt = NULL;
		char mac[MAC_STRLEN];

		EQ_INT(rt_open(&rt), 0);
		sh("ip link add br0 type bridge");
		EQ_INT(rt_link_get(rt, "br0", &before), 0);
		sh("ip link set br0 address %s", mac_format(before.mac, mac));
		count = 0;
		fail_at = n;
		r = cni_run(&plugin_bridge, &io);
		fail_at = 0;
		end_call(&io);
		EQ_INT(rt_link_get(rt, "br0", &after), 0);
		if (memcmp(before.mac, after.mac, MAC_LEN) != 0) {
			OK(!"it has another one");
			printf("# at allocation %ld: %s\n", n, out);
		}
		EQ_INT(run("DEL", c), 0);
		sh("ip link del br0");
	}
	EQ_INT(r, 0);
	OK(count > 50);
	sh("umount /sys");
}

/* --- neighbours ----------------------------------------------------------- */

#define DUAL                                                                   \
	"\"ips\":[{\"address\":\"10.9.0.2/24\"},{\"address\":\"fd09::2/64\"}]"

/*
 * A neighbour that had the address before may be in the host's table for good.
 * The entry goes, or the host would never reach the container.
 */
static void a_permanent_neighbour_does_not_keep_the_address(void)
{
	const char *c = ipam_conf("\"isGateway\":true,", "static", DUAL);

	ipam_set_up();
	EQ_INT(run("ADD", c), 0);
	EQ_INT(run("DEL", c), 0);
	sh("ip neigh add 10.9.0.2 dev br0 lladdr 02:00:00:00:00:77 nud permanent");
	sh("ip neigh add fd09::2 dev br0 lladdr 02:00:00:00:00:77 nud permanent");
	sh("ip neigh add 10.9.0.3 dev br0 lladdr 02:00:00:00:00:78 nud permanent");
	EQ_INT(run("ADD", c), 0);
	OK(!succeeds("ip neigh | grep -q 02:00:00:00:00:77"));
	OK(succeeds("ip neigh | grep -q 02:00:00:00:00:78"));
	OK(succeeds("ping -q -c 1 -W 9 10.9.0.2 >/dev/null"));
	OK(succeeds("ping -q -c 1 -W 9 fd09::2 >/dev/null"));
	OK(inside("ping -q -c 1 -W 9 10.9.0.1 >/dev/null"));
}

TAP_MAIN(TEST(del_takes_the_rules_and_the_link_then_the_address),
	 TEST(a_failed_add_takes_back_in_the_order_of_del),
	 TEST(what_nobody_was_told_is_taken_back_as_well),
	 TEST(a_route_without_a_gateway_is_on_the_link),
	 TEST(a_route_has_the_gateway_of_its_family),
	 TEST(a_port_that_does_not_come_up_is_an_error),
	 TEST(the_port_is_guarded_before_it_is_one),
	 TEST(a_bridge_that_is_deleted_meanwhile_is_said_to_be),
	 TEST(a_bridge_keeps_its_mac_though_memory_lacks),
	 TEST(a_permanent_neighbour_does_not_keep_the_address))
