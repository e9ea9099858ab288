// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-kernel.c - ADD of bridge beside a kernel that takes its time, and what
 * has to be before a link is up
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

#include "impatient.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/syscall.h>

/* --- what the plugin asks of the kernel, and hears ------------------------ */

static const char *hidden;	 /* routes to it are not shown */
static int hide;		 /* in so many answers; -1: in all */
static long long hide_until;	 /* by the clock; they are shown from then on */
static int wake;		 /* then the namespace hears of another route */
static void (*after_link)(void); /* done after each RTM_NEWLINK */
static const char *unwritable;	 /* the end of a file's path */

/* A route to another destination is shown in its place. */
static bool hide_in(struct nlmsghdr *h, ssize_t len)
{
	struct in6_addr want;
	bool found = false;

	inet_pton(AF_INET6, hidden, &want);
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		struct rtmsg *rtm = NLMSG_DATA(h);
		struct rtattr *a = RTM_RTA(rtm);
		int left = (int)RTM_PAYLOAD(h);

		if (h->nlmsg_type != RTM_NEWROUTE)
			continue;
		for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
			if (a->rta_type == RTA_DST &&
			    RTA_PAYLOAD(a) == sizeof(want) &&
			    memcmp(RTA_DATA(a), &want, sizeof(want)) == 0) {
				rtm->rtm_dst_len = 127;
				found = true;
			}
	}
	return found;
}

/* The sandbox's link stays as it was before its carrier. */
static bool keep_down; /* in all answers */

/* Returns whether it is told of; an acknowledgement is of what was before. */
static bool keep_down_in(struct nlmsghdr *h, ssize_t len)
{
	bool found = impatient && h->nlmsg_type == NLMSG_ERROR;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		struct rtattr *a = IFLA_RTA(NLMSG_DATA(h)), *state = NULL;
		int left = (int)IFLA_PAYLOAD(h);
		bool eth0 = false;

		if (h->nlmsg_type != RTM_NEWLINK)
			continue;
		for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
			if (a->rta_type == IFLA_IFNAME)
				eth0 = strcmp(RTA_DATA(a), "eth0") == 0;
			if (a->rta_type == IFLA_OPERSTATE)
				state = a;
		}
		if (eth0 && state) {
			*(uint8_t *)RTA_DATA(state) = 2; /* IF_OPER_DOWN */
			found = true;
		}
	}
	return found;
}

static const char *checked; /* the time for its detection passes at once */

static bool is_checked_in(struct nlmsghdr *h, ssize_t len)
{
	struct in6_addr want;

	inet_pton(AF_INET6, checked, &want);
	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		struct rtattr *a = IFA_RTA(NLMSG_DATA(h));
		int left = (int)IFA_PAYLOAD(h);

		if (h->nlmsg_type != RTM_NEWADDR)
			continue;
		for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
			if (a->rta_type == IFA_ADDRESS &&
			    RTA_PAYLOAD(a) == sizeof(want) &&
			    memcmp(RTA_DATA(a), &want, sizeof(want)) == 0)
				return true;
	}
	return false;
}

/* The other route is told to nobody but those who listen there, and then. */
static void say_something(void)
{
	const char *cmd =
		"ip -6 route add unreachable 2001:db8::/32 table 99 &&"
		"ip -6 route del unreachable 2001:db8::/32 table 99";

	if (wake == sandbox)
		OK(inside("%s", cmd));
	else
		sh("%s", cmd);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);

	/* what else is waited for comes in its own time */
	if (keep_down && n > 0)
		impatient = keep_down_in(msg->msg_iov[0].iov_base, n);
	if (checked && n > 0 && is_checked_in(msg->msg_iov[0].iov_base, n))
		impatient = true;
	if (hide_until && clock_ms() >= hide_until) {
		impatient = false;
		return n;
	}
	if (!hidden || !hide || n <= 0 || !hide_in(msg->msg_iov[0].iov_base, n))
		return n;
	/* from now on it is that alone which is waited for */
	impatient = true;
	if (hide > 0) {
		impatient = --hide > 0;
		say_something();
	}
	return n;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const struct nlmsghdr *h = msg->msg_iov[0].iov_base;
	ssize_t n = syscall(SYS_sendmsg, fd, msg, flags);

	if (after_link && h->nlmsg_type == RTM_NEWLINK)
		after_link();
	return n;
}

