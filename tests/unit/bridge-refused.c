// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-refused.c - each request of bridge to the kernel, one after the other,
 * is refused or its answer gets lost: that is an error, with its number, and
 * nothing is left of a failed ADD
 *
 * unit: plugins/bridge
 */
#include "bridge-refused.h"

#include "failing-malloc.h"

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
	 TEST(dns_that_cannot_be_kept_is_an_error))
