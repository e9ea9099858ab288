// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_stamp.c - the stamp of the store while it cannot be set or read,
 * and a boot that nobody tells
 *
 * unit: plugins/host-local/store.c plugins/host-local/index.c
 * unit: plugins/host-local/mend.c plugins/host-local/scan.c
 * unit: plugins/host-local/boot.c plugins/host-local/iplist.c
 */
#include <sys/random.h>

#include "failing-calls.h"
#include "store-test.h"

/* what it says, without the boot */
static const char *stamp(void)
{
	static char text[128];
	ssize_t n = readlink(own("stamp"), text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "" : strrchr(text, '/');
}

static unsigned long draws; /* what the next random numbers are; 0: random */
static bool no_numbers;	    /* there are none */

ssize_t getrandom(void *buf, size_t size, unsigned flags)
{
	if (no_numbers || draws == 0 || size != sizeof(draws))
		return no_numbers ? -1
				  : syscall(SYS_getrandom, buf, size, flags);
	memcpy(buf, &draws, sizeof(draws));
	return sizeof(draws);
}

/* Not even a clock of 100 ns could be set to it by chance. */
static void the_folder_has_an_odd_date(void)
{
	struct stat st;

	setup();
	draws = 5000001000;
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	draws = 0;
	EQ_INT(stat(path(""), &st), 0);
	EQ_INT(st.st_mtim.tv_nsec, 1001);
	OK(indexed());
	no_numbers = true;
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	no_numbers = false;
	EQ_INT(stat(path(""), &st), 0);
	EQ_INT(st.st_mtim.tv_nsec % 2, 1);
	OK(indexed());
	teardown();
}

static void where_no_date_can_be_set_there_is_no_index(void)
{
	static const int errors[] = { EPERM, ENOSYS, EOPNOTSUPP };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		setup();
		fail_call("futimens", "net", errors[i]);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		OK(failed_call());
		EQ_STR(stamp(), "/-");
		OK(!indexed());
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		EQ_STR(stamp(), "/-");
		teardown();
	}
}

/* Another reason than that the file system has none may be gone by then. */
static void a_stamp_that_fails_is_for_the_next_call(void)
{
	static const struct {
		const char *call, *name;
	} t[] = { { "futimens", "net" },
		  { "symlinkat", "stamp.new" },
		  { "renameat", "stamp" } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		fail_call(t[i].call, t[i].name, EIO);
		EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
		OK(failed_call());
		OK(!indexed());
		EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		OK(indexed());
		teardown();
	}
}

static void a_stamp_left_half_made_is_in_nobodys_way(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(symlink("1/left/0", own("stamp.new")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	OK(indexed());
	OK(!own_there("stamp.new"));
	teardown();
}

/* Where the boot, or the stamp's, is not known, nothing is of an older one. */
static void without_a_boot_nothing_is_void(void)
{
	static const struct {
		const char *call, *name;
	} t[] = { { "openat", "boot_id" }, { "readlinkat", "stamp" } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		foreign("10.1.2.4", ETH0("b"));
		age("10.1.2.4");
		fail_call(t[i].call, t[i].name, EIO);
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		EQ_INT(reserve("10.1.2.5", ETH0("c")), 0);
		OK(failed_call());
		EQ_STR(held(STORE_CHANGE, ETH0("c")), "10.1.2.5");
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		OK(indexed());
		teardown();
	}
}

/* --- our folder ----------------------------------------------------------- */

static void without_our_folder_a_release_works(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	foreign("10.1.2.3", ETH0("a"));
	fail_call("mkdirat", ".cnic", EROFS);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(failed_call());
	OK(!there("10.1.2.3") && !there(".cnic"));
	teardown();
}

TAP_MAIN(TEST(the_folder_has_an_odd_date),
	 TEST(where_no_date_can_be_set_there_is_no_index),
	 TEST(a_stamp_that_fails_is_for_the_next_call),
	 TEST(a_stamp_left_half_made_is_in_nobodys_way),
	 TEST(without_a_boot_nothing_is_void),
	 TEST(without_our_folder_a_release_works))
