// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot.c - namespaces to look into; settings and files */
#include "snapshot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "netlink.h"

static void set_lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("setting lo up: %m");
	close(fd);
}

void view_new(struct view *v, const char *name, bool lo_up)
{
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare: %m");
	v->name = name;
	v->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	v->route = netlink_open(NETLINK_ROUTE);
	v->nft = netlink_open(NETLINK_NETFILTER);
	if (v->ns < 0 || v->route < 0)
		die("a network namespace: %m");
	if (lo_up)
		set_lo_up();
}

void view_close(struct view *v)
{
	close(v->ns);
	close(v->route);
	if (v->nft >= 0)
		close(v->nft);
}

void view_enter(const struct view *v)
{
	if (setns(v->ns, CLONE_NEWNET) < 0)
		die("setns: %m");
}

/* Adds the text of a file, without control characters. */
static void add_file(int dir, const char *file, const char *title,
		     struct lines *ret)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		lines_add(ret, "%s: %s", title, strerror(errno));
		return;
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (iscntrl((unsigned char)text[i]))
			text[i] = ' ';
	lines_add(ret, "%s: %s", title, text);
}

static void walk_sysctl(const struct view *v, const char *path,
			struct lines *ret)
{
	DIR *dir = opendir(path);
	char name[PATH_MAX];
	struct dirent *e;

	/* a namespace without IPv6 */
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
		snprintf(name, sizeof(name), "%s sysctl %s/%s", v->name,
			 path + strlen("/proc/sys/"), e->d_name);
		add_file(dirfd(dir), e->d_name, name, ret);
	}
	closedir(dir);
}

void snapshot_sysctl(const struct view *v, struct lines *ret)
{
	char title[64];

	snprintf(title, sizeof(title), "%s sysctl ip_forward", v->name);
	add_file(AT_FDCWD, "/proc/sys/net/ipv4/ip_forward", title, ret);
	walk_sysctl(v, "/proc/sys/net/ipv4/conf", ret);
	walk_sysctl(v, "/proc/sys/net/ipv6/conf", ret);
	walk_sysctl(v, "/proc/sys/net/bridge", ret);
}

/*
 * What remembers only how to do the next call faster, or better: the last
 * address and the time that an index of host-local's is of.
 */
static bool is_memory(const char *name)
{
	return strncmp(name, "last_reserved_ip.", 17) == 0 ||
	       strcmp(name, "stamp") == 0;
}

/* Which number an entry of host-local's index has is of no importance. */
static void cut_number(char *name)
{
	char *dot = strrchr(name, '.');

	if (strstr(name, "/.cnic/") && dot && isdigit((unsigned char)dot[1]))
		*dot = '\0';
}

static void add_node(char *name, const struct stat *st, struct lines *ret)
{
	char title[PATH_MAX + 64], target[256];
	ssize_t n;

	if (S_ISLNK(st->st_mode)) {
		n = readlink(name, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		cut_number(name);
		lines_add(ret, "file %s -> %s", name, target);
		return;
	}
	snprintf(title, sizeof(title), "file %s mode %o", name, st->st_mode);
	if (S_ISREG(st->st_mode))
		add_file(AT_FDCWD, name, title, ret);
	else
		lines_add(ret, "%s", title);
}

void snapshot_files(const char *path, struct lines *ret)
{
	DIR *dir = opendir(path);
	char name[PATH_MAX];
	struct dirent *e;
	struct stat st;

	if (!dir)
		die("%s: %m", path);
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 || is_memory(e->d_name))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (lstat(name, &st) < 0)
			die("%s: %m", name);
		if (S_ISDIR(st.st_mode))
			snapshot_files(name, ret);
		add_node(name, &st, ret);
	}
	closedir(dir);
}
