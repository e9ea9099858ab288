// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_store.c - the files of the store: reserve, find, release, and
 * what happens when somebody else was there
 *
 * unit: plugins/host-local
 */
#include "store-test.h"

#include <errno.h>

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
		{ "10.1.2.6", "f\neth0", ETH0("f") },
		{ "10.1.2.7", "g\neth0\n", ETH0("g") },
		{ "10.1.2.8", "h\r\neth0\r\n", ETH0("h") },
		{ "10.1.2.9", " i \n\t eth0 \n\n", ETH0("i") },
		{ "10.1.2.10", "j\r\n", "j" },
		{ "10.1.2.11", "k\n", "k" },
		{ "10.1.2.12", "\n l\r\n\r\neth0", ETH0("l") },
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

/* An empty file is what a crash leaves: its address is free. */
static void an_empty_file_is_free(void)
{
	static const char nul[300];

	setup();
	for (size_t len = 0; len < sizeof(nul); len += 7) {
		EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
		put("10.1.2.3", nul, len);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
		EQ_STR(content("10.1.2.3"), "a\r\neth0");
		EQ_INT(release("10.1.2.3", ETH0("a")), 0);
		EQ_INT(release("10.9.9.9", ETH0("x")), 0);
	}
	teardown();
}

/* Text that names no attachment is somebody's note: it keeps its address. */
static void a_note_is_kept(void)
{
	static const char *const notes[] = {
		" ",
		" \r\n ",
		"\n",
		"a b\r\neth0",
		"../x\r\neth0",
		"a\r\neth0\r\nx",
		"a\r\neth/0",
		"a\r\nsixteen-letters-",
		"\xff\xfe\xfd",
		".a",
	};

	setup();
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		EQ_INT(reserve("10.9.9.9", ETH0("x")), 0);
		foreign("10.1.2.3", notes[i]);
		EQ_INT(reserve("10.1.2.3", ETH0("a")), -EEXIST);
		EQ_STR(content("10.1.2.3"), notes[i]);
		/* in the next boot too */
		age("10.1.2.3");
		reboot();
		EQ_STR(held(STORE_CHANGE, ETH0("x")), "");
		EQ_STR(content("10.1.2.3"), notes[i]);
		EQ_INT(unlink(path("10.1.2.3")), 0);
	}
	put("10.1.2.3", "a\0b", 3);
	EQ_INT(reserve("10.1.2.3", ETH0("a")), -EEXIST);
	put("10.1.2.3", "a\r\neth0\0\0", 9);
	EQ_INT(reserve("10.1.2.3", ETH0("a")), -EEXIST);
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
	EQ_INT(reserve("10.1.2.3", ETH0("a")), -EEXIST);
	EQ_STR(held(STORE_CHANGE, ETH0("a")), "");
	OK(there("10.1.2.3"));
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

/* Opens a store in which that is a link to a folder of somebody else's. */
static void open_fails(const char *planted, const char *target)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };
	char victim[96];

	setup();
	snprintf(victim, sizeof(victim), "%s/victim", data_dir);
	EQ_INT(mkdir(victim, 0755), 0);
	EQ_INT(mkdir(path(""), 0755), 0);
	EQ_INT(symlink(target, path(planted)), 0);
	EQ_INT(store_open(&s, &place, STORE_CREATE, &err), -1);
	store_close(&s);
	OK(err.msg[0] && err.details[0]);
	EQ_INT(err.code, CNI_EIO);
	/* nothing was made in it: else it could not be removed */
	EQ_INT(rmdir(victim), 0);
	teardown();
}

/* The folder is the test's own: one that is followed is emptied as ours is. */
static void links_in_place_of_folders(void)
{
	open_fails("lock", "elsewhere");
	open_fails(".cnic", "../victim");
}

/* But the network's may be moved by whose it is. */
static void a_link_of_our_own_in_place_of_the_store(void)
{
	char moved[96], net[96];
	struct store s;

	setup();
	snprintf(moved, sizeof(moved), "%s/moved", data_dir);
	snprintf(net, sizeof(net), "%s/net", data_dir);
	EQ_INT(mkdir(moved, 0755), 0);
	EQ_INT(symlink("moved", net), 0);
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	EQ_STR(content("10.1.2.3"), ETH0("a"));
	s = opened(STORE_LOOK);
	OK(s.dir >= 0);
	store_close(&s);
	EQ_INT(unlink(net), 0);
	EQ_INT(rename(moved, net), 0);
	EQ_STR(content("10.1.2.3"), ETH0("a"));
	teardown();
}

TAP_MAIN(TEST(reserve_and_release), TEST(many_of_one_owner),
	 TEST(without_a_store), TEST(foreign_writes_are_seen),
	 TEST(edited_in_place), TEST(forms_of_content),
	 TEST(an_empty_file_is_free), TEST(a_note_is_kept),
	 TEST(foreign_names_are_left_alone), TEST(strange_files),
	 TEST(huge_file), TEST(longest_owner), TEST(last_reserved),
	 TEST(planted_links), TEST(links_in_place_of_folders),
	 TEST(a_link_of_our_own_in_place_of_the_store))
