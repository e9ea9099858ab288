// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * files.c - the files of a store: opened, locked, listed, made and removed
 *
 * Nothing here calls fsync(2). A reservation matters while its container
 * runs, and no container outlives the kernel whose page cache holds the file:
 * whatever a power failure loses or cuts short is void under the next boot
 * ID anyway, and repair.c removes it. A killed process loses nothing of what
 * it has written.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#ifndef RENAME_NOREPLACE
/* musl 1.2.3 has no function for it. Weak, as a test has one of its own. */
#include <linux/fs.h>
#include <sys/syscall.h>
int renameat2(int from, const char *old, int to, const char *path,
	      unsigned flags);
__attribute__((weak)) int renameat2(int from, const char *old, int to,
				    const char *path, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from, old, to, path, flags);
}
#endif

#define OWN ".cnic"
#define TEMP "new" /* one name will do: it is only used under the lock */

/* --- opening ------------------------------------------------------------ */

static void dir_auto(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int open_dir(int at, const char *path)
{
	/* O_NOFOLLOW: a planted link must not lead us out of the store */
	int fd = openat(at, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Whether an administrator made that link: root, or who runs us. */
static bool is_trusted_link(const struct stat *st)
{
	return S_ISLNK(st->st_mode) &&
	       (st->st_uid == 0 || st->st_uid == geteuid());
}

/* The network's folder, also where it was moved and has a link in its place. */
static int open_folder(const char *path)
{
	int r = open_dir(AT_FDCWD, path);
	struct stat st;

	if ((r != -ENOTDIR && r != -ELOOP) || lstat(path, &st) < 0 ||
	    !is_trusted_link(&st))
		return r;
	r = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

static int fail_open(const struct store *s, const char *what, int r,
		     struct cni_err *err)
{
	struct stat st;

	cni_fail(err, CNI_EIO, r, "cannot %s the store %s", what, s->path);
	if (lstat(s->path, &st) < 0 || !S_ISLNK(st.st_mode))
		return -1;
	if (is_trusted_link(&st))
		cni_detail(err, "it is a symbolic link; make the folder that "
				"it leads to");
	else
		cni_detail(err,
			   "it is a symbolic link of user %u, which is not "
			   "followed; chown -h it to root if you trust it",
			   st.st_uid);
	return -1;
}

static int open_store(struct store *s, enum store_use use, struct cni_err *err)
{
	int r = open_folder(s->path);

	/* a name no folder can have: nothing was ever reserved there */
	if ((r == -ENOENT || r == -ENAMETOOLONG) && use != STORE_CREATE)
		return 0;
	if (r == -ENOENT) {
		r = fs_mkdir_all(s->path, 0700);
		if (r == 0)
			r = open_folder(s->path);
		if (r < 0)
			return fail_open(s, "make", r, err);
	}
	if (r < 0)
		return fail_open(s, "open", r, err);
	s->dir = r;
	return 1;
}

static int open_own(struct store *s, enum store_use use, struct cni_err *err)
{
	int r = open_dir(s->dir, OWN);

	if (r == -ENOENT && use != STORE_LOOK)
		r = mkdirat(s->dir, OWN, 0700) < 0 ? -errno
						   : open_dir(s->dir, OWN);
	/* without it nothing can be reserved, but looked up and released */
	if (r < 0 && use == STORE_CREATE)
		return cni_fail(err, CNI_EIO, r, "cannot use %s/" OWN, s->path);
	s->own = r < 0 ? -1 : r;
	/* what a killed ADD left holds an owner's name, if only in a file that
	   is no reservation: the DEL that follows takes it away too */
	if (s->own >= 0 && use == STORE_CHANGE)
		unlinkat(s->own, TEMP, 0);
	return 0;
}

/* Whether that lack keeps everybody from making a file. */
static bool no_room(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EROFS;
}

/* Whether the file system has no locks for anybody. */
static bool no_locks(int r)
{
	return r == -ENOLCK || r == -ENOSYS || r == -EOPNOTSUPP;
}

static int fail_lock(const struct store *s, int r, struct cni_err *err)
{
	cni_fail(err, CNI_EIO, r, "cannot lock %s/lock", s->path);
	if (no_locks(r))
		cni_detail(
			err,
			"its file system has no flock(2): set \"dataDir\" to "
			"a folder on one that has");
	return -1;
}

int files_check_lock(const struct store *s, int fd, struct cni_err *err)
{
	/* nothing is locked, so nothing is unlocked */
	if (flock(fd, LOCK_UN) == 0 || !no_locks(-errno))
		return 0;
	return fail_lock(s, -errno, err);
}

static int lock_store(struct store *s, enum store_use use, struct cni_err *err)
{
	char holder[64];
	int r;

	s->lock =
		openat(s->dir, "lock",
		       O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		       0600);
	/* nobody can have it either, and releasing must work on a full disk */
	if (s->lock < 0 && use == STORE_CHANGE && no_room(errno))
		return 0;
	if (s->lock < 0)
		return cni_fail(err, CNI_EIO, -errno, "cannot open %s/lock",
				s->path);
	r = fs_lock(s->lock, STORE_LOCK_MS);
	if (r == 0)
		return 0;
	/* as there no ADD ever succeeds, none is in the way of releasing */
	if (no_locks(r) && use == STORE_CHANGE) {
		close(TAKE_FD(s->lock));
		return 0;
	}
	if (r != -EAGAIN)
		return fail_lock(s, r, err);
	fs_lock_holder(s->lock, holder, sizeof(holder));
	return cni_fail(err, CNI_EAGAIN, 0,
			"%s/lock has been held for %d seconds by %s, try again "
			"later",
			s->path, STORE_LOCK_MS / 1000, holder);
}

int files_open(struct store *s, enum store_use use, struct cni_err *err)
{
	int r = open_store(s, use, err);

	if (r <= 0)
		return r;
	if (use != STORE_LOOK && lock_store(s, use, err) < 0)
		return -1;
	return open_own(s, use, err) < 0 ? -1 : 1;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(TAKE_FD(*fd));
}

void files_close(struct store *s)
{
	close_fd(&s->own);
	close_fd(&s->lock);
	close_fd(&s->dir);
	free(TAKE(s->path));
}

int files_each(const struct store *s, files_each_fn fn, void *arg)
{
	/* a descriptor of its own: readdir moves the offset */
	int fd = open_dir(s->dir, ".");
	AUTO(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char text[IP_STRLEN];
	struct dirent *e;
	struct ip_addr ip;
	int r = 0;

	if (fd < 0)
		return fd;
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while (r >= 0 && (errno = 0, e = readdir(dir))) {
		if (ip_parse(e->d_name, &ip) < 0 ||
		    strcmp(ip_format(&ip, text), e->d_name) != 0)
			continue;
		r = fn(arg, e->d_name, &ip);
	}
	if (r < 0)
		return r;
	return -errno;
}

/* --- writing ------------------------------------------------------------ */

static int open_temp(const struct store *s)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->own, TEMP, flags, 0600);

	/* left by one that was killed; it may be linked to a reservation */
	if (fd < 0 && errno == EEXIST && unlinkat(s->own, TEMP, 0) == 0)
		fd = openat(s->own, TEMP, flags, 0600);
	return fd < 0 ? -errno : fd;
}

/* Writes the whole of a new file under its temporary name. */
static int write_temp(const struct store *s, const char *text,
		      struct timespec *ret_mtime)
{
	AUTO(fd) int fd = open_temp(s);
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = fs_write_fd(fd, text, strlen(text));
	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	/* a network file system may report only now that there is no room */
	if (close(TAKE_FD(fd)) < 0 && r == 0)
		r = -errno;
	if (r < 0) {
		unlinkat(s->own, TEMP, 0);
		return r;
	}
	*ret_mtime = st.st_mtim;
	return 0;
}

/* Without hard links, and perhaps without RENAME_NOREPLACE: nobody else makes a
   reservation while we have the lock. */
static int rename_temp(const struct store *s, const char *name)
{
	struct stat st;

	if (renameat2(s->own, TEMP, s->dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -errno;
	if (fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	if (errno != ENOENT)
		return -errno;
	return renameat(s->own, TEMP, s->dir, name) < 0 ? -errno : 0;
}

/* Gives the temporary file its name, unless something has that name. */
static int link_temp(const struct store *s, const char *name)
{
	int r = linkat(s->own, TEMP, s->dir, name, 0) < 0 ? -errno : 0;

	/* a file system without hard links; AFS has them in one folder alone */
	if (r == -EPERM || r == -EOPNOTSUPP || r == -ENOSYS || r == -EXDEV)
		r = rename_temp(s, name);
	unlinkat(s->own, TEMP, 0);
	return r;
}

int files_make(const struct store *s, const char *name, const char *text,
	       struct timespec *ret_mtime)
{
	int r = write_temp(s, text, ret_mtime);

	return r < 0 ? r : link_temp(s, name);
}

/*
 * Overwrites a file that is there, which costs a tenth of replacing it: ext4
 * allocates and starts to write out what is renamed over an old file. Killed
 * half way, it names another address to go on from, which does no harm.
 * -EINVAL where it is no plain file of that one name.
 */
static int overwrite(const struct store *s, const char *name, const char *text)
{
	AUTO(fd)
	int fd = openat(s->dir, name,
			O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t len = strlen(text);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EINVAL;
	r = fs_write_fd(fd, text, len);
	if (r == 0 && (size_t)st.st_size > len && ftruncate(fd, (off_t)len) < 0)
		r = -errno;
	return r;
}

int files_write(const struct store *s, const char *name, const char *text)
{
	struct timespec mtime;
	int r;

	if (overwrite(s, name, text) == 0)
		return 0;
	r = write_temp(s, text, &mtime);
	if (r < 0)
		return r;
	if (renameat(s->own, TEMP, s->dir, name) == 0)
		return 0;
	r = -errno;
	unlinkat(s->own, TEMP, 0);
	return r;
}
