// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_add.c - whole calls of host-local while a system call fails, or
 * while its result is being written: what is given back, and what is said
 *
 * unit: plugins/host-local
 */
#include "../../plugins/host-local/alloc.h"
#include "failing-calls.h"
#include "host-local-call.h"

/* --- ADD gives back ------------------------------------------------------- */

/* A reservation that no ADD tells of would hold its address for nobody. */
static void what_fails_after_a_reservation_takes_it_back(void)
{
	static const struct {
		const char *call, *name, *msg;
	} t[] = {
		{ "renameat", "last_reserved_ip.0", "cannot reserve" },
		{ "renameat", "last_reserved_ip.1", "cannot reserve" },
		{ "fstatat", "10.1.2.2", "cannot read the reservations" },
		{ "fstatat", "fd00::2", "cannot read the reservations" },
		{ "linkat", "fd00::2", "cannot reserve" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		setup();
		fail_call(t[i].call, t[i].name, EIO);
		failed(ask("ADD", V4 "," V6), CNI_EIO, t[i].msg,
		       "Input/output error");
		OK(failed_call());
		OK(!there("10.1.2.2") && !there("fd00::2"));
		OK(!there(".cnic/new") && indexed());
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
		EQ_INT(ask("ADD", V4 "," V6)->status, 0);
		OK(strstr(held(STORE_LOOK, ETH0("a")), "fd00::"));
		teardown();
	}
}

static void what_cannot_be_taken_back_is_said(void)
{
	setup();
	fail_call("linkat", "fd00::2", ENOSPC);
	fault[1] = (struct fault){ "unlinkat", "10.1.2.2", EROFS, 0, NULL };
	failed(ask("ADD", V4 "," V6), CNI_EIO, "cannot reserve",
	       "cannot release in");
	OK(failed_call());
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.2");
	EQ_INT(ask("DEL", V4)->status, 0);

	fail_call("fstatat", "10.1.2.3", EIO);
	fault[1] = (struct fault){ "unlinkat", "10.1.2.3", EROFS, 0, NULL };
	failed(ask("ADD", V4), CNI_EIO, "cannot read the reservations",
	       "cannot release in");
	OK(failed_call());
	OK(there("10.1.2.3"));
	teardown();
}

/* The names of a folder that cannot be listed are not free. */
static void a_long_search_that_cannot_go_on_is_an_error(void)
{
	char name[16];

	setup();
	for (int i = 2; i < 72; i++) {
		snprintf(name, sizeof(name), "10.1.2.%d", i);
		EQ_INT(reserve(name, ETH0("x")), 0);
	}
	fail_call("openat", ".", EMFILE);
	failed(ask("ADD", "[{\"subnet\":\"10.1.2.0/24\"}]"), CNI_EIO,
	       "cannot reserve an address in", strerror(EMFILE));
	OK(failed_call());
	EQ_INT(ask("ADD", "[{\"subnet\":\"10.1.2.0/24\"}]")->status, 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.72");
	teardown();
}

static void what_was_given_back_is_no_more_in_the_list(void)
{
	AUTO(ip_list) struct ip_list list = { 0 };
	const struct ip_addr two[] = { ip("10.1.2.2"), ip("10.1.2.3") };

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(two); i++) {
		char text[IP_STRLEN];

		EQ_INT(reserve(ip_format(&two[i], text), ETH0("a")), 0);
		EQ_INT(ip_list_add(&list, &two[i]), 0);
	}
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		EQ_INT(alloc_give_back(&s, ETH0("a"), &list), 0);
	}
	EQ_INT(list.n, 0);
	OK(!there("10.1.2.2") && !there("10.1.2.3"));
	teardown();
}

static void what_is_in_the_way_is_said(void)
{
	setup();
	EQ_INT(reserve("10.1.2.2", ETH0("x")), 0);
	failed(call(&plugin_host_local, env("ADD", "a"),
		    conf(V4, ",\"runtimeConfig\":{\"ips\":[\"10.1.2.2\"]}")),
	       CNI_EPOOL, "requested IP address 10.1.2.2 is not available",
	       "/net/10.1.2.2 is there");
	teardown();
}

/* where all is as it was, nothing was, and nothing is said of it */
static void what_was_taken_back_is_not_said(void)
{
	setup();
	EQ_INT(reserve("fd00::1", ETH0("x")), 0);
	failed(ask("ADD", V4 ",[{\"subnet\":\"fd00::1/128\"}]"), CNI_EPOOL,
	       "no IP addresses available in range set: fd00::1-fd00::1",
	       "1 addresses of it are reserved in ");
	OK(!there("10.1.2.2"));
	teardown();
}

