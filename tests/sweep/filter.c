// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c - who is asked about a process's calls */
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../snapshot/die.h"
#include "calls.h"

int filter_install(const struct call_kind *kind)
{
	struct sock_filter f[CALLS_MAX + 8];
	struct sock_fprog prog = { .filter = f };
	unsigned n = 0;

	f[n++] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     offsetof(struct seccomp_data, nr));
	if (kind) {
		int nr[CALLS_MAX + 1], k = 0;

		nr[k++] = SYS_execve;
		for (int i = 0; i < CALLS_MAX; i++)
			if (kind->nr[i] >= 0)
				nr[k++] = kind->nr[i];
		for (int i = 0; i < k; i++)
			f[n++] = (struct sock_filter)
				BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					 (unsigned)nr[i],
					 (unsigned char)(k - i), 0);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						      SECCOMP_RET_ALLOW);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
					      SECCOMP_RET_USER_NOTIF);
	prog.len = (unsigned short)n;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

int filter_fetch(pid_t child, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	int fd = -1;

	if (pidfd < 0)
		die("pidfd_open: %m");
	while (fd < 0) {
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (fd < 0 && errno != EBADF)
			die("pidfd_getfd: %m");
		if (fd < 0 && waitpid(child, NULL, WNOHANG) == child)
			die("the kernel has no user notification");
		sched_yield();
	}
	close(pidfd);
	return fd;
}
