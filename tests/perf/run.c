// SPDX-License-Identifier: GPL-2.0-or-later
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define ENV_MAX (PATH_MAX + 32)

double run_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double us(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

void run_start_by(struct run *run, const struct call *call, char *argv[])
{
	char env[6][ENV_MAX];
	char *envp[] = { env[0], env[1], env[2], env[3], env[4], env[5], NULL };
	posix_spawn_file_actions_t fa;

	snprintf(env[0], ENV_MAX, "CNI_COMMAND=%s", call->command);
	snprintf(env[1], ENV_MAX, "CNI_CONTAINERID=%s", call->id);
	snprintf(env[2], ENV_MAX, "CNI_NETNS=%s", call->netns);
	snprintf(env[3], ENV_MAX, "CNI_IFNAME=%s", call->ifname);
	snprintf(env[4], ENV_MAX, "CNI_PATH=%s", call->path);
	snprintf(env[5], ENV_MAX, "PATH=%s", getenv("PATH"));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, call->in, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, call->out,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	run->began = run_now();
	errno = posix_spawnp(&run->pid, argv[0], &fa, NULL, argv, envp);
	if (errno)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&fa);
}

void run_start(struct run *run, const struct call *call)
{
	run_start_by(run, call, (char *[]){ (char *)call->plugin, NULL });
}

int run_wait(struct run *runs, int n, struct took *took)
{
	struct rusage use;
	double end;
	int status, i;
	pid_t pid;

	/* of a child and of those of its own that it waited for */
	pid = wait4(-1, &status, 0, &use);
	end = run_now();
	if (pid < 0)
		die("wait4");
	for (i = 0; i < n && runs[i].pid != pid; i++)
		;
	if (i == n) {
		fputs("a process was started that nobody knows\n", stderr);
		exit(2);
	}
	runs[i].pid = 0;
	took->wall = end - runs[i].began;
	took->cpu = us(use.ru_utime) + us(use.ru_stime);
	took->minflt = use.ru_minflt;
	took->majflt = use.ru_majflt;
	took->maxrss = use.ru_maxrss;
	took->status = WIFEXITED(status) ? WEXITSTATUS(status)
					 : 128 + WTERMSIG(status);
	return i;
}
