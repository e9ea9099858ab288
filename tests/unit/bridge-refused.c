// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-refused.c - each request of bridge to the kernel, one after the other,
 * is refused or its answer gets lost: that is an error, with its number, and
 * nothing is left of a failed ADD
 *
 * unit: plugins/bridge
 */
#define TAP_DEADLINE 300 /* a call for each request of a call */
#include "bridge-ipam.h"

#include "failing-malloc.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define DUAL                                                                   \
	"\"ips\":[{\"address\":\"10.9.0.2/24\"},{\"address\":\"fd09::2/64\"}]"
#define KEYS                                                                   \
	"\"isGateway\":true,\"ipMasq\":true,\"macspoofchk\":true,"             \
	"\"hairpinMode\":true,"

/* --- the kernel, as it is told to be ---------------------------------------
 */

static bool counting;
static int requests;  /* so many were counted */
static int refuse_at; /* that one fails, with this: */
static int refuse_with;
static int lose_at; /* or its answer does */
static bool lost;
static uint16_t refused; /* of this type */

/* Before the nth request of that type somebody else does something. */
static uint16_t meddle_type;
static int meddle_at;
static const char *meddle_how;

static void meddle(const struct nlmsghdr *h)
{
	if (meddle_how && h->nlmsg_type == meddle_type && --meddle_at == 0)
		sh("%s", meddle_how);
}

/* Whether it fails; then errno says how. */
static bool fails_now(const struct nlmsghdr *h)
{
	if (!counting)
		return false;
	lost = ++requests == lose_at;
	if (lost || requests == refuse_at)
		refused = h->nlmsg_type;
	if (requests != refuse_at)
		return false;
	errno = refuse_with;
	return true;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	meddle(msg->msg_iov[0].iov_base);
	return fails_now(msg->msg_iov[0].iov_base)
		       ? -1
		       : syscall(SYS_sendmsg, fd, msg, flags);
}

/* sendto() writes to netfilter's socket alone. */
ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	return fails_now(buf)
		       ? -1
		       : syscall(SYS_sendto, fd, buf, len, flags, to, to_len);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (!lost)
		return syscall(SYS_recvmsg, fd, msg, flags);
	lost = false;
	errno = EIO;
	return -1;
}

/* --- calls ------------------------------------------------------------------
 */

static int run_failing(const char *verb, const char *conf, int n, int with)
{
	int r;

	requests = 0;
	refuse_at = with ? n : 0;
	lose_at = with ? 0 : n;
	refuse_with = with;
	counting = true;
	r = run(verb, conf);
	counting = false;
	lost = false;
	refuse_at = lose_at = 0;
	return r;
}

/* The configuration with what a runtime adds to it after that ADD. */
static const char *with_result(const char *conf)
{
	static char buf[sizeof(out) + 4096];

	snprintf(buf, sizeof(buf),
		 "%.*s, \"prevResult\": %s, "
		 "\"cni.dev/valid-attachments\": []}",
		 (int)strlen(conf) - 1, conf, out);
	return buf;
}

static const char *ipam_type = "static"; /* of the IPAM plugin */

static const char *conf_of(const char *keys)
{
	static char buf[2048];
	const char *c = ipam_conf(keys, ipam_type, DUAL);

	/* GC is of this version */
	snprintf(buf, sizeof(buf), "{\"cniVersion\":\"1.1.0\"%s",
		 strchr(c, ','));
	return buf;
}

static bool nothing_left(void)
{
	seen[0] = '\0';
	look("");
	return strcmp(seen, ":;") == 0;
}

/* A host that knows the network. */
static const char *start(const char *keys)
{
	const char *c = conf_of(keys);

	ipam_set_up();
	sh("ip link add other type bridge");
	if (run("ADD", c) != 0 || run("DEL", c) != 0) {
		OK(!"a call without a fault failed");
		printf("# %s\n", out);
	}
	return c;
}