/* A full pool is only full when its files have been looked at. */
static void a_pool_that_cannot_be_mended_is_not_called_full(void)
{
	setup();
	EQ_INT(reserve("10.1.2.2", ETH0("x")), 0);
	fail_call("openat", "10.1.2.2", EIO);
	failed(ask("ADD", "[{\"subnet\":\"10.1.2.2/32\"}]"), CNI_EIO,
	       "cannot reserve an address in", "Input/output error");
	OK(failed_call());
	EQ_STR(content("10.1.2.2"), ETH0("x"));
	teardown();
}

static void what_is_no_address_has_no_details(void)
{
	static const struct {
		const char *more, *msg;
	} t[] = {
		{ ",\"runtimeConfig\":{\"ips\":[5]}", "\"ips\": expected" },
		{ ",\"runtimeConfig\":{\"ips\":[\"\"]}", "IP <nil>" },
		{ ",\"runtimeConfig\":{\"ips\":[\"x\"]}", "invalid IP" },
	};

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		failed(call(&plugin_host_local, env("ADD", "a"),
			    conf(V4, t[i].more)),
		       CNI_ECONF, t[i].msg, "");
	OK(!there(""));
	teardown();
}

/* --- a result that gets lost ---------------------------------------------- */

/* Gives the file of a reservation another date. */
static void redate(const char *name, time_t seconds, long nanoseconds)
{
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat st;

	EQ_INT(stat(path(name), &st), 0);
	t[1].tv_sec = st.st_mtim.tv_sec + seconds;
	t[1].tv_nsec = (st.st_mtim.tv_nsec + nanoseconds) % 1000000000;
	EQ_INT(utimensat(AT_FDCWD, path(name), t, 0), 0);
}

static void made_a_second_later(void)
{
	redate("10.1.2.2", 1, 0);
}

static void made_a_nanosecond_later(void)
{
	redate("10.1.2.2", 0, 1);
}

/* the runtime gave up: DEL, and the address is another one's */
static void given_to_another(void)
{
	EQ_INT(unlink(path("10.1.2.2")), 0);
	foreign("10.1.2.2", ETH0("b"));
}

/* and the same attachment has another address instead */
static void given_another(void)
{
	EQ_INT(unlink(path("10.1.2.2")), 0);
	foreign("10.1.2.5", ETH0("a"));
}

static void lost_while(void (*before)(void), const char *left)
{
	char out[PATH_MAX];
	int in, to;

	setup();
	snprintf(out, sizeof(out), "%s/out", data_dir);
	in = file_with(conf(V4, ""), strlen(conf(V4, "")));
	to = open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	fault[0] = (struct fault){ "write", "out", EPIPE, 0, before };
	EQ_INT(cni_run(&plugin_host_local,
		       &(struct cni_io){ .env = env("ADD", "a"),
					 .in = in,
					 .out = to,
					 .err = to }),
	       1);
	OK(failed_call());
	close(in);
	close(to);
	OK(!there("10.1.2.2") || strcmp(left, "10.1.2.2") == 0);
	if (*left)
		OK(there(left));
	teardown();
}

static void a_lost_result_is_taken_back(void)
{
	lost_while(NULL, "");
}

static void what_was_reserved_since_is_not_taken_back(void)
{
	lost_while(made_a_second_later, "10.1.2.2");
	lost_while(made_a_nanosecond_later, "10.1.2.2");
	lost_while(given_to_another, "10.1.2.2");
	lost_while(given_another, "10.1.2.5");
}

