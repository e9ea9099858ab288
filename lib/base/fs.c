// SPDX-License-Identifier: GPL-2.0-or-later
/* fs.c - files, whole: read, write; locks with a deadline */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>

#include "base/auto.h"

/*
 * After a failed read() or write(): whether to repeat it. A caller may hand
 * us a non-blocking pipe as standard stream.
 */
static bool try_again(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };

	if (errno == EINTR)
		return true;
	return errno == EAGAIN && (poll(&p, 1, -1) >= 0 || errno == EINTR);
}

/* The next bytes into an owned buffer that grows; 0 at the end of file. */
static ssize_t read_some(int fd, size_t max, char **buf, size_t *size,
			 size_t len)
{
	ssize_t n;

	if (len + 1 >= *size) {
		size_t want = *size ? 2 * *size : 4096;
		char *p;

		if (want > max + 2)
			want = max + 2;
		p = realloc(*buf, want);
		if (!p)
			return -ENOMEM;
		*buf = p;
		*size = want;
	}
	do
		n = read(fd, *buf + len, *size - len - 1);
	while (n < 0 && try_again(fd, POLLIN));
	return n < 0 ? -errno : n;
}

int fs_read_fd(int fd, size_t max, char **ret, size_t *ret_len)
{
	AUTO(str) char *buf = NULL;
	size_t size = 0, len = 0;
	ssize_t n;

	do {
		n = read_some(fd, max, &buf, &size, len);
		if (n < 0)
			return (int)n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	} while (n > 0);
	buf[len] = '\0';
	*ret = TAKE(buf);
	*ret_len = len;
	return 0;
}

int fs_read_at(int dirfd, const char *name, size_t max, char **ret,
	       size_t *ret_len)
{
	AUTO(fd)
	int fd = openat(dirfd, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
				O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* before reading it: the file may be sparse and huge. In /proc the
	   size is 0 and the reading itself has the limit. */
	if (st.st_size > 0 && (size_t)st.st_size > max)
		return -EFBIG;
	return fs_read_fd(fd, max, ret, ret_len);
}

int fs_write_fd(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && try_again(fd, POLLOUT))
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int fs_mkdir_all(const char *dir, mode_t mode)
{
	AUTO(str) char *path = strdup(dir);
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (mkdir(path, mode) == 0)
		return 0;
	if (errno == ENOENT && *path) {
		for (char *p = path + 1; (p = strchr(p, '/')); *p++ = '/') {
			*p = '\0';
			if (mkdir(path, 0755) < 0 && errno != EEXIST)
				return -errno;
		}
		if (mkdir(path, mode) == 0)
			return 0;
	}
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static void on_alarm(int sig)
{
	(void)sig;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int fs_lock(int fd, unsigned timeout_ms)
{
	/* it repeats: a first alarm between two flock() calls is not lost */
	const struct itimerval tick = { { 0, 50000 }, { 0, 50000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm }, old;
	sigset_t alarm_only, old_mask;
	long long deadline;
	int r;

	while ((r = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EINTR)
		;
	if (r == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	deadline = now_ms() + timeout_ms;
	if (sigaction(SIGALRM, &act, &old) < 0)
		return -errno;
	/* whoever started us may have blocked it */
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, &old_mask);
	setitimer(ITIMER_REAL, &tick, NULL);
	r = -EINTR;
	while (r == -EINTR && now_ms() < deadline)
		r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	setitimer(ITIMER_REAL, &off, NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
	sigaction(SIGALRM, &old, NULL);
	return r == -EINTR ? -EAGAIN : r;
}

/* /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF" */
static int lock_holder_pid(const struct stat *st)
{
	AUTO(str) char *text = NULL;
	char id[64];
	size_t len;
	char *save, *line, *rest;

	snprintf(id, sizeof(id), " %02x:%02x:%llu ", major(st->st_dev),
		 minor(st->st_dev), (unsigned long long)st->st_ino);
	if (fs_read_at(AT_FDCWD, "/proc/locks", 1 << 20, &text, &len) < 0)
		return -1;
	for (rest = text; (line = strtok_r(rest, "\n", &save)); rest = NULL) {
		char *end = strstr(line, id);

		/* "1: -> FLOCK" waits, it does not hold; the number before the
		   file is the process */
		if (end && strstr(line, ": FLOCK ")) {
			*end = '\0';
			return (int)strtol(strrchr(line, ' ') + 1, NULL, 10);
		}
	}
	return -1;
}

void fs_lock_holder(int fd, char *buf, size_t size)
{
	AUTO(str) char *comm = NULL;
	struct stat st;
	char path[64];
	size_t len;
	int pid = fstat(fd, &st) < 0 ? -1 : lock_holder_pid(&st);

	if (pid <= 0) {
		snprintf(buf, size, "an unknown process");
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	if (fs_read_at(AT_FDCWD, path, 64, &comm, &len) < 0)
		snprintf(buf, size, "pid %d", pid);
	else
		snprintf(buf, size, "pid %d (%.*s)", pid,
			 (int)strcspn(comm, "\n"), comm);
}
