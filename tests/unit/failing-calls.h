/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * failing-calls.h - for a test of one file: a system call on a file of that
 * name fails, and what is done to the host in the middle of a call
 *
 * A call with a descriptor is one on the name it was opened by.
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct fault {
	const char *call; /* NULL: none */
	const char *name; /* the last part of the path */
	int error;
	int times;	      /* 0: always */
	void (*before)(void); /* is called first, once */
};

static struct fault fault[2];
static unsigned faults; /* that happened */

/* From here on this call fails, and no other. */
static inline void fail_call(const char *call, const char *name, int error)
{
	fault[0] = (struct fault){ .call = call, .name = name, .error = error };
	fault[1] = (struct fault){ 0 };
	faults = 0;
}

/* From here on none does; whether one did. */
static inline bool failed_call(void)
{
	fault[0] = fault[1] = (struct fault){ 0 };
	return faults > 0;
}

/* Not static: with _FORTIFY_SOURCE, read() and the like are inline for clang.
 */
bool call_fails(const char *call, const char *path);
bool fd_fails(const char *call, int fd);

bool call_fails(const char *call, const char *path)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < 2; i++) {
		struct fault *f = &fault[i];

		if (!f->call || strcmp(f->call, call) != 0 ||
		    strcmp(f->name, slash ? slash + 1 : path) != 0)
			continue;
		faults++;
		if (f->times && --f->times == 0)
			f->call = NULL;
		if (f->before) {
			void (*before)(void) = f->before;

			f->before = NULL;
			before();
		}
		errno = f->error;
		return f->error != 0;
	}
	return false;
}

bool fd_fails(const char *call, int fd)
{
	char link[64], path[PATH_MAX];
	long n;

	if (!fault[0].call && !fault[1].call)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return call_fails(call, path);
}

int openat(int at, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (call_fails("openat", path))
		return -1;
	return (int)syscall(SYS_openat, at, path, flags, mode);
}

int close(int fd)
{
	bool failed = fd_fails("close", fd);
	int error = errno;
	long r = syscall(SYS_close, fd);

	if (failed)
		errno = error;
	return failed ? -1 : (int)r;
}

ssize_t read(int fd, void *buf, size_t size)
{
	return fd_fails("read", fd) ? -1 : syscall(SYS_read, fd, buf, size);
}

ssize_t write(int fd, const void *buf, size_t size)
{
	return fd_fails("write", fd) ? -1 : syscall(SYS_write, fd, buf, size);
}

/* tests make files empty, and of few bytes */
int ftruncate(int fd, off_t len)
{
	return fd_fails("ftruncate", fd)
		       ? -1
		       : (int)syscall(SYS_ftruncate, fd, (long)len);
}

/* as glibc does it: qemu-s390x's fstat(2) has no nanoseconds */
static int real_fstatat(int at, const char *path, struct stat *st, int flags)
{
#if defined(SYS_newfstatat) && !defined(__mips__)
	return (int)syscall(SYS_newfstatat, at, path, st, flags);
#else /* where the kernel's struct stat is another one */
	struct statx x;

	if (syscall(SYS_statx, at, path, flags, STATX_BASIC_STATS, &x) < 0)
		return -1;
	*st = (struct stat){
		.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
		.st_ino = x.stx_ino,
		.st_mode = x.stx_mode,
		.st_nlink = x.stx_nlink,
		.st_uid = x.stx_uid,
		.st_gid = x.stx_gid,
		.st_size = (off_t)x.stx_size,
		.st_atim = { x.stx_atime.tv_sec, x.stx_atime.tv_nsec },
		.st_mtim = { x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec },
		.st_ctim = { x.stx_ctime.tv_sec, x.stx_ctime.tv_nsec },
	};
	return 0;
#endif
}

int fstat(int fd, struct stat *st)
{
	return fd_fails("fstat", fd) ? -1
				     : real_fstatat(fd, "", st, AT_EMPTY_PATH);
}

int fstatat(int at, const char *path, struct stat *st, int flags)
{
	if (call_fails("fstatat", path))
		return -1;
	return real_fstatat(at, path, st, flags);
}

int futimens(int fd, const struct timespec t[2])
{
	return fd_fails("futimens", fd)
		       ? -1
		       : (int)syscall(SYS_utimensat, fd, NULL, t, 0);
}

int mkdirat(int at, const char *path, mode_t mode)
{
	return call_fails("mkdirat", path)
		       ? -1
		       : (int)syscall(SYS_mkdirat, at, path, mode);
}

/* of two names, it is the new one that counts */
int linkat(int from, const char *old, int to, const char *path, int flags)
{
	return call_fails("linkat", path)
		       ? -1
		       : (int)syscall(SYS_linkat, from, old, to, path, flags);
}

int renameat(int from, const char *old, int to, const char *path)
{
	return call_fails("renameat", path)
		       ? -1
		       : (int)syscall(SYS_renameat2, from, old, to, path, 0);
}

#ifndef __GLIBC__ /* which declares it */
int renameat2(int from, const char *old, int to, const char *path,
	      unsigned flags);
#endif
int renameat2(int from, const char *old, int to, const char *path,
	      unsigned flags)
{
	return call_fails("renameat2", path)
		       ? -1
		       : (int)syscall(SYS_renameat2, from, old, to, path,
				      flags);
}

int symlinkat(const char *target, int at, const char *path)
{
	return call_fails("symlinkat", path)
		       ? -1
		       : (int)syscall(SYS_symlinkat, target, at, path);
}

int unlinkat(int at, const char *path, int flags)
{
	return call_fails("unlinkat", path)
		       ? -1
		       : (int)syscall(SYS_unlinkat, at, path, flags);
}

ssize_t readlinkat(int at, const char *path, char *buf, size_t size)
{
	return call_fails("readlinkat", path)
		       ? -1
		       : syscall(SYS_readlinkat, at, path, buf, size);
}

#ifdef __GLIBC__ /* the same where the compiler knows the buffer's size */
#if __USE_FORTIFY_LEVEL == 0 /* else unistd.h declares it */
ssize_t __readlinkat_chk(int at, const char *path, char *buf, size_t size,
			 size_t room);
#endif
ssize_t __readlinkat_chk(int at, const char *path, char *buf, size_t size,
			 size_t room)
{
	(void)room;
	return readlinkat(at, path, buf, size);
}
#endif

#endif
