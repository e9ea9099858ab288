// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_repair.c - the store is put right: after a boot, without a stamp
 * or an index that can be believed, and where an owner is not alive
 *
 * unit: plugins/host-local
 */
#include "../../plugins/host-local/gc.h"
#include "../../plugins/host-local/repair.h"

#include "../../plugins/host-local/boot.h"
#include "../../plugins/host-local/scan.h"
#include "store-test.h"

/* --- an older boot -------------------------------------------------------- */

static void starts_clean_after_a_reboot(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	foreign("10.1.2.5", ETH0("c"));
	EQ_INT(reserve("10.1.2.6", ETH0("d")), 0);
	reboot();
	/* the reference was here since: one new, one taken over */
	foreign("10.1.2.7", ETH0("e"));
	EQ_INT(unlink(path("10.1.2.4")), 0);
	foreign("10.1.2.4", ETH0("b"));
	/* and one with an old date that no index knew */
	foreign("10.1.2.8", ETH0("f"));
	age("10.1.2.8");
	EQ_STR(held(STORE_CHANGE, ETH0("e")), "10.1.2.7");
	OK(!there("10.1.2.3") && !there("10.1.2.5") && !there("10.1.2.6"));
	OK(!there("10.1.2.8"));
	EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
	OK(indexed());
	teardown();
}

/* The first time makes the index one of this boot. */
static void after_a_reboot_it_can_be_mended_twice(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	reboot();
	foreign("10.1.2.4", ETH0("b"));
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		OK(!there("10.1.2.3"));
		EQ_INT(repair_store(&s), 0);
	}
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	teardown();
}

/* A container manager may mount a boot ID of its own: another one is no boot.
 */
static void another_boot_id_alone_voids_nothing(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	foreign("10.1.2.5", ETH0("c"));
	other_boot_id();
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	EQ_STR(held(STORE_CHANGE, ETH0("c")), "10.1.2.5");
	OK(indexed());
	/* but what is older than the kernel is of another boot */
	age("10.1.2.3");
	other_boot_id();
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	teardown();
}

static void reclaim_can_be_turned_off(void)
{
	setup();
	place.reclaim = false;
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	reboot();
	age("10.1.2.3");
	foreign("10.1.2.4", "");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	OK(!there("10.1.2.4"));
	/* from now on it belongs to this boot, for the others too */
	place.reclaim = true;
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	teardown();
}

static void first_contact(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	foreign("10.1.2.3", ETH0("a"));
	foreign("10.1.2.4", ETH0("b"));
	age("10.1.2.4");
	EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	OK(!there("10.1.2.4"));
	/* under the same boot no date matters any more */
	age("10.1.2.3");
	foreign("10.1.2.5", ETH0("c"));
	age("10.1.2.5");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	EQ_STR(held(STORE_CHANGE, ETH0("c")), "10.1.2.5");
	teardown();
}

/* entries without a stamp say nothing about any boot */
static void stamp_lost(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_INT(symlink("7/from-a-later-version", path(".cnic/stamp")), 0);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3");
	OK(indexed());
	teardown();
}

/* where a folder's date does not keep its nanoseconds */
static void without_an_index(void)
{
	char text[128];
	ssize_t n;

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	n = readlink(path(".cnic/stamp"), text, sizeof(text) - 2);
	OK(n > 0);
	text[n > 0 ? n : 0] = '\0';
	memcpy(strrchr(text, '/') + 1, "-", 2);
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_INT(symlink(text, path(".cnic/stamp")), 0);
	EQ_INT(reserve("10.1.2.4", ETH0("b")), 0);
	EQ_INT(reserve("10.1.2.5", ETH0("a")), 0);
	OK(!indexed());
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3 10.1.2.5");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.3 10.1.2.5");
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.5");
	foreign("10.1.2.6", "");
	EQ_INT(reserve("10.1.2.6", ETH0("c")), 0);
	teardown();
}

/* --- sweeping ------------------------------------------------------------- */

static bool keep_a(const void *arg, const char *id, const char *ifname)
{
	(void)arg;
	return strcmp(id, "a") == 0 &&
	       (!*ifname || strcmp(ifname, "eth0") == 0);
}

static void sweep(void)
{
	setup();
	EQ_INT(reserve("10.1.2.1", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.2", "a\r\neth1"), 0);
	EQ_INT(reserve("10.1.2.3", ETH0("b")), 0);
	foreign("10.1.2.4", "a");
	foreign("10.1.2.5", "b");
	foreign("10.1.2.6", "");
	foreign("notes", "b");
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		/* and one that no index notices */
		put("10.1.2.3", "", 0);
		EQ_INT(gc_store(&s, keep_a, NULL), 0);
	}
	OK(there("10.1.2.1") && there("10.1.2.4") && there("notes"));
	OK(!there("10.1.2.2") && !there("10.1.2.3"));
	OK(!there("10.1.2.5") && !there("10.1.2.6"));
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "10.1.2.1");
	EQ_STR(held(STORE_CHANGE, "a\r\neth1"), "");
	EQ_STR(held(STORE_CHANGE, "a"), "10.1.2.4");
	OK(indexed());
	teardown();
}

static void a_shared_store_is_not_swept(void)
{
	setup();
	EQ_INT(reserve("10.1.2.1", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.2", ETH0("b")), 0);
	foreign("10.1.2.3", "");
	{
		AUTO(store) struct store s = opened(STORE_CHANGE);

		foreign("10.1.2.3", "");
		s.local = false;
		EQ_INT(gc_store(&s, keep_a, NULL), 0);
	}
	OK(there("10.1.2.1") && there("10.1.2.2"));
	OK(!there("10.1.2.3"));
	teardown();
}

static void file_systems(void)
{
	int fd = open("/proc/self", O_PATH);

	OK(boot_fs_local(fd));
	close(fd);
	OK(!boot_fs_local(-1));
}

TAP_MAIN(TEST(starts_clean_after_a_reboot),
	 TEST(after_a_reboot_it_can_be_mended_twice),
	 TEST(another_boot_id_alone_voids_nothing),
	 TEST(reclaim_can_be_turned_off), TEST(first_contact), TEST(stamp_lost),
	 TEST(without_an_index), TEST(sweep), TEST(a_shared_store_is_not_swept),
	 TEST(file_systems))