/* Judges what is left by a call that failed, or had another answer to go by. */
static void judge(const char *verb, const char *conf, int r)
{
	bool links, rules;

	if (strcmp(verb, "ADD") == 0) {
		if (r == 1)
			OK(nothing_left());
		else
			EQ_INT(run("CHECK", with_result(conf)), 0);
		return;
	}
	if (strcmp(verb, "CHECK") == 0 || strcmp(verb, "STATUS") == 0)
		return;
	/* whatever failed, the other steps are done */
	OK(strcmp(verb, "GC") == 0 || strstr(seen, "DEL:"));
	seen[0] = '\0';
	look("");
	links = strstr(seen, "veth");
	rules = strstr(seen, "rules");
	OK(r == 1 ? !(links && rules) : !links && !rules);
}

/* A call takes long, as the kernel waits for a grace period: so many share. */
#define SHARES 5

static void fail_each(const char *verb, const char *keys, int with, int share)
{
	const char *conf = start(keys);
	bool adds = strcmp(verb, "ADD") == 0;
	int r = 1;

	for (int n = 1 + share; n < 200 && !tap_failed; n += SHARES) {
		const char *c = conf;

		if (!adds) {
			EQ_INT(run("ADD", conf), 0);
			c = with_result(conf);
		}
		seen[0] = '\0';
		r = run_failing(verb, c, n, with);
		if (requests < n) {
			EQ_INT(r, 0);
			OK(n > 1);
			EQ_INT(run("DEL", conf), 0);
			return;
		}
		if (with)
			EQ_INT(r, 1);
		if (r == 1)
			OK(is_error_json(out) &&
			   strstr(out, strerror(with ? with : EIO)));
		judge(verb, conf, r);
		if (tap_failed)
			printf("# %s, request %d (%d): %d, %s\n", verb, n,
			       refused, r, out);
		EQ_INT(run("DEL", conf), 0);
		OK(nothing_left());
	}
}

