// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_index.c - the store is read while a system call fails, or a file
 * may not be read: what is not believed then, not removed and not forgotten
 *
 * unit: plugins/host-local
 */
#include "../../plugins/host-local/gc.h"
#include "../../plugins/host-local/repair.h"
#include "failing-calls.h"
#include "store-test.h"

/* --- finding without the index -------------------------------------------- */

/* A look without the lock may meet an index in the middle of a change. */
static void a_look_does_not_believe_that_there_is_nothing(void)
{
	AUTO(ip_list) struct ip_list list = { 0 };

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	{
		AUTO(store) struct store s = opened(STORE_LOOK);

		OK(s.indexed);
		EQ_INT(unlink(own(entry_of(ETH0("a")))), 0);
		EQ_INT(store_find(&s, ETH0("a"), &list), 0);
	}
	EQ_INT(list.n, 1);
	teardown();
}

/* The search that starts again does not tell twice what it had found. */
static void what_was_found_is_told_once(void)
{
	const struct ip_addr other = ip("192.0.2.1");

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("a")), 0);
	put("10.1.2.4", ETH0("b"), 7);
	for (int use = STORE_LOOK; use <= STORE_CHANGE; use++) {
		AUTO(store) struct store s = opened((enum store_use)use);
		AUTO(ip_list) struct ip_list list = { 0 };

		EQ_INT(ip_list_add(&list, &other), 0);
		EQ_INT(store_find(&s, ETH0("a"), &list), 0);
		EQ_INT(list.n, 2);
		OK(ip_cmp(&list.v[0], &other) == 0);
	}
	teardown();
}

static void an_entry_that_cannot_be_read_is_not_missing(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	fail_call("readlinkat", entry_of(ETH0("a")), EIO);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	OK(failed_call());

	/* it cannot be struck out either: the index is wrong from now on */
	OK(indexed());
	fail_call("readlinkat", entry_of(ETH0("a")), EIO);
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(failed_call());
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	OK(indexed() && !own_there(entry_of(ETH0("a"))));
	teardown();
}

static void a_file_that_cannot_be_read_is_an_error(void)
{
	static const struct {
		const char *call;
		int error;
	} t[] = { { "openat", EIO },	{ "openat", EMFILE },
		  { "fstat", EIO },	{ "read", EIO },
		  { "read", ENOMEM },	{ "fstatat", EIO },
		  { "fstatat", ENOMEM } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct store s = STORE_CLOSED;
		AUTO(ip_list) struct ip_list list = { 0 };
		struct cni_err err = { 0 };

		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		/* of the index, which asks the file */
		if (strcmp(t[i].call, "fstatat") != 0) {
			for (int use = STORE_LOOK; use <= STORE_CHANGE; use++) {
				s = opened((enum store_use)use);
				OK(s.indexed);
				fail_call(t[i].call, "10.1.2.3", t[i].error);
				EQ_INT(store_find(&s, ETH0("a"), &list),
				       -t[i].error);
				/* nor is it tried again */
				EQ_INT(faults, 1);
				failed_call();
				store_close(&s);
			}
		}
		/* and of all files, where nobody has entered one */
		foreign("10.1.2.4", ETH0("a"));
		s = opened(STORE_LOOK);
		OK(!s.indexed);
		fail_call(t[i].call, "10.1.2.4", t[i].error);
		EQ_INT(store_find(&s, ETH0("a"), &list), -t[i].error);
		OK(failed_call());
		store_close(&s);
		/* none of which makes it garbage */
		fail_call(t[i].call, "10.1.2.4", t[i].error);
		EQ_INT(store_open(&s, &place, STORE_CHANGE, &err), -1);
		OK(failed_call());
		EQ_INT(err.code, CNI_EIO);
		EQ_STR(err.details, strerror(t[i].error));
		store_close(&s);
		EQ_STR(content("10.1.2.4"), ETH0("a"));
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3 10.1.2.4");
		teardown();
	}
}

static void a_folder_that_cannot_be_read_is_an_error(void)
{
	AUTO(ip_list) struct ip_list list = { 0 };
	struct store s;

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	s = opened(STORE_LOOK);
	fail_call("openat", ".", EMFILE);
	EQ_INT(store_names(&s, &list), -EMFILE);
	s.indexed = false;
	EQ_INT(store_find(&s, ETH0("a"), &list), -EMFILE);
	OK(failed_call());
	store_close(&s);
	teardown();
}

/* gone, or no file, by the time it is opened */
static void what_goes_meanwhile_is_passed_by(void)
{
	static const int errors[] = { ENOENT, ELOOP, ENXIO, EINVAL };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		foreign("10.1.2.4", ETH0("b"));
		fail_call("openat", "10.1.2.4", errors[i]);
		EQ_STR(held(STORE_LOOK, ETH0("b")), "");
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		OK(failed_call());
		OK(there("10.1.2.4"));
		fail_call("openat", "10.1.2.3", errors[i]);
		EQ_STR(held(STORE_LOOK, ETH0("a")), "");
		OK(failed_call());
		teardown();
	}
}

/* --- what we may not read ------------------------------------------------- */

