// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_store.c - the files of the store: reserve, find, release, and
 * what happens when somebody else was there
 *
 * unit: plugins/host-local/store.c plugins/host-local/index.c
 * unit: plugins/host-local/mend.c plugins/host-local/scan.c
 * unit: plugins/host-local/boot.c plugins/host-local/iplist.c
 */
#include "../../plugins/host-local/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../plugins/host-local/index.h"
#include "../../plugins/host-local/mend.h"
#include "../../plugins/host-local/scan.h"
#include "auto.h"
#include "fs.h"
#include "tap.h"

#define ETH0(id) id "\r\neth0"

/* --- a store of each test's own ------------------------------------------ */

static char data_dir[64];
static struct store_place place;

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(data_dir, sizeof(data_dir), "%s/cnic-store.XXXXXX",
		 tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	if (!mkdtemp(data_dir))
		abort();
	place = (struct store_place){ data_dir, "net", true };
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	EQ_INT(nftw(data_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static const char *path(const char *name)
{
	static char buf[160];

	snprintf(buf, sizeof(buf), "%s/net/%s", data_dir, name);
	return buf;
}

static struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	if (ip_parse(s, &a) < 0)
		abort();
	return a;
}

static struct store opened(enum store_use use)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };

	EQ_INT(store_open(&s, &place, use, &err), 1);
	if (err.set)
		printf("# %s; %s\n", err.msg, err.details);
	return s;
}

/* --- as the reference plugin would, without our index --------------------- */

static void put(const char *name, const char *text, size_t len)
{
	int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	OK(fd >= 0 && fs_write_fd(fd, text, len) == 0);
	close(fd);
}

