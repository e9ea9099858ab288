// SPDX-License-Identifier: GPL-2.0-or-later
/* sysctl.c - values below /proc/sys, written only where they differ */
#include "base/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/auto.h"
#include "base/fs.h"

static int open_folder(const char *path)
{
	AUTO(fd)
	int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;

	if (dir < 0 || fstatfs(dir, &fs) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC)
		return -EXDEV;
	return TAKE_FD(dir);
}

static int open_below(int dir, const char *name, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};
	long fd;

	if (dir < 0)
		return dir;
	fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

/*
 * Whether nothing is said by how /proc/sys is mounted: it can be written, and
 * net is no mount of its own.
 */
static bool is_plain(int sys)
{
	AUTO(fd) int net = open_below(sys, "net", O_PATH);
	struct statfs fs;

	return net >= 0 && fstatfs(sys, &fs) == 0 && !(fs.f_flags & ST_RDONLY);
}

/*
 * An instance of procfs of the caller's own, mounted nowhere, which ends with
 * its last descriptor. Returns its folder sys, or -errno.
 */
static int open_instance(void)
{
	AUTO(fd) int fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	AUTO(fd) int root = -1;
	int sys;

	if (fs < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	root = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				    MOUNT_ATTR_NOEXEC);
	if (root < 0)
		return -errno;
	sys = openat(root, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return sys < 0 ? -errno : sys;
}

int sysctl_open(void)
{
	AUTO(fd) int sys = open_folder("/proc/sys");
	int own = is_plain(sys) ? open_instance() : -ENOENT;

	return own < 0 ? TAKE_FD(sys) : own;
}

/*
 * Inside a system container net may be a mount of its own, to write to, where
 * all else is read-only. A folder of procfs with that value in it, which every
 * network namespace has, is no other.
 */
static int open_mounted_net(void)
{
	AUTO(fd) int net = open_folder("/proc/sys/net");
	AUTO(fd) int value = open_below(net, "core/somaxconn", O_PATH);

	if (value == -ENOENT)
		return -EXDEV;
	return value < 0 ? value : TAKE_FD(net);
}

static int open_value(int sys, const char *name, int flags)
{
	int fd = open_below(sys, name, flags);

	if (fd == -EXDEV && strncmp(name, "net/", 4) == 0) {
		AUTO(fd) int net = open_mounted_net();

		fd = open_below(net, name + 4, flags);
	}
	return fd;
}

static int read_value(int fd, char *ret, size_t size)
{
	ssize_t n = pread(fd, ret, size - 1, 0);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

int sysctl_get(const char *name, char *ret, size_t size)
{
	AUTO(fd) int sys = open_folder("/proc/sys");
	AUTO(fd) int fd = open_value(sys, name, O_RDONLY);

	return fd < 0 ? fd : read_value(fd, ret, size);
}

/* Whether a value that reading gave r has none: it can only be written, or has
   to be before it is read. */
static bool is_unreadable(int sys, const char *name, int r)
{
	static const char secret[] = "/stable_secret";
	size_t len = strlen(name);
	struct stat st;

	if (r == -EACCES) {
		AUTO(fd) int fd = open_value(sys, name, O_PATH);

		return fd >= 0 && fstat(fd, &st) == 0 && !(st.st_mode & 0444);
	}
	return r == -EIO && len >= strlen(secret) &&
	       strcmp(name + len - strlen(secret), secret) == 0;
}

int sysctl_read(int sys, const char *name, char **ret)
{
	AUTO(fd) int fd = open_value(sys, name, O_RDONLY);
	AUTO(str) char *text = malloc(SYSCTL_MAX);
	/* whole, as the kernel gives nothing of it to a second read */
	int r = fd < 0 ? fd : text ? read_value(fd, text, SYSCTL_MAX) : -ENOMEM;

	if (r < 0)
		return is_unreadable(sys, name, r) ? -ENODATA : r;
	*ret = TAKE(text);
	return 0;
}

/* An empty value is a line: a write of no bytes does nothing. */
static int write_value(int fd, const char *value)
{
	const char *text = *value ? value : "\n";

	return fs_write_fd(fd, text, strlen(text));
}

static int set_unread(int sys, const char *name, const char *value)
{
	AUTO(fd) int fd = open_value(sys, name, O_WRONLY);

	return fd < 0 ? fd : write_value(fd, value);
}

int sysctl_write(int sys, const char *name, const char *value)
{
	AUTO(fd) int fd = open_value(sys, name, O_RDWR);
	/* so that one that only begins like it is seen to be longer */
	size_t size = strlen(value) + 2;
	AUTO(str) char *now = malloc(size);
	int denied = 0, r;

	if (fd == -EROFS || fd == -EACCES || fd == -EPERM) {
		denied = fd;
		fd = open_value(sys, name, O_RDONLY);
	}
	if (denied && fd < 0)
		return set_unread(sys, name, value);
	if (!now)
		return -ENOMEM;
	r = fd < 0 ? fd : read_value(fd, now, size);
	if (r == 0 && strcmp(now, value) == 0)
		return 0;
	if (fd < 0 || denied)
		return fd < 0 ? fd : denied;
	return write_value(fd, value);
}

int sysctl_set(const char *name, const char *value)
{
	AUTO(fd) int sys = open_folder("/proc/sys");

	return sysctl_write(sys, name, value);
}

int sysctl_set_conf(int sys, const char *family, const char *interface,
		    const char *key, const char *value)
{
	char name[128];

	snprintf(name, sizeof(name), "net/%s/conf/%s/%s", family, interface,
		 key);
	return sysctl_write(sys, name, value);
}
