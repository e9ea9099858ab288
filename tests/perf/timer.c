// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timer.c - times ADD and DEL as whole processes, suites taking turns
 *
 *   timer ROUNDS SUITE...     SUITE is a folder that holds
 *
 *     bin        -> the suite's plugins; bin/bridge is run
 *     conf.json  its configuration
 *     ns/<i>     a network namespace for each round, 0 to ROUNDS - 1
 *     out        the last call's output
 *
 * For each ADD and DEL it prints one line: the suite's number, the verb, the
 * wall time from before the process exists until it has been waited for, in
 * microseconds, and the largest resident set of it and its children, in KiB.
 *
 * Small and linked statically: a child's resident set counts from its birth,
 * when it was still a copy of this process.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* what the kernel does behind our back after one call is over before the
 * next is timed; on a bridge with 1,000 ports that is a lot */
static const struct timespec settle = { 0, 50 * 1000 * 1000 };

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The plugin's stdin, and its stdout, in a file that keeps it for a look. */
static void open_streams(posix_spawn_file_actions_t *fa, const char *suite)
{
	char conf[4096], out[4096];

	snprintf(conf, sizeof(conf), "%s/conf.json", suite);
	snprintf(out, sizeof(out), "%s/out", suite);
	posix_spawn_file_actions_init(fa);
	posix_spawn_file_actions_addopen(fa, 0, conf, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(fa, 1, out,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static void run(const char *verb, const char *suite, int number, int round)
{
	char path[4096], env[5][4096];
	char ifname[] = "CNI_IFNAME=eth0", name[] = "bridge";
	char *envp[] = { env[0], env[1], env[2], env[3], env[4], ifname, NULL };
	char *argv[] = { name, NULL };
	posix_spawn_file_actions_t fa;
	struct rusage use;
	double start, end;
	int status, r;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/bin/bridge", suite);
	snprintf(env[0], sizeof(env[0]), "CNI_COMMAND=%s", verb);
	snprintf(env[1], sizeof(env[1]), "CNI_CONTAINERID=c%d", round);
	snprintf(env[2], sizeof(env[2]), "CNI_NETNS=%s/ns/%d", suite, round);
	snprintf(env[3], sizeof(env[3]), "CNI_PATH=%s/bin", suite);
	snprintf(env[4], sizeof(env[4]), "PATH=%s", getenv("PATH"));
	open_streams(&fa, suite);
	start = now_us();
	r = posix_spawn(&pid, path, &fa, NULL, argv, envp);
	if (r != 0 || wait4(pid, &status, 0, &use) < 0)
		die(path);
	end = now_us();
	posix_spawn_file_actions_destroy(&fa);
	if (status != 0) {
		fprintf(stderr, "%s: %s of round %d failed\n", path, verb,
			round);
		exit(1);
	}
	printf("%d %s %.0f %ld\n", number, verb, end - start, use.ru_maxrss);
	nanosleep(&settle, NULL);
}

int main(int argc, char *argv[])
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0, n = argc - 2;

	if (rounds < 1) {
		fputs("usage: timer ROUNDS SUITE...\n", stderr);
		return 2;
	}
	/* whoever goes first in one round goes last in the next */
	for (int i = 0; i < rounds; i++) {
		for (int k = 0; k < n; k++)
			run("ADD", argv[2 + (k + i) % n], (k + i) % n, i);
		for (int k = 0; k < n; k++)
			run("DEL", argv[2 + (k + i) % n], (k + i) % n, i);
	}
	return 0;
}