static void foreign(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static bool there(const char *name)
{
	struct stat st;

	return lstat(path(name), &st) == 0;
}

/* sets a file's date long before any boot */
static void age(const char *name)
{
	const struct timespec t[2] = { { .tv_sec = 86400 },
				       { .tv_sec = 86400 } };

	EQ_INT(utimensat(AT_FDCWD, path(name), t, AT_SYMLINK_NOFOLLOW), 0);
}

static const char *content(const char *name)
{
	static char buf[256];
	AUTO(str) char *text = NULL;
	size_t len;

	buf[0] = '\0';
	if (fs_read_at(AT_FDCWD, path(name), sizeof(buf) - 1, &text, &len) == 0)
		memcpy(buf, text, len + 1);
	return buf;
}

/* --- as we do --------------------------------------------------------------
 */

static int reserve(const char *addr, const char *owner)
{
	AUTO(store) struct store s = opened(STORE_CREATE);
	struct ip_addr a = ip(addr);

	return store_reserve(&s, &a, owner);
}

static int release(const char *addr, const char *owner)
{
	AUTO(store) struct store s = opened(STORE_CHANGE);
	struct ip_addr a = ip(addr);

	return store_release(&s, &a, owner);
}

/* what owner holds, sorted, in a line */
static const char *held(enum store_use use, const char *owner)
{
	static char text[256];
	AUTO(store) struct store s = opened(use);
	AUTO(ip_list) struct ip_list list = { 0 };
	char a[IP_STRLEN];

	EQ_INT(store_find(&s, owner, &list), 0);
	ip_list_sort(&list);
	text[0] = '\0';
	for (size_t i = 0; i < list.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s%s", i ? " " : "", ip_format(&list.v[i], a));
	return text;
}

/* Whether the index is believed when the store is opened. */
static bool indexed(void)
{
	AUTO(store) struct store s = opened(STORE_LOOK);

	return s.indexed;
}

/* --- tests -----------------------------------------------------------------
 */

static void reserve_and_release(void)
{
	struct stat st;

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_STR(content("10.1.2.3"), "a\r\neth0");
	EQ_INT(stat(path("10.1.2.3"), &st), 0);
	EQ_INT(st.st_mode & 07777, 0600);
	EQ_INT(st.st_nlink, 1);
	EQ_INT(reserve("10.1.2.3", ETH0("b")), -EEXIST);
	EQ_STR(content("10.1.2.3"), "a\r\neth0");
	EQ_INT(reserve("fd00::3", ETH0("a")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3 fd00::3");
	EQ_STR(held(STORE_LOOK, ETH0("b")), "");
	EQ_STR(held(STORE_LOOK, "a"), "");
	OK(indexed());
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	OK(!there("10.1.2.3"));
	EQ_STR(held(STORE_LOOK, ETH0("a")), "fd00::3");
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	EQ_INT(release("fd00::3", ETH0("a")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	OK(!there(".cnic/new"));
	teardown();
}

static void many_of_one_owner(void)
{
	static const char *const all[] = { "10.1.2.1", "10.1.2.2", "10.1.2.3",
					   "10.1.2.4" };

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		EQ_INT(reserve(all[i], ETH0("a")), 0);
	EQ_INT(release("10.1.2.1", ETH0("a")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.2 10.1.2.3 10.1.2.4");
	EQ_INT(release("10.1.2.3", ETH0("a")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.2 10.1.2.4");
	EQ_INT(release("10.1.2.4", ETH0("a")), 0);
	EQ_INT(reserve("10.1.2.9", ETH0("a")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.2 10.1.2.9");
	OK(indexed());
	teardown();
}

static void without_a_store(void)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };

	setup();
	EQ_INT(store_open(&s, &place, STORE_LOOK, &err), 0);
	store_close(&s);
	EQ_INT(store_open(&s, &place, STORE_CHANGE, &err), 0);
	store_close(&s);
	OK(!err.set && !there(""));
	teardown();
}

static void foreign_writes_are_seen(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	OK(indexed());
	foreign("10.1.2.4", ETH0("b"));
	OK(!indexed());
	EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
	EQ_STR(held(STORE_LOOK, ETH0("a")), "10.1.2.3");
	/* looking repairs nothing, changing does */
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	OK(indexed());
	EQ_INT(unlink(path("10.1.2.3")), 0);
	OK(!indexed());
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	OK(indexed());
	teardown();
}

static void edited_in_place(void)
{
	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	put("10.1.2.3", ETH0("b"), 7);
	/* nothing tells that from the folder, but the file is asked */
	OK(indexed());
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.3");
	teardown();
}

static void forms_of_content(void)
{
	static const struct {
		const char *name, *text, *owner;
	} t[] = {
		{ "10.1.2.1", "a", "a" },
		{ "10.1.2.2", " b\r\neth0\n", ETH0("b") },
		{ "10.1.2.3", "\tc \n", "c" },
		{ "10.1.2.4", "a.b-c_d\r\nnet.1-2", "a.b-c_d\r\nnet.1-2" },
		{ "fd00::5", ETH0("e"), ETH0("e") },
	};

	setup();
	EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		foreign(t[i].name, t[i].text);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		EQ_STR(held(STORE_LOOK, t[i].owner), t[i].name);
		EQ_STR(held(STORE_CHANGE, t[i].owner), t[i].name);
		EQ_STR(content(t[i].name), t[i].text);
	}
	teardown();
}

/* what no attachment can be called is garbage, and its address is free */
static void garbage_is_free(void)
{
	static const char *const garbage[] = {
		"",
		" \r\n ",
		"a b\r\neth0",
		"a\neth0",
		"../x\r\neth0",
		"a\r\neth0\r\nx",
		"a\r\neth/0",
		"a\r\nsixteen-letters-",
		"\xff\xfe\xfd",
		".a",
	};

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
		foreign("10.1.2.3", garbage[i]);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		EQ_STR(content("10.1.2.3"), "a\r\neth0");
		EQ_INT(release("10.1.2.3", ETH0("a")), 0);
		EQ_INT(release("10.9.9.9", ETH0("x")), 0);
	}
	put("10.1.2.3", "a\0b", 3);
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	teardown();
}

static void foreign_names_are_left_alone(void)
{
	static const char *const names[] = {
		"notes",	   "10.1.2",	   "10.1.2.03",
		"010.1.2.3",	   "10.1.2.3 ",	   "FD00::1",
		"::ffff:10.1.2.3", "10.1.2.3.bak", "last_reserved_ip",
	};

	setup();
	EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		foreign(names[i], i % 2 ? "" : ETH0("a"));
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		OK(there(names[i]));
	teardown();
}

/* not files: neither followed, nor waited for, nor removed, nor free */
static void strange_files(void)
{
	static const char *const all[] = { "10.1.2.1", "10.1.2.2", "10.1.2.3",
					   "10.1.2.4" };

	setup();
	EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
	foreign("secret", ETH0("a"));
	EQ_INT(symlink("secret", path("10.1.2.1")), 0);
	EQ_INT(mkfifo(path("10.1.2.2"), 0600), 0);
	EQ_INT(mkdir(path("10.1.2.3"), 0700), 0);
	EQ_INT(symlink("nowhere", path("10.1.2.4")), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		EQ_INT(reserve(all[i], ETH0("a")), -EEXIST);
		OK(there(all[i]));
	}
	EQ_STR(content("secret"), ETH0("a"));
	OK(!there("nowhere"));
	teardown();
}

static void huge_file(void)
{
	setup();
	EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
	foreign("10.1.2.3", ETH0("a"));
	EQ_INT(truncate(path("10.1.2.3"), 1LL << 30), 0);
	EQ_STR(held(STORE_LOOK, ETH0("a")), "");
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_STR(content("10.1.2.3"), "a\r\neth0");
	teardown();
}

static void longest_owner(void)
{
	char *id = malloc(STORE_FILE_MAX);
	const size_t longest = 128 << 10;

	setup();
	/* as long as an environment variable can be */
	memset(id, 'i', STORE_FILE_MAX);
	memcpy(id + longest, "\r\neth0", sizeof("\r\neth0"));
	EQ_INT(reserve("10.1.2.3", id), 0);
	EQ_STR(held(STORE_LOOK, id), "10.1.2.3");
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_STR(held(STORE_CHANGE, id), "10.1.2.3");
	teardown();
	free(id);
}

static void last_reserved(void)
{
	struct ip_addr a = ip("10.1.2.3"), got;
	char buf[IP_STRLEN];

	setup();
	{
		AUTO(store) struct store s = opened(STORE_CREATE);

		store_get_last(&s, 0, &got);
		OK(!ip_is_set(&got));
		EQ_INT(store_set_last(&s, 0, &a), 0);
		a = ip("fd00::7");
		EQ_INT(store_set_last(&s, 12, &a), 0);
		store_get_last(&s, 0, &got);
		EQ_STR(ip_format(&got, buf), "10.1.2.3");
		store_get_last(&s, 12, &got);
		EQ_STR(ip_format(&got, buf), "fd00::7");
		EQ_STR(content("last_reserved_ip.0"), "10.1.2.3");
		foreign("last_reserved_ip.0", "rubbish");
		store_get_last(&s, 0, &got);
		OK(!ip_is_set(&got));
		foreign("last_reserved_ip.0", "");
		store_get_last(&s, 0, &got);
		OK(!ip_is_set(&got));
	}
	teardown();
}

/* in place of the files we write, something else was planted */
static void planted_links(void)
{
	struct ip_addr a = ip("10.1.2.3");

	setup();
	EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
	foreign("victim", "precious");
	EQ_INT(symlink("victim", path("last_reserved_ip.0")), 0);
	EQ_INT(symlink("../victim", path(".cnic/new")), 0);
	{
		AUTO(store) struct store s = opened(STORE_CREATE);

		EQ_INT(store_reserve(&s, &a, ETH0("a")), 0);
		EQ_INT(store_set_last(&s, 0, &a), 0);
	}
	EQ_STR(content("victim"), "precious");
	EQ_STR(content("10.1.2.3"), ETH0("a"));
	EQ_STR(content("last_reserved_ip.0"), "10.1.2.3");
	teardown();
}

static int open_fails(const char *planted, const char *target)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };

	setup();
	if (!*planted) {
		EQ_INT(symlink(target, path("")), -1);
		snprintf(data_dir + strlen(data_dir), 8, "/net");
		EQ_INT(symlink(target, data_dir), 0);
		*strrchr(data_dir, '/') = '\0';
	} else {
		EQ_INT(mkdir(path(""), 0755), 0);
		EQ_INT(symlink(target, path(planted)), 0);
	}
	EQ_INT(store_open(&s, &place, STORE_CREATE, &err), -1);
	store_close(&s);
	OK(err.msg[0] && err.details[0]);
	teardown();
	return (int)err.code;
}

static void links_in_place_of_folders(void)
{
	EQ_INT(open_fails("", "/tmp"), CNI_EIO);
	EQ_INT(open_fails("lock", "elsewhere"), CNI_EIO);
	EQ_INT(open_fails(".cnic", "/tmp"), CNI_EIO);
}

/* --- an older boot ---------------------------------------------------------
 */

/* Makes the stamp that of another boot, and as true as it is. */
static void reboot(void)
{
	char text[128], *boot;
	ssize_t n = readlink(path(".cnic/stamp"), text, sizeof(text) - 1);

	if (n < 3) {
		OK(n >= 3);
		return;
	}
	text[n] = '\0';
	boot = text + 2;
	memset(boot, '0', strcspn(boot, "/"));
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_INT(symlink(text, path(".cnic/stamp")), 0);
}

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
	{
		AUTO(store) struct store s = opened(STORE_LOOK);
		AUTO(ip_list) struct ip_list free = { 0 };

		EQ_INT(mend_list(&s, &free), 0);
		EQ_INT(free.n, 4);
	}
	EQ_STR(held(STORE_CHANGE, ETH0("e")), "10.1.2.7");
	OK(!there("10.1.2.3") && !there("10.1.2.5") && !there("10.1.2.6"));
	OK(!there("10.1.2.8"));
	EQ_STR(held(STORE_LOOK, ETH0("b")), "10.1.2.4");
	OK(indexed());
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

/* --- sweeping --------------------------------------------------------------
 */

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
		EQ_INT(mend_sweep(&s, keep_a, NULL), 0);
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

static void file_systems(void)
{
	int fd = open("/proc/self", O_PATH);

	OK(boot_fs_local(fd));
	close(fd);
	OK(!boot_fs_local(-1));
}

TAP_MAIN(TEST(reserve_and_release), TEST(many_of_one_owner),
	 TEST(without_a_store), TEST(foreign_writes_are_seen),
	 TEST(edited_in_place), TEST(forms_of_content), TEST(garbage_is_free),
	 TEST(foreign_names_are_left_alone), TEST(strange_files),
	 TEST(huge_file), TEST(longest_owner), TEST(last_reserved),
	 TEST(planted_links), TEST(links_in_place_of_folders),
	 TEST(starts_clean_after_a_reboot), TEST(reclaim_can_be_turned_off),
	 TEST(first_contact), TEST(stamp_lost), TEST(without_an_index),
	 TEST(sweep), TEST(file_systems))
