// SPDX-License-Identifier: GPL-2.0-or-later
#include "counts.h"

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* not all of them are on each architecture */
#define CALLS "trace=?fork,?vfork,?clone,?clone3,socket,sendto,sendmsg"

/* strace tells a socket by its inode, which no other one ever has. */
#define SOCKET "<socket:["

enum {
	SOCKETS = 256
};

/* The inodes of sockets of one protocol, of whatever process. */
struct sockets {
	const char *protocol;
	long inode[SOCKETS];
	int n;
};

/* The inode of the first socket in a line, or 0. */
static long inode_in(const char *line)
{
	const char *at = strstr(line, SOCKET);

	return at ? atol(at + strlen(SOCKET)) : 0;
}

static bool is_one(const struct sockets *s, long inode)
{
	for (int i = 0; i < s->n; i++)
		if (s->inode[i] == inode)
			return true;
	return false;
}

static void note_socket(struct sockets *s, const char *line)
{
	long inode = inode_in(line);

	if (strncmp(line, "socket(", 7) != 0 || !inode ||
	    !strstr(line, s->protocol))
		return;
	if (s->n == SOCKETS) {
		fputs("a call has too many sockets\n", stderr);
		exit(2);
	}
	s->inode[s->n++] = inode;
}

static int times_in(const char *line, const char *text)
{
	int n = 0;

	for (const char *p = line; (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}

static bool is_new_process(const char *line)
{
	return (strncmp(line, "clone", 5) == 0 || strstr(line, "fork(")) &&
	       !strstr(line, "CLONE_THREAD") && !strstr(line, " = -1 ");
}

/* A message's type has no name where strace could not tell the protocol. */
static int batches_in(const char *line)
{
	return times_in(line, "nlmsg_type=NFNL_MSG_BATCH_BEGIN") +
	       times_in(line, "nlmsg_type=0x10 ");
}

static void count_line(struct counts *counts, const struct sockets *route,
		       const struct sockets *netfilter, const char *line)
{
	if (is_new_process(line))
		counts->processes++;
	if (strncmp(line, "send", 4) != 0 || strstr(line, " = -1 "))
		return;
	if (is_one(route, inode_in(line)))
		counts->route += times_in(line, "{nlmsg_len=");
	if (is_one(netfilter, inode_in(line)))
		counts->commit += batches_in(line);
}

/* Reads a report for the sockets that are made, or for all else. */
static void read_report(const char *path, struct counts *counts,
			struct sockets *route, struct sockets *netfilter)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		die(path);
	while (getline(&line, &size, f) >= 0) {
		if (counts) {
			count_line(counts, route, netfilter, line);
			continue;
		}
		note_socket(route, line);
		note_socket(netfilter, line);
	}
	free(line);
	fclose(f);
}

void count_call(const struct call *call, const char *trace,
		struct counts *counts)
{
	/* -ff: a file for each thread, whose lines no other one interrupts.
	 * LeakSanitizer would need the ptrace(2) that strace has. */
	const char *argv[] = { "strace",
			       "-ff",
			       "-y",
			       "-o",
			       trace,
			       "-e",
			       CALLS,
			       "-e",
			       "signal=none",
			       "-E",
			       "ASAN_OPTIONS=detect_leaks=0",
			       call->plugin,
			       NULL };
	struct sockets route = { .protocol = "NETLINK_ROUTE" };
	struct sockets netfilter = { .protocol = "NETLINK_NETFILTER" };
	char pattern[PATH_MAX];
	struct took took;
	struct run run;
	glob_t files;

	run_start_by(&run, call, (char **)argv);
	run_wait(&run, 1, &took);
	*counts = (struct counts){ .processes = 1, .status = took.status };
	snprintf(pattern, sizeof(pattern), "%s.*", trace);
	if (glob(pattern, 0, NULL, &files) != 0)
		die(pattern);
	for (size_t i = 0; i < files.gl_pathc; i++)
		read_report(files.gl_pathv[i], NULL, &route, &netfilter);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		read_report(files.gl_pathv[i], counts, &route, &netfilter);
		unlink(files.gl_pathv[i]);
	}
	globfree(&files);
}
