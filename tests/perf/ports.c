// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ports.c - times a chain of plugins as a runtime calls it, nodes taking turns
 *
 *   ports ROUNDS NODE...      NODE is a folder that holds
 *
 *     host       the network namespace that the plugins are called in
 *     bin        -> the plugins
 *     0, 1, ...  a folder for each plugin, in their order:
 *       plugin     -> bin/NAME
 *       conf.json  its configuration, with @PREV@ for what prevResult is
 *       out        the last call's output
 *     ns/<i>     a network namespace for each round, 0 to ROUNDS - 1
 *
 * In each round the chain is deleted as nerdctl does it before each ADD, with
 * nothing there, no namespace and no prevResult (NONE), then added, then
 * deleted. For each call it prints the node's number, NONE, ADD or DEL, the
 * plugin's name, or "chain" for all of them, and the wall time from before the
 * process exists until it has been waited for, in microseconds.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define TEXT_MAX (1 << 20)
#define HOLE "@PREV@"

static void read_file(const char *path, char text[TEXT_MAX])
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		die(path);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* The plugin's stdin, with the result in the hole, as the file "in". */
static void write_input(const char *dir, const char *prev)
{
	static char conf[TEXT_MAX];
	char path[PATH_MAX];
	char *hole;
	FILE *f;

	snprintf(path, sizeof(path), "%s/conf.json", dir);
	read_file(path, conf);
	hole = strstr(conf, HOLE);
	if (!hole)
		die(path);
	*hole = '\0';
	snprintf(path, sizeof(path), "%s/in", dir);
	f = fopen(path, "w");
	if (!f)
		die(path);
	fprintf(f, "%s%s%s", conf, prev, hole + strlen(HOLE));
	if (fclose(f) != 0)
		die(path);
}

static double call(const char *verb, const char *dir, const char *bin,
		   const char *netns, int round)
{
	char path[PATH_MAX], in[PATH_MAX], out[PATH_MAX], env[5][PATH_MAX + 32];
	char ifname[] = "CNI_IFNAME=eth0";
	char *envp[] = { env[0], env[1], env[2], env[3], env[4], ifname, NULL };
	char *argv[] = { path, NULL };
	posix_spawn_file_actions_t fa;
	double start, end;
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/plugin", dir);
	snprintf(in, sizeof(in), "%s/in", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(env[0], sizeof(env[0]), "CNI_COMMAND=%s", verb);
	snprintf(env[1], sizeof(env[1]), "CNI_CONTAINERID=c%d", round);
	snprintf(env[2], sizeof(env[2]), "CNI_NETNS=%s", netns);
	snprintf(env[3], sizeof(env[3]), "CNI_PATH=%s", bin);
	snprintf(env[4], sizeof(env[4]), "PATH=%s", getenv("PATH"));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, in, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 1, out,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	start = now_us();
	if (posix_spawn(&pid, path, &fa, NULL, argv, envp) != 0 ||
	    waitpid(pid, &status, 0) < 0)
		die(path);
	end = now_us();
	posix_spawn_file_actions_destroy(&fa);
	if (status != 0) {
		fprintf(stderr, "%s: %s of round %d failed\n", path, verb,
			round);
		exit(1);
	}
	return end - start;
}

/* One call of each plugin; what tells it is NONE is that there is no netns. */
static void run(const char *what, const char *node, int number, int n,
		int round)
{
	static char result[TEXT_MAX] = "null";
	bool add = strcmp(what, "ADD") == 0, none = strcmp(what, "NONE") == 0;
	char bin[PATH_MAX], netns[PATH_MAX] = "";
	double all = 0;

	snprintf(bin, sizeof(bin), "%s/bin", node);
	if (!none)
		snprintf(netns, sizeof(netns), "%s/ns/%d", node, round);
	if (add || none)
		strcpy(result, "null");
	for (int i = 0; i < n; i++) {
		char dir[PATH_MAX - 64], path[PATH_MAX], name[PATH_MAX] = "";
		double us;

		snprintf(dir, sizeof(dir), "%s/%d", node, add ? i : n - 1 - i);
		write_input(dir, result);
		us = call(add ? "ADD" : "DEL", dir, bin, netns, round);
		if (add) {
			snprintf(path, sizeof(path), "%s/out", dir);
			read_file(path, result);
		}
		snprintf(path, sizeof(path), "%s/plugin", dir);
		if (readlink(path, name, sizeof(name) - 1) < 0)
			die(path);
		printf("%d %s %s %.0f\n", number, what, strrchr(name, '/') + 1,
		       us);
		all += us;
	}
	printf("%d %s chain %.0f\n", number, what, all);
	nanosleep(&settle, NULL);
}

static void enter(const char *node)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/host", node);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
}

static int count_plugins(const char *node)
{
	char path[PATH_MAX];
	int n = -1;

	do
		snprintf(path, sizeof(path), "%s/%d", node, ++n);
	while (access(path, F_OK) == 0);
	return n;
}

int main(int argc, char *argv[])
{
	static const char *const what[] = { "NONE", "ADD", "DEL" };
	int rounds = argc > 2 ? atoi(argv[1]) : 0, n = argc - 2;

	if (rounds < 1) {
		fputs("usage: ports ROUNDS NODE...\n", stderr);
		return 2;
	}
	/* whoever goes first in one round goes last in the next; DEL follows at
	   once, since the result is kept */
	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < n; k++) {
			int at = (k + i) % n;

			enter(argv[2 + at]);
			for (int v = 0; v < 3; v++)
				run(what[v], argv[2 + at], at,
				    count_plugins(argv[2 + at]), i);
		}
	return 0;
}
