// SPDX-License-Identifier: GPL-2.0-or-later
/* files.c - settings, and what is below a folder */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "parts.h"

/* Adds the text of a file on one line. One that is gone by now is none. */
static void add_file(int dir, const char *file, const char *title,
		     struct lines *ret)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1), to = 0;

	if (fd < 0 && errno == ENOENT)
		return;
	if (n < 0)
		lines_add(ret, "%s%s", title, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	for (ssize_t i = 0; i < n; i++) {
		if (text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
			continue;
		text[to++] = text[i];
		if (iscntrl((unsigned char)text[i]))
			text[to - 1] = ' ';
	}
	text[to] = '\0';
	lines_add(ret, "%s%s", title, text);
}

/* --- settings ------------------------------------------------------------- */

static void walk_sysctl(const struct view *v, const char *path,
			struct lines *ret)
{
	DIR *dir = opendir(path);
	char name[PATH_MAX];
	struct dirent *e;

	/* a namespace without IPv6, a link that is gone */
	if (!dir && errno == ENOENT)
		return;
	if (!dir)
		die("%s: %m", path);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type == DT_DIR) {
			snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
			walk_sysctl(v, name, ret);
			continue;
		}
		snprintf(name, sizeof(name), "%s sysctl %s/%s: ", v->name,
			 path + strlen("/proc/sys/"), e->d_name);
		add_file(dirfd(dir), e->d_name, name, ret);
	}
	closedir(dir);
}

void snapshot_sysctl(const struct view *v, struct lines *ret)
{
	char title[64];

	snprintf(title, sizeof(title), "%s sysctl ip_forward: ", v->name);
	add_file(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", title, ret);
	walk_sysctl(v, "/proc/sys/net/ipv4/conf", ret);
	walk_sysctl(v, "/proc/sys/net/ipv6/conf", ret);
	walk_sysctl(v, "/proc/sys/net/bridge", ret);
}

/* --- folders -------------------------------------------------------------- */

typedef void (*node_fn)(const char *path, const struct stat *st, void *arg);

/* Hands over all that is below a folder, which has to be there. */
static void walk(const char *path, node_fn fn, void *arg)
{
	DIR *dir = opendir(path);
	char name[PATH_MAX];
	struct dirent *e;
	struct stat st;

	if (!dir)
		die("%s: %m", path);
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (lstat(name, &st) < 0) {
			/* it is gone by now */
			if (errno == ENOENT)
				continue;
			die("%s: %m", name);
		}
		if (S_ISDIR(st.st_mode))
			walk(name, fn, arg);
		fn(name, &st, arg);
	}
	closedir(dir);
}

static const char *name_in(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_last_address(const char *path)
{
	return strncmp(name_in(path), "last_reserved_ip.", 17) == 0;
}

/* The time that an index of host-local's is of */
static bool is_stamp(const char *path)
{
	return strcmp(name_in(path), "stamp") == 0;
}

/* Where a link leads. Which number an entry of host-local's index has is of no
   importance. */
static void add_link(const char *path, const char *title, struct lines *ret)
{
	const char *dot = strrchr(title, '.');
	size_t len = strlen(title);
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	if (strstr(title, "/.cnic/") && dot && isdigit((unsigned char)dot[1]))
		len = (size_t)(dot - title);
	lines_add(ret, "%.*s -> %s", (int)len, title, target);
}

static void add_node(const char *path, const struct stat *st, void *arg)
{
	char title[PATH_MAX + 64];
	struct lines *ret = arg;

	/* these only make the next call faster, or fairer */
	if (is_last_address(path) || is_stamp(path))
		return;
	snprintf(title, sizeof(title), "file %s", path);
	if (S_ISLNK(st->st_mode)) {
		add_link(path, title, ret);
		return;
	}
	snprintf(title, sizeof(title), "file %s mode %o%s", path, st->st_mode,
		 S_ISREG(st->st_mode) ? ": " : "");
	if (S_ISREG(st->st_mode))
		add_file(AT_FDCWD, path, title, ret);
	else
		lines_add(ret, "%s", title);
}

void snapshot_files(const char *dir, struct lines *ret)
{
	walk(dir, add_node, ret);
}

/* --- a store of reservations ---------------------------------------------- */

struct store {
	size_t skip; /* of each path: the store's own, and a slash */
	struct lines *ret;
};

static void add_reservation(const char *path, const struct stat *st, void *arg)
{
	const struct store *s = arg;
	const char *name = path + s->skip;
	bool index = strstr(name, "/.cnic/");
	bool own = index ? is_stamp(path)
			 : is_last_address(path) ||
				   strcmp(name_in(path), "lock") == 0 ||
				   strcmp(name_in(path), ".cnic") == 0;
	char title[PATH_MAX + 64];

	/* the folder of a network, and what it keeps */
	if (own || (S_ISDIR(st->st_mode) && !strchr(name, '/')))
		return;
	snprintf(title, sizeof(title), "%s: %s%s", index ? "index" : "store",
		 name, S_ISREG(st->st_mode) ? " " : "");
	if (S_ISLNK(st->st_mode))
		add_link(path, title, s->ret);
	else if (S_ISREG(st->st_mode))
		add_file(AT_FDCWD, path, title, s->ret);
	else
		lines_add(s->ret, "%s mode %o", title, st->st_mode);
}

void snapshot_store(const char *dir, struct lines *ret)
{
	struct store s = { strlen(dir) + 1, ret };

	if (access(dir, F_OK) < 0 && errno == ENOENT)
		lines_add(ret, "no store");
	else
		walk(dir, add_reservation, &s);
}
