// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - network namespaces: open by path, run something inside */
#include "base/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/auto.h"

#define TRIES 100

int ns_open(const char *path, int *ret_fd)
{
	AUTO(fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statfs fs;
	int type;

	if (fd < 0) {
		/* a socket, or a device without a driver: no namespace */
		return errno == ENXIO || errno == ENODEV ? -EINVAL : -errno;
	}
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	/* NSFS_MAGIC first: the ioctl's number means other things elsewhere */
	if (fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type < 0 && errno != ENOTTY)
		return -errno;
	if (type != CLONE_NEWNET)
		return -EINVAL;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int ns_open_own(int *ret_fd)
{
	AUTO(fd) int s = -1;
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		fd = s < 0 ? -1 : ioctl(s, SIOCGSKNS);
	}
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

bool ns_is_none(int r)
{
	return r == -ENOENT || r == -EINVAL || r == -ENOTDIR || r == -ELOOP ||
	       r == -ENAMETOOLONG || r == -EACCES || r == -ESRCH;
}

bool ns_same(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/*
 * The kernel may lack memory for this, for a moment. Whoever cannot come back
 * must not go on, and leaves everything half done: so it is worth some tries.
 */
static bool come_back(int own)
{
	for (int tries = 0; tries < TRIES; tries++)
		if (setns(own, CLONE_NEWNET) == 0)
			return true;
	return false;
}

int ns_run(int netns_fd, int (*fn)(void *arg), void *arg)
{
	AUTO(fd) int own = -1;
	int r = ns_open_own(&own);

	if (r < 0)
		return r;
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return -errno;
	r = fn(arg);
	if (!come_back(own))
		abort();
	return r;
}
