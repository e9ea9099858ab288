// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-meddled.c - somebody else changes what bridge is about to change: the
 * addresses that forceAddress takes off, and comes back to, and links in a GC
 *
 * unit: plugins/bridge
 */
#include "bridge-refused.h"

#include <linux/rtnetlink.h>

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

TAP_MAIN(TEST(an_address_that_was_replaced_comes_back),
	 TEST(it_does_not_where_the_bridge_is_gone),
	 TEST(a_gateway_that_another_one_put_on_will_do),
	 TEST(an_address_that_another_one_removed_is_out_of_the_way),
	 TEST(an_unused_address_comes_back_where_it_is_used_after_all),
	 TEST(an_unused_address_that_is_gone_is_no_error),
	 TEST(gc_does_not_mind_a_link_that_is_gone))