/* Calls that fail in these ways where a file is another user's. */
static const struct {
	const char *call;
	int error;
} barred[] = { { "openat", EACCES },
	       { "openat", EPERM },
	       { "fstatat", EACCES },
	       { "fstatat", EPERM } };

/* An index without it would not know it on the day it can be read. */
static void with_a_file_that_may_not_be_read_there_is_no_index(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(barred); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		foreign("10.1.2.4", ETH0("b"));
		fail_call(barred[i].call, "10.1.2.4", barred[i].error);
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		EQ_STR(held(STORE_LOOK, ETH0("b")), "");
		EQ_INT(reserve("10.1.2.4", ETH0("c")), -EEXIST);
		/* what is entered or struck out now does not make it one */
		EQ_INT(reserve("10.1.2.5", ETH0("c")), 0);
		EQ_INT(reserve("10.1.2.6", ETH0("c")), 0);
		EQ_INT(release("10.1.2.6", ETH0("c")), 0);
		OK(failed_call());
		OK(!indexed());
		EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		OK(indexed());
		teardown();
	}
}

static bool keep_none(const void *arg, const char *id, const char *ifname)
{
	(void)arg;
	(void)id;
	(void)ifname;
	return false;
}

static int sweep(void)
{
	AUTO(store) struct store s = opened(STORE_CHANGE);

	return gc_store(&s, keep_none, NULL);
}

/* The owner of an unreadable file may live; that of another file is known. */
static void a_sweep_tells_of_a_file_it_may_not_read(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(barred); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
		EQ_INT(reserve("10.1.2.5", ETH0("c")), 0);
		fail_call(barred[i].call, "10.1.2.4", barred[i].error);
		EQ_INT(sweep(), -EACCES);
		OK(failed_call());
		OK(!there("10.1.2.3") && !there("10.1.2.5"));
		EQ_STR(content("10.1.2.4"), ETH0("b"));
		EQ_INT(sweep(), 0);
		OK(!there("10.1.2.4"));
		teardown();
	}
}

/* The first error is told, and what comes after it is swept all the same. */
static void a_sweep_goes_on_after_an_error(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	EQ_INT(reserve("10.1.2.5", ETH0("c")), 0);
	put("10.1.2.4", "", 0);
	EQ_INT(truncate(path("10.1.2.4"), 0), 0);
	fail_call("unlinkat", "10.1.2.4", EIO);
	EQ_INT(sweep(), -EIO);
	OK(failed_call());
	OK(!there("10.1.2.3") && there("10.1.2.4") && !there("10.1.2.5"));
	teardown();
}

/* --- the index ------------------------------------------------------------ */

static void what_was_not_entered_makes_no_index(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	/* one of ours */
	fail_call("symlinkat", entry_of(ETH0("b")), ENOSPC);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	OK(failed_call());
	OK(!indexed());
	EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
	/* and when all are entered anew */
	fail_call("symlinkat", entry_of(ETH0("b")), ENOSPC);
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	OK(failed_call());
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	OK(indexed());
	teardown();
}

static void what_was_not_struck_out_makes_no_index(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("a")), 0);
	/* the last entry fills the gap of the first */
	fail_call("renameat", entry_of(ETH0("a")), EIO);
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(failed_call());
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.4");
	OK(indexed());
	fail_call("unlinkat", entry_of(ETH0("a")), EIO);
	EQ_INT(release("10.1.2.4", ETH0("a")), 0);
	OK(failed_call());
	OK(!indexed());
	teardown();
}

static void a_sweep_that_cannot_read_is_an_error(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	fail_call("openat", "10.1.2.3", EIO);
	EQ_INT(sweep(), -EIO);
	OK(failed_call());
	OK(there("10.1.2.3"));
	/* whose entry a file without content has in the index, nobody knows */
	put("10.1.2.3", "", 0);
	EQ_INT(sweep(), 0);
	OK(!there("10.1.2.3") && !indexed());
	teardown();
}

/* An index that was right is none when it could not be written anew. */
static void an_index_that_is_not_mended_is_none(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		OK(s.indexed && !s.scanned);
		fail_call("openat", "10.1.2.3", EACCES);
		EQ_INT(repair_store(&s), 0);
		OK(failed_call());
		OK(!s.indexed && s.scanned);
	}
	teardown();
}

TAP_MAIN(TEST(a_look_does_not_believe_that_there_is_nothing),
	 TEST(what_was_found_is_told_once),
	 TEST(an_entry_that_cannot_be_read_is_not_missing),
	 TEST(a_file_that_cannot_be_read_is_an_error),
	 TEST(a_folder_that_cannot_be_read_is_an_error),
	 TEST(what_goes_meanwhile_is_passed_by),
	 TEST(with_a_file_that_may_not_be_read_there_is_no_index),
	 TEST(a_sweep_tells_of_a_file_it_may_not_read),
	 TEST(a_sweep_goes_on_after_an_error),
	 TEST(what_was_not_entered_makes_no_index),
	 TEST(what_was_not_struck_out_makes_no_index),
	 TEST(a_sweep_that_cannot_read_is_an_error),
	 TEST(an_index_that_is_not_mended_is_none))