static bool is_unwritable(int fd)
{
	char link[64], path[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return strlen(path) >= strlen(unwritable) &&
	       strcmp(path + strlen(path) - strlen(unwritable), unwritable) ==
		       0;
}

ssize_t write(int fd, const void *buf, size_t len)
{
	if (unwritable && is_unwritable(fd)) {
		errno = EPERM;
		return -1;
	}
	return syscall(SYS_write, fd, buf, len);
}

/* --- what is waited for ----------------------------------------------------
 */

struct awaited {
	const char *route;
	int *where;
	const char *error, *told;
};

static const struct awaited awaited[] = {
	{ "fd09::2", &sandbox, "failed to settle addresses for \\\"eth0\\\"",
	  "; no route of the kernel's to fd09::2" },
	{ "ff00::", &sandbox, "failed to settle addresses for \\\"eth0\\\"",
	  "; no route of the kernel's to ff00::/8" },
	{ "fd09::1", &host,
	  "failed to set gateway addr: the kernel does not use fd09::1 on "
	  "\\\"br0\\\" yet",
	  "\\\"br0\\\" is up, has " },
};

/* Packets to a destination whose route is not there yet are for nobody. */
static void routes_of_its_own_that_never_come_are_an_error(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(awaited); i++) {
		const char *c =
			ipam_conf("\"isGateway\":true,\"macspoofchk\":true,",
				  "static", V6);

		ipam_host();
		hidden = awaited[i].route;
		hide = -1;
		EQ_INT(run("ADD", c), 1);
		impatient = false;
		hidden = NULL;
		OK(strstr(out, "\"code\": 100,"));
		OK(strstr(out, awaited[i].error));
		OK(strstr(out, "timed out"));
		OK(strstr(out, awaited[i].told));
		look("then");
		EQ_STR(seen, "ADD:;DEL:;then:;");
		EQ_INT(run("ADD", c), 0);
	}
}

/* The namespace's news are listened to, its own and no other's. */
static void routes_of_its_own_that_come_late_are_waited_for(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(awaited); i++) {
		long long begin = ahead;

		ipam_host();
		hidden = awaited[i].route;
		hide = 3;
		wake = *awaited[i].where;
		EQ_INT(run("ADD",
			   ipam_conf("\"isGateway\":true,", "static", V6)),
		       0);
		hidden = NULL;
		EQ_INT(hide, 0);
		EQ_INT(ahead, begin);
	}
}

/* What comes without a word counts where it is there at the deadline. */
static void the_deadline_is_the_time_of_a_last_look(void)
{
	long long begin = ahead;

	ipam_set_up();
	hidden = "fd09::2";
	hide = -1;
	hide_until = clock_ms() + 60000;
	EQ_INT(run("ADD", ipam_conf("\"isGateway\":true,", "static", V6)), 0);
	impatient = false;
	hidden = NULL;
	OK(clock_ms() >= hide_until && ahead - begin <= 60000);
	hide_until = 0;
}

/* The kernel may be kept from it: it has more time than it takes. */
static void an_address_that_stays_tentative_is_an_error_that_says_so(void)
{
	const char *c = ipam_conf("\"enabledad\":true,", "static", V6);
	long long begin = ahead, began;

	ipam_set_up();
	began = clock_ms();
	checked = "fd09::2";
	EQ_INT(run("ADD", c), 1);
	checked = NULL;
	impatient = false;
	OK(clock_ms() - began >= 60000 && ahead - begin <= 60000);
	OK(strstr(out, "failed to settle addresses for \\\"eth0\\\""));
	OK(strstr(out, "timed out; waited for 60 s; "
		       "\\\"eth0\\\" is up, has a carrier and state up; "));
	OK(strstr(out, "; fd09::2 is tentative (flags 0xc0); "));
	look("then");
	EQ_STR(seen, "ADD:;DEL:;then:;");
	EQ_INT(run("ADD", c), 0);
}

/* Addresses and the port, which have to be there, are. */
static void a_state_that_does_not_come_is_waited_for_but_no_error(void)
{
	long long begin = ahead, began;

	ipam_host();
	began = clock_ms();
	keep_down = true;
	EQ_INT(run("ADD", ipam_conf("\"isGateway\":true,", "static", V6)), 0);
	keep_down = impatient = false;
	OK(clock_ms() - began >= 2000 && ahead - begin <= 2000);
}