/* The result is lost; that its address stays is told. */
static void what_cannot_be_taken_back_then_is_told(void)
{
	char out[PATH_MAX];
	const char *c;
	int in, to;

	setup();
	c = conf(V4, "");
	snprintf(out, sizeof(out), "%s/out", data_dir);
	in = file_with(c, strlen(c));
	to = open(out, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	fault[0] = (struct fault){ "write", "out", EPIPE, 1, NULL };
	fault[1] = (struct fault){ "unlinkat", "10.1.2.2", EIO, 0, NULL };
	EQ_INT(cni_run(&plugin_host_local,
		       &(struct cni_io){ .env = env("ADD", "a"),
					 .in = in,
					 .out = to,
					 .err = to }),
	       1);
	OK(failed_call());
	close(in);
	read_back(to, out, sizeof(out));
	OK(strstr(out, "cannot release in"));
	OK(strstr(out, "could not release the addresses"));
	OK(there("10.1.2.2"));
	teardown();
}

/* --- DEL, CHECK and GC -------------------------------------------- */

/* An error of one address, either of them, does not keep the other from being
   released. */
static void a_del_goes_on_after_an_error(void)
{
	static const char *const stays[] = { "10.1.2.2", "fd00::2" };

	for (size_t i = 0; i < ARRAY_SIZE(stays); i++) {
		setup();
		EQ_INT(ask("ADD", V4 "," V6)->status, 0);
		fail_call("unlinkat", stays[i], EIO);
		failed(ask("DEL", V4), CNI_EIO, "cannot release in",
		       "Input/output error");
		OK(failed_call());
		OK(there(stays[i]) && !there(stays[1 - i]));
		EQ_INT(ask("DEL", V4)->status, 0);
		OK(!there(stays[i]));
		teardown();
	}
}

/* Where it cannot be seen what is there, that is no success. */
static void what_cannot_be_read_is_no_success(void)
{
	static const struct {
		const char *verb, *msg;
		unsigned code;
	} t[] = { { "DEL", "cannot read the store", CNI_EIO },
		  { "CHECK", "cannot read the store", CNI_EIO },
		  { "GC", "cannot read the store", CNI_EIO } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		setup();
		EQ_INT(ask("ADD", V4)->status, 0);
		foreign("10.1.2.5", ETH0("b"));
		fail_call("openat", "10.1.2.5", EIO);
		failed(call(&plugin_host_local, env(t[i].verb, "b"),
			    conf(V4, ",\"cni.dev/valid-attachments\":[]")),
		       t[i].code, t[i].msg, "Input/output error");
		OK(failed_call());
		OK(there("10.1.2.5"));
		teardown();
	}
}

/* The old name being without a reservation says nothing of the new one. */
static void what_cannot_be_read_of_the_new_name_is_an_error(void)
{
	setup();
	EQ_INT(ask("ADD", V4)->status, 0);
	fail_call("openat", "10.1.2.2", EIO);
	failed(ask("ADD", V4), CNI_EIO, "cannot read the store",
	       "Input/output error");
	failed(ask("CHECK", V4), CNI_EIO, "cannot read the store",
	       "Input/output error");
	OK(failed_call());
	OK(!there("10.1.2.3"));
	/* nor is the old one asked for where the new one has something */
	foreign("10.1.2.5", "a");
	EQ_INT(ask("GC", V4)->status, 0);
	EQ_STR(held(STORE_CHANGE, "a"), "10.1.2.5");
	fail_call("openat", "10.1.2.5", EIO);
	EQ_INT(ask("CHECK", V4)->status, 0);
	failed_call();
	teardown();
}

/* Whether an old owner can be asked for decides what a DEL finds. */
static void an_index_that_fails_for_the_old_name_is_an_error(void)
{
	setup();
	EQ_INT(reserve("10.1.2.2", "a"), 0);
	EQ_INT(reserve("10.1.2.3", ETH0("b")), 0);
	fail_call("openat", "10.1.2.2", EIO);
	failed(ask("DEL", V4), CNI_EIO, "cannot release in",
	       "Input/output error");
	failed(ask("CHECK", V4), CNI_EIO, "cannot read the store",
	       "Input/output error");
	failed(ask("ADD", V4), CNI_EIO, "cannot read the store",
	       "Input/output error");
	OK(failed_call());
	EQ_STR(held(STORE_LOOK, "a"), "10.1.2.2");
	EQ_INT(ask("DEL", V4)->status, 0);
	OK(!there("10.1.2.2"));
	teardown();
}

static void its_help_begins_with_what_it_is(void)
{
	const char *help = plugin_host_local.help;

	OK(strstr(help, "host-local hands out IP addresses from ranges and "
			"keeps\ntrack of them in files on this host.") == help);
}

TAP_MAIN(TEST(what_fails_after_a_reservation_takes_it_back),
	 TEST(what_cannot_be_taken_back_is_said),
	 TEST(what_was_taken_back_is_not_said),
	 TEST(a_pool_that_cannot_be_mended_is_not_called_full),
	 TEST(what_is_no_address_has_no_details),
	 TEST(a_lost_result_is_taken_back),
	 TEST(what_was_reserved_since_is_not_taken_back),
	 TEST(a_del_goes_on_after_an_error),
	 TEST(what_cannot_be_read_is_no_success),
	 TEST(an_index_that_fails_for_the_old_name_is_an_error),
	 TEST(its_help_begins_with_what_it_is),
	 TEST(what_cannot_be_read_of_the_new_name_is_an_error),
	 TEST(a_long_search_that_cannot_go_on_is_an_error),
	 TEST(what_was_given_back_is_no_more_in_the_list),
	 TEST(what_is_in_the_way_is_said),
	 TEST(what_cannot_be_taken_back_then_is_told))
