// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload.c - what is not the same under valgrind
 *
 * valgrind 3.19 does not know openat2(2), which lib/base opens /proc/sys by.
 * This does the same in steps: beneath the folder, by no link, in one mount.
 * What was looked at is what is opened in the end, by its descriptor.
 * Nor does it know fsopen(2) and pidfd_open(2): there is no procfs of one's
 * own, and no descriptor of a process.
 *
 * stat(2) of /proc/self/exe is of valgrind itself, which is what runs; by
 * readlink(2), which it answers as it should, it is of the program.
 *
 * A standard stream that is closed is opened by valgrind. Which of them were,
 * CNIC_CLOSED says, as "1" or "12".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct place {
	uint64_t mount;
	bool is_link;
};

static struct place look(int fd)
{
	const unsigned want = STATX_TYPE | STATX_MNT_ID;
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, want, &st) < 0 ||
	    (st.stx_mask & want) != want)
		abort();
	return (struct place){ st.stx_mnt_id, S_ISLNK(st.stx_mode) };
}

/* Opens name in dir; takes dir. */
static int step(int dir, const char *name)
{
	int fd = -1, err = EXDEV;

	if (strcmp(name, "..") != 0) {
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		err = errno;
	}
	if (fd >= 0) {
		struct place to = look(fd);

		err = to.mount != look(dir).mount ? EXDEV : 0;
		err = to.is_link ? ELOOP : err;
	}
	close(dir);
	if (fd >= 0 && err) {
		close(fd);
		fd = -1;
	}
	errno = err;
	return fd;
}

/* Takes fd, which is the file, or negative with errno. */
static int open_again(int fd, int flags)
{
	char path[32];
	int ret, err;

	if (fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = open(path, flags | O_CLOEXEC);
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

static int open_beneath(int dir, const char *name, int flags)
{
	char copy[PATH_MAX], *rest = copy;
	int fd = openat(dir, ".", O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (*name == '/' ||
	    (size_t)snprintf(copy, sizeof(copy), "%s", name) >= sizeof(copy)) {
		close(fd);
		errno = *name == '/' ? EXDEV : ENAMETOOLONG;
		return -1;
	}
	while (fd >= 0 && rest)
		fd = step(fd, strsep(&rest, "/"));
	return open_again(fd, flags);
}

static int own_openat2(va_list ap)
{
	int dir = va_arg(ap, int);
	const char *name = va_arg(ap, const char *);
	const struct open_how *how = va_arg(ap, const struct open_how *);

	/* what is done here and nothing else is asked for */
	if (how->resolve != (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			     RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV) ||
	    how->flags & ~(uint64_t)(O_ACCMODE | O_PATH | O_CLOEXEC))
		abort();
	return open_beneath(dir, name, (int)how->flags);
}

long syscall(long number, ...)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long a[6], ret;
	va_list ap;

	if (!real)
		abort();
	va_start(ap, number);
	if (number == SYS_openat2) {
		ret = own_openat2(ap);
	} else if (number == SYS_fsopen || number == SYS_pidfd_open) {
		errno = ENOSYS;
		ret = -1;
	} else {
		for (int i = 0; i < 6; i++)
			a[i] = va_arg(ap, long);
		ret = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
	va_end(ap);
	return ret;
}

/* Not in the shells on the way to valgrind, nor in a delegate without it. */
__attribute__((constructor)) static void close_streams(void)
{
	const char *libraries = getenv("LD_PRELOAD");
	const char *fd = getenv("CNIC_CLOSED");

	if (!libraries || !strstr(libraries, "vgpreload_"))
		return;
	for (; fd && *fd; fd++)
		close(*fd - '0');
	unsetenv("CNIC_CLOSED");
}

int stat(const char *path, struct stat *st)
{
	char exe[PATH_MAX];
	ssize_t n;

	if (strcmp(path, "/proc/self/exe") != 0)
		return fstatat(AT_FDCWD, path, st, 0);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n < 0)
		return -1;
	exe[n] = '\0';
	return fstatat(AT_FDCWD, exe, st, 0);
}
