// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_calls.c - the files of the store are written while a system call
 * fails: what is tried instead, and what is left
 *
 * unit: plugins/host-local
 */
#include "failing-calls.h"
#include "store-test.h"

/* --- a reservation -------------------------------------------------------- */

/* A file system without hard links says so in one of these ways. */
static void without_hard_links_a_file_is_renamed(void)
{
	static const int errors[] = { EPERM, EOPNOTSUPP, ENOSYS, EXDEV };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		setup();
		fail_call("linkat", "10.1.2.3", errors[i]);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		EQ_STR(content("10.1.2.3"), ETH0("a"));
		OK(!own_there("new"));
		OK(indexed());
		/* and never over one that is there */
		EQ_INT(reserve("10.1.2.3", ETH0("b")), -EEXIST);
		OK(failed_call());
		EQ_STR(content("10.1.2.3"), ETH0("a"));
		OK(!own_there("new"));
		teardown();
	}
}

static void a_reservation_that_fails_leaves_nothing(void)
{
	static const struct {
		const char *call, *name;
		int error;
	} t[] = {
		{ "openat", "new", EROFS },
		{ "write", "new", EPERM },
		{ "write", "new", ENOSPC },
		{ "fstat", "new", EIO },
		{ "close", "new", EDQUOT },
		{ "linkat", "10.1.2.3", EIO },
		{ "linkat", "10.1.2.3", EMLINK },
		{ "linkat", "10.1.2.3", ENOSPC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		setup();
		EQ_INT(reserve("10.1.2.2", ETH0("x")), 0);
		fail_call(t[i].call, t[i].name, t[i].error);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), -t[i].error);
		OK(failed_call());
		OK(!there("10.1.2.3") && !own_there("new"));
		OK(indexed());
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		teardown();
	}
}

/* nor with a rename that keeps what is there: it is looked for first */
static void without_either_it_is_renamed_all_the_same(void)
{
	static const int errors[] = { EINVAL, EOPNOTSUPP, ENOSYS };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(errors); i++) {
		bool taken = i % 2;

		setup();
		if (taken)
			EQ_INT(reserve("10.1.2.3", ETH0("b")), 0);
		fail_call("linkat", "10.1.2.3", EPERM);
		fault[1] = (struct fault){ "renameat2", "10.1.2.3",
					   errors[i / 2], 0, NULL };
		EQ_INT(reserve("10.1.2.3", ETH0("a")), taken ? -EEXIST : 0);
		EQ_INT(faults, 2);
		failed_call();
		EQ_STR(content("10.1.2.3"), taken ? ETH0("b") : ETH0("a"));
		OK(!own_there("new"));
		teardown();
	}
}

/* where the second way does not work either, its reason is the one */
static void the_renaming_can_fail_too(void)
{
	setup();
	fail_call("linkat", "10.1.2.3", EPERM);
	fault[1] = (struct fault){ "renameat2", "10.1.2.3", EIO, 0, NULL };
	EQ_INT(reserve("10.1.2.3", ETH0("a")), -EIO);
	EQ_INT(faults, 2);
	failed_call();
	OK(!there("10.1.2.3") && !own_there("new"));
	teardown();
}

/* the first reason is the one: that there was no room, not what came of it */
static void a_failed_write_is_why(void)
{
	setup();
	for (int i = 0; i < 2; i++) {
		fail_call("write", "new", ENOSPC);
		fault[1] = (struct fault){ i ? "close" : "fstat", "new", EIO, 0,
					   NULL };
		EQ_INT(reserve("10.1.2.3", ETH0("a")), -ENOSPC);
		OK(failed_call());
	}
	teardown();
}

/* one that was killed may have left its file, with the reservation's name too
 */
