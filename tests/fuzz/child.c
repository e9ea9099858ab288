// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * child.c - a delegate that is an input
 *
 * wrap: posix_spawn posix_spawn_file_actions_adddup2 waitpid
 */
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>
#include <unistd.h>

/* larger than any process ID of Linux, so nobody is hit by it */
#define FIRST_PID (1 << 23)
#define STDERR 0xfe
/* a pipe holds this much, and nobody reads while we write */
#define PIPE_SIZE (1 << 16)

static struct input words;
static int stream[3]; /* what the next child has */
static pid_t last_pid = FIRST_PID;
static unsigned alive;

void child_start(const uint8_t *p, size_t n)
{
	words = (struct input){ p, n };
	MUST(alive == 0);
}

static void tell(int fd, const uint8_t *p, size_t n)
{
	if (n > PIPE_SIZE)
		n = PIPE_SIZE;
	MUST(n == 0 || write(fd, p, n) == (ssize_t)n);
}

int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *fa,
					    int fd, int newfd);
int __wrap_posix_spawn(pid_t *pid, const char *path,
		       const posix_spawn_file_actions_t *fa,
		       const posix_spawnattr_t *attr, char *const argv[],
		       char *const env[]);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
pid_t __real_waitpid(pid_t pid, int *status, int options);

int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *fa,
					    int fd, int newfd)
{
	(void)fa;
	MUST(fd >= 0 && newfd >= 0 && newfd < 3);
	stream[newfd] = fd;
	return 0;
}

int __wrap_posix_spawn(pid_t *pid, const char *path,
		       const posix_spawn_file_actions_t *fa,
		       const posix_spawnattr_t *attr, char *const argv[],
		       char *const env[])
{
	const uint8_t *p = words.n ? words.p + 1 : NULL;
	size_t n = words.n ? words.n - 1 : 0;
	const uint8_t *err = n ? memchr(p, STDERR, n) : NULL;
	bool commanded = false;

	(void)fa;
	(void)attr;
	MUST(path[0] && strcmp(argv[0], path) == 0 && !argv[1]);
	for (; *env; env++)
		commanded |= strncmp(*env, "CNI_COMMAND=", 12) == 0;
	MUST(commanded);
	/* only its own streams are there to be inherited */
	for (int i = 0; i < 3; i++)
		MUST(fcntl(stream[i], F_GETFD) == FD_CLOEXEC);
	if (err) {
		tell(stream[2], err + 1, (size_t)(p + n - err) - 1);
		n = (size_t)(err - p);
	}
	tell(stream[1], p, n);
	*pid = ++last_pid;
	alive++;
	return 0;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	uint8_t how = words.n ? words.p[0] : '0';

	/* replay.c has children that are real */
	if (pid <= FIRST_PID)
		return __real_waitpid(pid, status, options);
	MUST(pid == last_pid && alive == 1);
	alive--;
	*status = how == 's' ? SIGSEGV : (how & 7) << 8;
	return pid;
}