/* Shares run all at once, since they wait for the kernel most of the time. */
static void fail_all(int with)
{
	static const char *const verbs[] = { "ADD", "CHECK", "DEL", "GC",
					     "STATUS" };
	int status;

	for (size_t i = 0; i < SHARES * ARRAY_SIZE(verbs); i++) {
		if (fork() != 0)
			continue;
		fail_each(verbs[i / SHARES], KEYS, with, (int)(i % SHARES));
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
}

static void what_is_refused_is_an_error(void)
{
	fail_all(ENOTUNIQ); /* a number that nothing here says itself */
}

static void an_answer_that_gets_lost_does_no_harm(void)
{
	fail_all(0);
}

/* Also the one whose number is -1. */
static void each_one_that_check_is_refused_is_an_error(void)
{
	int status;

	for (int i = 0; i < SHARES; i++) {
		if (fork() != 0)
			continue;
		fail_each("CHECK", KEYS, EPERM, i);
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
}

/* The link is there before the addresses are: it gets its MAC from them. */
static void nor_where_ipam_is_a_process(void)
{
	static const int with[] = { ENOTUNIQ, 0 };
	int status;

	put_file("process",
		 "#!/bin/sh\n"
		 "sed 's/.*\"ipam\":{\\(.*\\)}}/{\\1}/'\n",
		 0755);
	ipam_type = "process";
	for (size_t i = 0; i < SHARES * ARRAY_SIZE(with); i++) {
		if (fork() != 0)
			continue;
		fail_each("ADD", "\"isGateway\":true,", with[i / SHARES],
			  (int)(i % SHARES));
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
	ipam_type = "static";
}

/*
 * Where both ends got the same index the pair is made again. The first ADD of a
 * host makes its bridge as well.
 */
static void fail_each_first(int with, int share)
{
	const char *conf = conf_of("\"isGateway\":true,");
	int n = 1 + share - SHARES;

	do {
		int r;

		n += SHARES;
		ipam_set_up();
		r = run_failing("ADD", conf, n, with);
		judge("ADD", conf, r);
		if (with)
			EQ_INT(r, requests >= n);
		if (tap_failed)
			printf("# request %d (%d): %d, %s\n", n, refused, r,
			       out);
		EQ_INT(run("DEL", conf), 0);
		OK(nothing_left());
	} while (requests >= n && !tap_failed);
}

static void nor_where_a_pair_is_made_again(void)
{
	static const int with[] = { ENOTUNIQ, 0 };
	int status;

	for (size_t i = 0; i < SHARES * ARRAY_SIZE(with); i++) {
		if (fork() != 0)
			continue;
		fail_each_first(with[i / SHARES], (int)(i % SHARES));
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
}

/* --- forceAddress -----------------------------------------------------------
 */

#define OLD "10.9.0.9/25"
#define UNUSED "172.30.0.1/16"

/* OLD takes the place of the new address again, and UNUSED its own, unless ADD
   was a success. */
static void replace_each(int share)
{
	const char *conf = start(KEYS "\"forceAddress\":true,");
	int n = 1 + share - SHARES;

	do {
		int r;

		n += SHARES;
		sh("ip addr flush dev br0 && ip addr add " OLD " dev br0 &&"
		   " ip addr add " UNUSED " dev br0");
		r = run_failing("ADD", conf, n, EPERM);
		EQ_INT(r, requests >= n);
		EQ_INT(succeeds("ip addr show dev br0 | grep -q " OLD), r);
		EQ_INT(succeeds("ip addr show dev br0 | grep -q " UNUSED), r);
		EQ_INT(succeeds("ip addr show dev br0 | grep -q 10.9.0.1/24"),
		       !r);
		if (tap_failed)
			printf("# request %d (%d): %d, %s\n", n, refused, r,
			       out);
		EQ_INT(run("DEL", conf), 0);
	} while (requests >= n && !tap_failed);
}

static void an_address_that_was_replaced_comes_back(void)
{
	int status;

	for (int i = 0; i < SHARES; i++) {
		if (fork() != 0)
			continue;
		replace_each(i);
		exit(tap_failed != 0);
	}
	while (wait(&status) > 0)
		EQ_INT(status, 0);
}

static int run_meddled(const char *conf, uint16_t type, int n, const char *how)
{
	int r;

	meddle_type = type;
	meddle_at = n;
	meddle_how = how;
	r = run("ADD", conf);
	OK(meddle_at <= 0);
	meddle_how = NULL;
	return r;
}

/* The container's two addresses are put on first, then the gateways. */
#define FIRST_GATEWAY 3

/* A bridge that is gone is no error of its own. */
static void it_does_not_where_the_bridge_is_gone(void)
{
	const char *conf = start(KEYS "\"forceAddress\":true,");

	sh("ip addr flush dev br0 && ip addr add " OLD " dev br0");
	EQ_INT(run_meddled(conf, RTM_NEWADDR, FIRST_GATEWAY, "ip link del br0"),
	       1);
	OK(strstr(out, "could not add IP address 10.9.0.1/24"));
	OK(!strstr(out, "could not put"));
	OK(nothing_left());
}

/* The first ADDs of a network all want to put the gateway on. */
static void a_gateway_that_another_one_put_on_will_do(void)
{
	const char *conf = start(KEYS);

	sh("ip addr flush dev br0");
	EQ_INT(run_meddled(conf, RTM_NEWADDR, FIRST_GATEWAY,
			   "ip addr add 10.9.0.1/24 dev br0"),
	       0);
	EQ_INT(run("CHECK", with_result(conf)), 0);
}

/* And where somebody else removes what is in the way, it is gone as well. */
static void an_address_that_another_one_removed_is_out_of_the_way(void)
{
	const char *conf = start(KEYS "\"forceAddress\":true,");

	sh("ip addr flush dev br0 && ip addr add " OLD " dev br0");
	EQ_INT(run_meddled(conf, RTM_DELADDR, 1, "ip addr del " OLD " dev br0"),
	       0);
	EQ_INT(run("CHECK", with_result(conf)), 0);
}

/* Who came to the bridge while it was removed may have found it there. */
static void an_unused_address_comes_back_where_it_is_used_after_all(void)
{
	const char *conf = start(KEYS "\"forceAddress\":true,");

	sh("ip addr flush dev br0 && ip addr add " UNUSED " dev br0");
	EQ_INT(run_meddled(conf, RTM_DELADDR, 1,
			   "ip link add t0 type ifb && "
			   "ip link set t0 master br0"),
	       0);
	OK(succeeds("ip addr show dev br0 | grep -q " UNUSED));
	sh("ip link del t0");
	EQ_INT(run("DEL", conf), 0);
}

/* And where somebody else was faster, or the bridge is gone, so is it. */
static void an_unused_address_that_is_gone_is_no_error(void)
{
	const char *conf = start(KEYS "\"forceAddress\":true,");

	sh("ip addr flush dev br0 && ip addr add " UNUSED " dev br0");
	EQ_INT(run_meddled(conf, RTM_DELADDR, 1,
			   "ip addr del " UNUSED " dev br0"),
	       0);
	OK(!succeeds("ip addr show dev br0 | grep -q " UNUSED));
	EQ_INT(run("DEL", conf), 0);
	sh("ip addr add " UNUSED " dev br0");
	EQ_INT(run_meddled(conf, RTM_DELADDR, 1, "ip link del br0"), 1);
	OK(strstr(out, "cannot remove " UNUSED ", which nobody uses"));
	OK(!strstr(out, "put back"));
	OK(nothing_left());
}

/* --- GC ---------------------------------------------------------------------
 */

/* The link's own DEL, say, was as fast: that is no reason not to go on. */
static void gc_does_not_mind_a_link_that_is_gone(void)
{
	const char *conf = start(KEYS);
	const char *gone = "ip link del $(ip -o link show type veth |"
			   " sed 's/^[0-9]*: \\([^@]*\\).*/\\1/')";

	EQ_INT(run("ADD", conf), 0);
	conf = with_result(conf);
	meddle_type = RTM_NEWLINK; /* into the group */
	meddle_at = 1;
	meddle_how = gone;
	EQ_INT(run("GC", conf), 0);
	OK(meddle_at <= 0);
	meddle_how = NULL;
	OK(nothing_left());
}

/* --- dns --------------------------------------------------------------------
 */

/* Whether the ADD wanted more memory than it got. */
static bool del_after(const char *conf)
{
	long wanted = count, failed = fail_at;

	fail_at = 0;
	EQ_INT(run("DEL", conf), 0);
	fail_at = failed;
	return wanted >= failed;
}

/* DNS is passed on whole, or not at all. */
static void dns_that_cannot_be_kept_is_an_error(void)
{
	const char *conf = "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\","
			   "\"bridge\":\"br0\",\"dns\":{"
			   "\"nameservers\":[\"10.0.0.1\"],\"domain\":\"d\","
			   "\"search\":[\"s\"],\"options\":[\"o\"]}}";

	start(KEYS);
	count = fail_at = 0;
	do {
		count = 0;
		fail_at++;
		if (run("ADD", conf) == 0)
			OK(strstr(out, "\"10.0.0.1\"") &&
			   strstr(out, "\"d\"") && strstr(out, "\"s\"") &&
			   strstr(out, "\"o\""));
	} while (del_after(conf) && !tap_failed);
	OK(fail_at > 20);
	fail_at = 0;
}

TAP_MAIN(TEST(what_is_refused_is_an_error),
	 TEST(an_answer_that_gets_lost_does_no_harm),
	 TEST(each_one_that_check_is_refused_is_an_error),
	 TEST(nor_where_ipam_is_a_process),
	 TEST(nor_where_a_pair_is_made_again),
	 TEST(an_address_that_was_replaced_comes_back),
	 TEST(it_does_not_where_the_bridge_is_gone),
	 TEST(a_gateway_that_another_one_put_on_will_do),
	 TEST(an_address_that_another_one_removed_is_out_of_the_way),
	 TEST(an_unused_address_comes_back_where_it_is_used_after_all),
	 TEST(an_unused_address_that_is_gone_is_no_error),
	 TEST(gc_does_not_mind_a_link_that_is_gone),
	 TEST(dns_that_cannot_be_kept_is_an_error))