static void a_file_left_half_made_is_not_written_to(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(link(path("10.1.2.3"), own("new")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	EQ_STR(content("10.1.2.3"), ETH0("a"));
	EQ_STR(content("10.1.2.4"), ETH0("b"));
	OK(!own_there("new"));

	/* -EEXIST would be an address that is taken */
	EQ_INT(link(path("10.1.2.3"), own("new")), 0);
	fail_call("unlinkat", "new", EIO);
	EQ_INT(reserve("10.1.2.5", ETH0("c")), -EIO);
	OK(failed_call());
	OK(!there("10.1.2.5"));
	teardown();
}

/* it holds the name of an owner, who may be asking for its DEL */
static void a_file_left_half_made_goes_with_the_next_change(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	put(".cnic/new", ETH0("b"), 7);
	EQ_STR(held(STORE_LOOK, ETH0("b")), "");
	OK(own_there("new"));
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "");
	OK(!own_there("new"));
	teardown();
}

static void what_cannot_be_released_stays(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	fail_call("unlinkat", "10.1.2.3", EIO);
	EQ_INT(release("10.1.2.3", ETH0("a")), -EIO);
	OK(failed_call());
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	OK(indexed());
	fail_call("unlinkat", "10.1.2.3", ENOENT);
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(failed_call());
	teardown();
}

/* --- the last reserved address -------------------------------------------- */

static int set_last(const char *text)
{
	AUTO(store) struct store s = opened(STORE_CREATE);
	struct ip_addr a = ip(text);

	return store_set_last(&s, 0, &a);
}

#define LAST "last_reserved_ip.0"

static void the_last_address_is_overwritten(void)
{
	struct stat before, now;

	setup();
	EQ_INT(set_last("10.1.2.3"), 0);
	EQ_INT(stat(path(LAST), &before), 0);
	EQ_INT(set_last("10.1.2.234"), 0);
	EQ_STR(content(LAST), "10.1.2.234");
	EQ_INT(set_last("10.1.2.23"), 0);
	EQ_STR(content(LAST), "10.1.2.23");
	EQ_INT(set_last("10.1.2.4"), 0);
	EQ_STR(content(LAST), "10.1.2.4");
	EQ_INT(stat(path(LAST), &now), 0);
	EQ_INT(now.st_ino, before.st_ino);
	teardown();
}

/* somebody's copy by a second name is not ours to write to */
static void a_file_of_two_names_is_replaced(void)
{
	setup();
	EQ_INT(set_last("10.1.2.3"), 0);
	EQ_INT(link(path(LAST), own("copy")), 0);
	EQ_INT(set_last("10.1.2.4"), 0);
	EQ_STR(content(".cnic/copy"), "10.1.2.3");
	EQ_STR(content(LAST), "10.1.2.4");
	OK(!own_there("new"));
	teardown();
}

static void what_is_no_file_is_replaced(void)
{
	struct stat st;
	int reader;

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(mkfifo(path(LAST), 0600), 0);
	reader = open(path(LAST), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	EQ_INT(set_last("10.1.2.3"), 0);
	close(reader);
	EQ_INT(lstat(path(LAST), &st), 0);
	OK(S_ISREG(st.st_mode));
	EQ_STR(content(LAST), "10.1.2.3");
	/* nobody reads from this one: an ordinary open() waits for ever */
	EQ_INT(unlink(path(LAST)), 0);
	EQ_INT(mkfifo(path(LAST), 0600), 0);
	EQ_INT(set_last("10.1.2.4"), 0);
	EQ_STR(content(LAST), "10.1.2.4");
	teardown();
}

static void what_cannot_be_overwritten_is_replaced(void)
{
	static const char *const calls[] = { "openat", "fstat", "write",
					     "ftruncate" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		setup();
		EQ_INT(set_last("10.1.2.234"), 0);
		fail_call(calls[i], LAST, EIO);
		EQ_INT(set_last("10.1.2.4"), 0);
		OK(failed_call());
		EQ_STR(content(LAST), "10.1.2.4");
		OK(!own_there("new"));
		teardown();
	}
}

static void what_cannot_be_replaced_is_an_error(void)
{
	setup();
	fail_call("renameat", LAST, EIO);
	EQ_INT(set_last("10.1.2.3"), -EIO);
	OK(failed_call());
	OK(!own_there("new") && !there(LAST));
	EQ_INT(mkdir(path(LAST), 0700), 0);
	EQ_INT(set_last("10.1.2.3"), -EISDIR);
	OK(!own_there("new"));
	fail_call("write", "new", ENOSPC);
	EQ_INT(set_last("10.1.2.3"), -ENOSPC);
	OK(failed_call());
	teardown();
}

TAP_MAIN(TEST(without_hard_links_a_file_is_renamed),
	 TEST(a_reservation_that_fails_leaves_nothing),
	 TEST(without_either_it_is_renamed_all_the_same),
	 TEST(the_renaming_can_fail_too), TEST(a_failed_write_is_why),
	 TEST(a_file_left_half_made_is_not_written_to),
	 TEST(a_file_left_half_made_goes_with_the_next_change),
	 TEST(what_cannot_be_released_stays),
	 TEST(the_last_address_is_overwritten),
	 TEST(a_file_of_two_names_is_replaced),
	 TEST(what_is_no_file_is_replaced),
	 TEST(what_cannot_be_overwritten_is_replaced),
	 TEST(what_cannot_be_replaced_is_an_error))
