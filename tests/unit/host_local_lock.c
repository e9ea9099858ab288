// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_lock.c - the store with its lock and without it: what a look may
 * do, what works where no lock can be made, and what is declared at the end
 *
 * unit: plugins/host-local
 */
#include "failing-calls.h"
#include "store-test.h"

static int open_code(enum store_use use)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };
	int r = store_open(&s, &place, use, &err);

	store_close(&s);
	EQ_INT(r < 0, err.set);
	return r;
}

/* --- a look --------------------------------------------------------------- */

static void a_look_makes_nothing(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	foreign("10.1.2.3", ETH0("a"));
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	OK(!there(".cnic") && !there("lock"));
	teardown();
}

static void a_look_mends_nothing(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	put("10.1.2.3", ETH0("b"), 7);
	OK(indexed());
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	OK(own_there(entry_of(ETH0("a"))) && !own_there(entry_of(ETH0("b"))));
	put("10.1.2.3", "", 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	OK(there("10.1.2.3") && indexed());
	teardown();
}

/* A look is sure of what it finds by the index, whatever else there is. */
static void a_look_that_finds_reads_nothing_else(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	fail_call("openat", "10.1.2.4", EIO);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	OK(!failed_call());
	teardown();
}

/* To open a device can be to do something with it. */
static void what_is_no_file_is_not_opened(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	EQ_INT(mkfifo(path("10.1.2.3"), 0600), 0);
	fail_call("openat", "10.1.2.3", EIO);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	OK(!failed_call());
	teardown();
}

static void a_name_no_folder_can_have_is_not_there(void)
{
	static char name[300];

	setup();
	memset(name, 'n', sizeof(name) - 1);
	place.network = name;
	EQ_INT(open_code(STORE_LOOK), 0);
	EQ_INT(open_code(STORE_CHANGE), 0);
	EQ_INT(open_code(STORE_CREATE), -1);
	teardown();
}

/* --- the lock ------------------------------------------------------------- */

/* A lock without room is nobody's, and a release needs no room. */
static void without_room_for_a_lock_a_release_works(void)
{
	static const int errors[] = { ENOSPC, EDQUOT, EROFS };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		fail_call("openat", "lock", errors[i]);
		EQ_INT(open_code(STORE_CREATE), -1);
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		EQ_INT(release("10.1.2.3", ETH0("a")), 0);
		OK(failed_call());
		OK(!there("10.1.2.3"));
		/* that all is in order can be said under the lock alone */
		OK(!indexed());
		teardown();
	}
}

static void another_reason_is_an_error(void)
{
	static const int errors[] = { EACCES, EMFILE, EIO };

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		fail_call("openat", "lock", errors[i]);
		EQ_INT(open_code(STORE_CHANGE), -1);
		EQ_INT(open_code(STORE_CREATE), -1);
		EQ_INT(open_code(STORE_LOOK), 1);
		OK(failed_call());
	}
	OK(there("10.1.2.3"));
	teardown();
}

/* An ordinary open() waits until somebody writes to it. */
static void a_lock_may_be_a_fifo(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	EQ_INT(mkfifo(path("lock"), 0600), 0);
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	teardown();
}

/* --- at the end ----------------------------------------------------------- */

static void a_release_keeps_the_index(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(indexed());
	teardown();
}

/* Others may have changed something, without the lock. */
static void who_changed_nothing_declares_nothing(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		OK(s.indexed);
		foreign("10.1.2.4", ETH0("b"));
	}
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	teardown();
}

TAP_MAIN(TEST(a_look_makes_nothing), TEST(a_look_mends_nothing),
	 TEST(a_look_that_finds_reads_nothing_else),
	 TEST(what_is_no_file_is_not_opened),
	 TEST(a_name_no_folder_can_have_is_not_there),
	 TEST(without_room_for_a_lock_a_release_works),
	 TEST(another_reason_is_an_error), TEST(a_lock_may_be_a_fifo),
	 TEST(a_release_keeps_the_index),
	 TEST(who_changed_nothing_declares_nothing))
