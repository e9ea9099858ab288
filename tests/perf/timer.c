// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timer.c - times ADD and DEL as whole processes, suites taking turns
 *
 *   timer ROUNDS PLUGIN,... SUITE...     SUITE is a folder that holds
 *
 *     bin            -> the suite's plugins
 *     <plugin>.json  the configuration of each, without prevResult
 *     ns/<i>         a network namespace for each round, 0 to ROUNDS - 1
 *     host           that of the host, if it is not the one that timer runs in
 *     in, out        the last call's input and output
 *
 * Several plugins are a chain: each gets the result of the one before, DEL,
 * which goes backwards, that of the last. For each ADD and DEL it prints one
 * line: the suite's number, the verb, the wall time of all its plugins, each
 * from before the process exists until it has been waited for, in microseconds,
 * and the largest resident set of one and its children, in KiB.
 *
 * Small and linked statically: a child's resident set counts from its birth,
 * when it was still a copy of this process.
 */
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PLUGINS = 8,
	TEXT = 65536
};

/* what the kernel does behind our back after one call is over before the
 * next is timed; on a bridge with 1,000 ports that is a lot */
static const struct timespec settle = { 0, 50 * 1000 * 1000 };

static char *plugins[PLUGINS];
static int n_plugins;

static _Noreturn void die(const char *what)
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

/* The text of a suite's file, which ends there. */
static void read_file(const char *suite, const char *name, char text[TEXT])
{
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", suite, name);
	f = fopen(path, "re");
	if (!f)
		die(path);
	len = fread(text, 1, TEXT - 1, f);
	if (len == TEXT - 1 || ferror(f))
		die(path);
	text[len] = '\0';
	fclose(f);
}

/* The plugin's input: its configuration with prevResult. */
static void write_input(const char *conf, const char *path, const char *prev)
{
	const char *end = strrchr(conf, '}');
	FILE *f = fopen(path, "we");

	if (!f || !end)
		die(path);
	fprintf(f, "%.*s,\"prevResult\":%s}\n", (int)(end - conf), conf, prev);
	if (fclose(f) != 0)
		die(path);
}

/*
 * The plugin's stdin, and its stdout, in a file that keeps it for a look.
 * Without prev, the configuration is the input as it is.
 */
static void open_streams(posix_spawn_file_actions_t *fa, const char *suite,
			 const char *plugin, const char *prev)
{
	char name[64], in[4096], out[4096], conf[TEXT];

	snprintf(name, sizeof(name), "%s.json", plugin);
	snprintf(in, sizeof(in), "%s/%s", suite, *prev ? "in" : name);
	snprintf(out, sizeof(out), "%s/out", suite);
	if (*prev) {
		read_file(suite, name, conf);
		write_input(conf, in, prev);
	}
	posix_spawn_file_actions_init(fa);
	posix_spawn_file_actions_addopen(fa, 0, in, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(fa, 1, out,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

/* The plugins of a suite that has a host of its own start there. */
static void enter_host(const char *suite)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/host", suite);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
}

/* One process. Returns its wall time, and raises *rss to its resident set. */
static double run_plugin(const char *verb, const char *suite, char *plugin,
			 int round, const char *prev, long *rss)
{
	char path[4096], env[5][4096];
	char ifname[] = "CNI_IFNAME=eth0";
	char *envp[] = { env[0], env[1], env[2], env[3], env[4], ifname, NULL };
	char *argv[] = { plugin, NULL };
	posix_spawn_file_actions_t fa;
	struct rusage use;
	double start, end;
	int status, r;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/bin/%s", suite, plugin);
	snprintf(env[0], sizeof(env[0]), "CNI_COMMAND=%s", verb);
	snprintf(env[1], sizeof(env[1]), "CNI_CONTAINERID=c%d", round);
	snprintf(env[2], sizeof(env[2]), "CNI_NETNS=%s/ns/%d", suite, round);
	snprintf(env[3], sizeof(env[3]), "CNI_PATH=%s/bin", suite);
	snprintf(env[4], sizeof(env[4]), "PATH=%s", getenv("PATH"));
	open_streams(&fa, suite, plugin, prev);
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
	if (use.ru_maxrss > *rss)
		*rss = use.ru_maxrss;
	return end - start;
}

/* The chain. An ADD leaves its result in prev, which the suite's DEL gets. */
static void run(bool add, const char *suite, int number, int round,
		char prev[TEXT])
{
	const char *verb = add ? "ADD" : "DEL";
	double time = 0;
	long rss = 0;

	if (add)
		prev[0] = '\0';
	enter_host(suite);
	for (int i = 0; i < n_plugins; i++) {
		char *plugin = plugins[add ? i : n_plugins - 1 - i];

		time += run_plugin(verb, suite, plugin, round, prev, &rss);
		/* alone, it gets no result in DEL, either */
		if (add && n_plugins > 1)
			read_file(suite, "out", prev);
	}
	printf("%d %s %.0f %ld\n", number, verb, time, rss);
	nanosleep(&settle, NULL);
}

int main(int argc, char *argv[])
{
	int rounds = argc > 3 ? atoi(argv[1]) : 0, n = argc - 3;
	char(*prev)[TEXT];

	if (rounds < 1) {
		fputs("usage: timer ROUNDS PLUGIN,... SUITE...\n", stderr);
		return 2;
	}
	for (char *p = strtok(argv[2], ","); p && n_plugins < PLUGINS;
	     p = strtok(NULL, ","))
		plugins[n_plugins++] = p;
	prev = malloc((size_t)n * sizeof(*prev));
	if (!prev)
		die("malloc");
	/* whoever goes first in one round goes last in the next */
	for (int i = 0; i < rounds; i++) {
		for (int k = 0; k < 2 * n; k++) {
			int s = (k + i) % n;

			run(k < n, argv[3 + s], s, i, prev[s]);
		}
	}
	free(prev);
	return 0;
}
