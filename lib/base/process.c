// SPDX-License-Identifier: GPL-2.0-or-later
/* process.c - a plugin's process: its start, its streams, its end */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

#define NOEXEC_SEAL 8u /* MFD_NOEXEC_SEAL, newer than our oldest headers */

/* stdin for the child: exactly the bytes we got, at offset 0 */
static int make_stdin(const char *data, size_t len)
{
	/* without the seal Linux 6.3 logs a complaint; older ones refuse it */
	AUTO(fd) int fd = memfd_create("cni-stdin", MFD_CLOEXEC | NOEXEC_SEAL);
	int r;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("cni-stdin", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fs_write_fd(fd, data, len);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* posix_spawn() with the three streams and default signals */
static int spawn_with(const char *file, char **env, int in, int out, int err,
		      pid_t *ret)
{
	char *argv[] = { (char *)file, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t ignored;
	int r;

	r = posix_spawn_file_actions_init(&fa);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attr);
	if (r) {
		posix_spawn_file_actions_destroy(&fa);
		return -r;
	}
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGXFSZ);
	r = posix_spawn_file_actions_adddup2(&fa, in, 0);
	r = r ? r : posix_spawn_file_actions_adddup2(&fa, out, 1);
	r = r ? r : posix_spawn_file_actions_adddup2(&fa, err, 2);
	r = r ? r : posix_spawnattr_setsigdefault(&attr, &ignored);
	r = r ? r : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	/* an installer may be writing the file: wait, five seconds at most */
	for (int i = 0; r == 0 && i < 100; i++) {
		r = posix_spawn(ret, file, &fa, &attr, argv, env);
		if (r != ETXTBSY)
			break;
		poll(NULL, 0, 50);
		r = i < 99 ? 0 : ETXTBSY;
	}
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return -r;
}

int process_start(struct process *p, const char *file, char **env,
		  const char *data, size_t len)
{
	AUTO(fd) int in = make_stdin(data, len);
	AUTO(fd) int out_w = -1;
	AUTO(fd) int err_w = -1;
	int fds[2];

	if (in < 0)
		return in;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	p->out = fds[0];
	out_w = fds[1];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	p->err = fds[0];
	err_w = fds[1];
	return spawn_with(file, env, in, out_w, err_w, &p->pid);
}

/* A chunk of stderr is kept for the message, and passed on at once. */
static void hear(struct process *p, int to, const char *buf, size_t n)
{
	size_t room = sizeof(p->first_words) - 1 - p->words;
	size_t keep = n < room ? n : room;

	memcpy(p->first_words + p->words, buf, keep);
	p->words += keep;
	(void)fs_write_fd(to, buf, n); /* a log nobody reads is no failure */
}

static int take(struct process *p, const char *buf, size_t n)
{
	char *output;

	if (p->len + n > PROCESS_OUTPUT_MAX)
		return -EFBIG;
	output = realloc(p->output, p->len + n + 1);
	if (!output)
		return -ENOMEM;
	memcpy(output + p->len, buf, n);
	p->output = output;
	p->len += n;
	output[p->len] = '\0';
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* poll() until the time is end; 0 is none. Returns 0, -ETIME or -errno. */
static int wait_for(struct pollfd *pfd, nfds_t n, int64_t end)
{
	int64_t left = -1;
	int r;

	do {
		if (end)
			left = end - now_ms();
		if (end && left <= 0)
			return -ETIME;
		r = poll(pfd, n, (int)left);
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? -errno : 0;
}

/* Reads both streams to their ends, or until there is too much of it. */
static int collect(struct process *p, int err_fd, int64_t end)
{
	struct pollfd pfd[2] = { { p->out, POLLIN, 0 }, { p->err, POLLIN, 0 } };
	char buf[4096];
	int r = 0;

	while (r == 0 && (pfd[0].fd >= 0 || pfd[1].fd >= 0)) {
		r = wait_for(pfd, 2, end);
		for (int i = 0; i < 2 && r == 0; i++) {
			ssize_t n;

			if (!pfd[i].revents)
				continue;
			n = read(pfd[i].fd, buf, sizeof(buf));
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				pfd[i].fd = -1; /* poll() skips it */
			else if (i == 1)
				hear(p, err_fd, buf, (size_t)n);
			else
				r = take(p, buf, (size_t)n);
		}
	}
	return r;
}

/*
 * Waits until it has ended, or the time is end. Where the caller may not have a
 * descriptor of it, such as under a filter of system calls, all there is to see
 * is that it has closed its streams: then it is about to end.
 */
static int wait_end(const struct process *p, int64_t end)
{
	AUTO(fd) int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	struct pollfd pfd = { fd, POLLIN, 0 };

	return fd < 0 ? 0 : wait_for(&pfd, 1, end);
}

int process_finish(struct process *p, int err_fd, int ms, int *status)
{
	int64_t end = ms < 0 ? 0 : now_ms() + ms;
	int r = collect(p, err_fd, end);

	/* a child whose output we gave up on must not wait for us for ever */
	close(TAKE_FD(p->out));
	close(TAKE_FD(p->err));
	if (end) {
		if (r == 0)
			r = wait_end(p, end);
		if (r < 0)
			kill(p->pid, SIGKILL);
	}
	while (waitpid(p->pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return r;
}

void process_done(struct process *p)
{
	fd_auto(&p->out);
	fd_auto(&p->err);
	free(p->output);
}
