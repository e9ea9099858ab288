// SPDX-License-Identifier: GPL-2.0-or-later
/* status.c - whether the next ADD could use its store */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "files.h"
#include "store.h"

static int fail_path(struct cni_err *err, int r, const char *path)
{
	return cni_fail(err, CNI_ENOTREADY, r, "the store %s cannot be used",
			path);
}

/* Whether the missing folder path could be made: by its nearest parent. */
static int check_missing(const char *path, struct cni_err *err)
{
	AUTO(str) char *buf = strdup(path);
	const char *parent = buf;
	struct stat st;
	char *slash;

	if (!buf)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (lstat(path, &st) == 0) /* a link that leads nowhere */
		return fail_path(err, -ENOENT, path);
	while (stat(parent, &st) < 0) {
		/* the current folder or the root: there is no other */
		if (errno != ENOENT || parent != buf)
			return fail_path(err, -errno, path);
		slash = strrchr(buf, '/');
		if (!slash)
			parent = ".";
		else if (slash == buf)
			parent = "/";
		else
			*slash = '\0';
	}
	if (!S_ISDIR(st.st_mode))
		return fail_path(err, -ENOTDIR, path);
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) < 0)
		return fail_path(err, -errno, path);
	return 0;
}

/* Whether lock_store() could open the lock, or make it. */
static int check_lock(const struct store *s, struct cni_err *err)
{
	AUTO(fd)
	int fd = openat(s->dir, "lock",
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (fd < 0)
		r = errno == ENOENT ? 0 : -errno;
	else if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	if (r < 0)
		return cni_fail(err, CNI_ENOTREADY, r, "cannot open %s/lock",
				s->path);
	if (fd >= 0 && files_check_lock(s, fd, err) < 0) {
		err->code = CNI_ENOTREADY;
		return -1;
	}
	return 0;
}

static int check_folder(const struct store *s, struct cni_err *err)
{
	if (faccessat(s->dir, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0)
		return fail_path(err, -errno, s->path);
	return check_lock(s, err);
}

/*
 * A full pool is no failure: the node is at its capacity, and a runtime that
 * is told otherwise takes it for broken, with all that runs on it. It is ADD
 * that says so.
 */
int status_check(const struct ipam *ipam, struct cni_err *err)
{
	AUTO(store) struct store s = STORE_CLOSED;
	int r;

	if (ipam->resolv_conf && access(ipam->resolv_conf, R_OK) < 0)
		return cni_fail(err, CNI_ENOTREADY, -errno, "cannot read %s",
				ipam->resolv_conf);
	r = store_open(&s, &ipam->store, STORE_LOOK, err);
	if (r < 0) {
		err->code = CNI_ENOTREADY;
		return r;
	}
	return r == 0 ? check_missing(s.path, err) : check_folder(&s, err);
}
