// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_stamp.c - the stamp of the store while it cannot be set or read,
 * and a boot that nobody tells
 *
 * unit: plugins/host-local
 */
#include <sys/random.h>

#include "../../plugins/host-local/repair.h"
#include "failing-calls.h"
#include "store-test.h"

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
	draws = 3000001000;
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	draws = 0;
	EQ_INT(stat(path(""), &st), 0);
	EQ_INT(st.st_mtim.tv_nsec, 1001);
	/* the other date is left alone */
	OK(st.st_atim.tv_sec > 86400);
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

/* EIO, unlike a file system that has no stamps, may be gone by then. */
static void a_stamp_that_fails_is_for_the_next_call(void)
{
	static const struct {
		const char *call, *name;
	} t[] = { { "futimens", "net" },
		  { "fstat", "net" },
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
	EQ_INT(symlink("2/left/1/0", own("stamp.new")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	OK(indexed());
	OK(!own_there("stamp.new"));
	teardown();
}

/* A part that is missing, empty, too long or no number makes none of it. */
static void a_stamp_that_makes_no_sense_is_none(void)
{
	static const char boot[] = "01234567-89ab-cdef-0123-456789abcdef";
	static const struct {
		const char *version, *boot, *uptime, *what;
	} t[] = {
		{ "2", "", "/1", "/5.5" },
		{ "2", boot, "", "" },
		{ "2", boot, "/1", "" },
		{ "1", boot, "/1", "/5.5" },
		{ "2", boot, "/", "/5.5" },
		{ "2", boot, "/1x", "/5.5" },
		{ "2", "0123456789012345678901234567890123456789", "/1",
		  "/5.5" },
		{ "2", boot, "/1", "/01234567890123456789012345678901" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char text[256];

		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		OK(indexed());
		snprintf(text, sizeof(text), "%s/%s%s%s", t[i].version,
			 t[i].boot, t[i].uptime, t[i].what);
		EQ_INT(unlink(own("stamp")), 0);
		EQ_INT(symlink(text, own("stamp")), 0);
		OK(!indexed());
		EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
		EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
		OK(indexed());
		teardown();
	}
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

/* Entries under an older boot's stamp would condemn what is in use now. */
static void under_a_stamp_that_stays_nothing_is_entered(void)
{
	static const char *const calls[] = { "symlinkat", "renameat" };
	static const char *const names[] = { "stamp.new", "stamp" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		setup();
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		reboot();
		foreign("10.1.2.4", ETH0("b"));
		fail_call(calls[i], names[i], EIO);
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		OK(failed_call());
		EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
		OK(!there("10.1.2.3"));
		teardown();
	}
}

/* The stamp would leave something known of this boot, were we killed. */
static void while_it_is_written_the_stamp_is_of_this_boot(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	reboot();
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		EQ_STR(stamp(), "/0");
		/* what comes now, whatever its date, is not an older one's */
		foreign("10.1.2.5", ETH0("c"));
		age("10.1.2.5");
		EQ_INT(repair_store(&s), 0);
		OK(s.scanned);
	}
	EQ_STR(held(STORE_CHANGE, ETH0("c")), "10.1.2.5");
	OK(!there("10.1.2.3"));
	teardown();
}

/* A file in its place is no stamp, nor is there one without our folder. */
static void where_there_is_no_stamp_dates_count(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	foreign("10.1.2.3", ETH0("a"));
	age("10.1.2.3");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	put(".cnic/stamp", "", 0);
	foreign("10.1.2.3", ETH0("a"));
	age("10.1.2.3");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	OK(indexed());
	teardown();
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
	 TEST(a_stamp_that_makes_no_sense_is_none),
	 TEST(without_a_boot_nothing_is_void),
	 TEST(without_our_folder_a_release_works),
	 TEST(under_a_stamp_that_stays_nothing_is_entered),
	 TEST(while_it_is_written_the_stamp_is_of_this_boot),
	 TEST(where_there_is_no_stamp_dates_count))