/* --- before a link is up ----------------------------------------------------
 */

/* A link that is up, but for lo, has all these sysctls. */
#define CHECK_SYSCTLS                                                          \
	"for l in $(ip -o link show up |"                                      \
	" sed 's/^[0-9]*: \\([^:@]*\\).*/\\1/'); do [ $l = lo ] ||"            \
	" for s in %s; do"                                                     \
	" grep -qx ${s#*=} /proc/sys/net/$(dirname ${s%%=*})/conf/$l/"         \
	"$(basename ${s%%=*}) || { echo \"# $l: not $s\"; exit 1; };"          \
	" done; done"

static void look_at_links(void)
{
	char cmd[1024];

	snprintf(cmd, sizeof(cmd), CHECK_SYSCTLS, "ipv6/accept_ra=0");
	fflush(stdout);
	OK(succeeds(cmd));
	snprintf(cmd, sizeof(cmd), CHECK_SYSCTLS,
		 "ipv6/accept_ra=0 ipv6/autoconf=0 ipv6/accept_dad=0");
	OK(inside("%s", cmd));
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), ".");
}

/* From its first moment on an advertisement would count. */
static void sysctls_are_set_before_a_link_is_up(void)
{
	ipam_host();
	after_link = look_at_links;
	EQ_INT(run("ADD", ipam_conf("\"isGateway\":true,", "static", V6)), 0);
	after_link = NULL;
	OK(strchr(seen, '.'));
	OK(inside("ip -o link show dev eth0 up | grep -q .") &&
	   succeeds("ip -o link show dev br0 up | grep -q ."));
}

/* A port is open where eth0 is up and IFLA_BRPORT_LOCKED is not set. */
static void look_at_port(void)
{
	fflush(stdout);
	if (inside("ip -o link show dev eth0 up | grep -q .") &&
	    !succeeds("ip -d link show type veth | grep -q 'locked on'"))
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen),
			 "open;");
}

/* And nothing that its end says of its own accord goes to all ports. */
static void no_frame_passes_before_all_is_there(void)
{
	static const char *const keys[] = {
		"\"isGateway\":true,\"ipMasq\":true,",
		"\"isGateway\":true,\"hairpinMode\":true,"
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		ipam_host();
		after_link = look_at_port;
		EQ_INT(run("ADD", ipam_conf(keys[i], "static",
					    "\"ips\":[{\"address\":"
					    "\"10.9.0.2/24\"}]")),
		       0);
		after_link = NULL;
		/* with the last request */
		EQ_STR(seen, "ADD:;open;");
	}
}

/* --- IPv6 that is off -------------------------------------------------------
 */

static void the_link_that_cannot_have_ipv6_is_named(void)
{
	static const char *const links[] = { "lo", "eth0" };

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		char file[64], text[128];

		ipam_host();
		OK(inside("cd /proc/sys/net/ipv6/conf &&"
			  " echo 1 >lo/disable_ipv6 &&"
			  " echo 1 >default/disable_ipv6"));
		snprintf(file, sizeof(file), "/%s/disable_ipv6", links[i]);
		unwritable = file;
		EQ_INT(run("ADD", ipam_conf("", "static", V6)), 1);
		unwritable = NULL;
		snprintf(text, sizeof(text),
			 "cannot set disable_ipv6 of \\\"%s\\\" to 0",
			 links[i]);
		OK(strstr(out, text));
		OK(strstr(out, "Operation not permitted"));
		EQ_INT(run("ADD", ipam_conf("", "static", V6)), 0);
	}
}

TAP_MAIN(TEST(routes_of_its_own_that_never_come_are_an_error),
	 TEST(routes_of_its_own_that_come_late_are_waited_for),
	 TEST(the_deadline_is_the_time_of_a_last_look),
	 TEST(an_address_that_stays_tentative_is_an_error_that_says_so),
	 TEST(a_state_that_does_not_come_is_waited_for_but_no_error),
	 TEST(sysctls_are_set_before_a_link_is_up),
	 TEST(no_frame_passes_before_all_is_there),
	 TEST(the_link_that_cannot_have_ipv6_is_named))
