// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_entries.c - a store with several owners: what its index says by
 * itself, and a folder that is not read to its end
 *
 * unit: plugins/host-local
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>

#include "store-test.h"

/* --- many entries --------------------------------------------------------- */

/* How many addresses the index alone has of owner; -1: it is wrong. */
static int in_index(const char *owner)
{
	AUTO(store) struct store s = opened(STORE_LOOK);
	AUTO(ip_list) struct ip_list list = { 0 };

	if (!s.indexed || index_find(&s, owner, &list) < 0)
		return -1;
	return (int)list.n;
}

static void the_index_is_right_by_itself(void)
{
	char name[16];

	setup();
	for (int i = 1; i <= 12; i++) {
		snprintf(name, sizeof(name), "10.1.2.%d", i);
		EQ_INT(reserve(name, i % 3 ? ETH0("a") : ETH0("b")), 0);
	}
	EQ_INT(in_index(ETH0("a")), 8);
	EQ_INT(in_index(ETH0("b")), 4);
	/* the first of them, one in the middle, and the last */
	EQ_INT(release("10.1.2.1", ETH0("a")), 0);
	EQ_INT(in_index(ETH0("a")), 7);
	EQ_INT(release("10.1.2.5", ETH0("a")), 0);
	EQ_INT(in_index(ETH0("a")), 6);
	EQ_INT(release("10.1.2.11", ETH0("a")), 0);
	EQ_INT(in_index(ETH0("a")), 5);
	/* and when it is written anew */
	foreign("10.1.2.20", ETH0("c"));
	EQ_INT(in_index(ETH0("a")), -1);
	EQ_STR(held(STORE_CHANGE, ETH0("c")), "10.1.2.20");
	EQ_INT(in_index(ETH0("a")), 5);
	EQ_INT(in_index(ETH0("b")), 4);
	EQ_INT(in_index(ETH0("c")), 1);
	teardown();
}

/* --- a folder that is not read to its end --------------------------------- */

static bool no_end; /* it cannot be read on */

struct dirent *readdir(DIR *dir)
{
	static struct dirent *(*real)(DIR *);

	if (no_end) {
		errno = EIO;
		return NULL;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "readdir");
	return real(dir);
}

static void what_is_not_read_to_its_end_is_an_error(void)
{
	struct cni_err err = { 0 };
	AUTO(ip_list) struct ip_list list = { 0 };
	struct store s;

	setup();
	EQ_INT(reserve("10.1.2.3", ETH0("a")), 0);
	foreign("10.1.2.4", ETH0("b"));
	s = opened(STORE_LOOK);
	no_end = true;
	EQ_INT(store_names(&s, &list), -EIO);
	EQ_INT(store_find(&s, ETH0("b"), &list), -EIO);
	store_close(&s);
	EQ_INT(store_open(&s, &place, STORE_CHANGE, &err), -1);
	store_close(&s);
	no_end = false;
	EQ_STR(held(STORE_CHANGE, ETH0("b")), "10.1.2.4");
	teardown();
}

TAP_MAIN(TEST(the_index_is_right_by_itself),
	 TEST(what_is_not_read_to_its_end_is_an_error))
