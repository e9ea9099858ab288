/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store-test.h - for the tests of host-local's store: one of the test's own */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../plugins/host-local/index.h"
#include "../../plugins/host-local/store.h"
#include "base/auto.h"
#include "base/fs.h"
#include "tap.h"

#define ETH0(id) id "\r\neth0"

/* --- a store of each test's own ------------------------------------------ */

static char data_dir[64];
static struct store_conf place;

static inline void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(data_dir, sizeof(data_dir), "%s/cnic-store.XXXXXX",
		 tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	if (!mkdtemp(data_dir))
		abort();
	place = (struct store_conf){ data_dir, "net", true };
}

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void teardown(void)
{
	EQ_INT(nftw(data_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline const char *path(const char *name)
{
	static char buf[160];

	snprintf(buf, sizeof(buf), "%s/net/%s", data_dir, name);
	return buf;
}

static inline struct ip_addr ip(const char *s)
{
	struct ip_addr a = { 0 };

	if (ip_parse(s, &a) < 0)
		abort();
	return a;
}

static inline struct store opened(enum store_use use)
{
	struct store s = STORE_CLOSED;
	struct cni_err err = { 0 };

	EQ_INT(store_open(&s, &place, use, &err), 1);
	if (err.set)
		printf("# %s; %s\n", err.msg, err.details);
	return s;
}

/* --- as the reference plugin would, without our index --------------------- */

static inline void put(const char *name, const char *text, size_t len)
{
	int fd = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	OK(fd >= 0 && fs_write_fd(fd, text, len) == 0);
	close(fd);
}

static inline void foreign(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static inline bool there(const char *name)
{
	struct stat st;

	return lstat(path(name), &st) == 0;
}

/* sets a file's date long before any boot */
static inline void age(const char *name)
{
	const struct timespec t[2] = { { .tv_sec = 86400 },
				       { .tv_sec = 86400 } };

	EQ_INT(utimensat(AT_FDCWD, path(name), t, AT_SYMLINK_NOFOLLOW), 0);
}

static inline const char *content(const char *name)
{
	static char buf[256];
	AUTO(str) char *text = NULL;
	size_t len;

	buf[0] = '\0';
	if (fs_read_at(AT_FDCWD, path(name), sizeof(buf) - 1, &text, &len) == 0)
		memcpy(buf, text, len + 1);
	return buf;
}

/* --- below .cnic ---------------------------------------------------------- */

/* its path, beside which path() can be used */
static inline const char *own(const char *name)
{
	static char buf[160];

	snprintf(buf, sizeof(buf), "%s/net/.cnic/%s", data_dir, name);
	return buf;
}

static inline bool own_there(const char *name)
{
	struct stat st;

	return lstat(own(name), &st) == 0;
}

/* the name of owner's first entry in the index */
static inline const char *entry_of(const char *owner)
{
	static char name[64];
	const struct timespec never = { 0 };
	const struct ip_addr none = { 0 };
	struct index_entry e;

	index_entry(&e, owner, &none, &never);
	snprintf(name, sizeof(name), "%s.0", e.hash);
	return name;
}

/* what the stamp says, without the boot */
static inline const char *stamp(void)
{
	static char text[128];
	ssize_t n = readlink(own("stamp"), text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "" : strrchr(text, '/');
}

/* Gives the stamp another boot ID and uptime; NULL: the one it has. */
static inline void restamp(const char *boot, const char *uptime)
{
	char text[128], new[160], have[40], up[24], what[40];
	ssize_t n = readlink(path(".cnic/stamp"), text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	if (sscanf(text, "2/%39[^/]/%23[^/]/%39s", have, up, what) != 3) {
		OK(!"there is a stamp");
		return;
	}
	snprintf(new, sizeof(new), "2/%s/%s/%s", boot ? boot : have,
		 uptime ? uptime : up, what);
	EQ_INT(unlink(path(".cnic/stamp")), 0);
	EQ_INT(symlink(new, path(".cnic/stamp")), 0);
}

#define OTHER_BOOT "00000000-0000-4000-8000-000000000000"

/* the stamp is now of a boot that has ended: it was up for longer */
static inline void reboot(void)
{
	restamp(OTHER_BOOT, "999999999999");
}

/* and now of a process that reads another boot ID */
static inline void other_boot_id(void)
{
	restamp(OTHER_BOOT, NULL);
}

/* --- as we do ------------------------------------------------------------ */

static inline int reserve(const char *addr, const char *owner)
{
	AUTO(store) struct store s = opened(STORE_CREATE);
	struct ip_addr a = ip(addr);

	return store_reserve(&s, &a, owner);
}

static inline int release(const char *addr, const char *owner)
{
	AUTO(store) struct store s = opened(STORE_CHANGE);
	struct ip_addr a = ip(addr);

	return store_release(&s, &a, owner);
}

/* what owner holds, sorted, in a line */
static inline const char *held(enum store_use use, const char *owner)
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
static inline bool indexed(void)
{
	AUTO(store) struct store s = opened(STORE_LOOK);

	return s.indexed;
}

#endif
