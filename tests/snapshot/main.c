// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - prints what is in network namespaces and in a store, in order, a
 * line each: see snapshot.h
 *
 *   snapshot [-s STORE] [NAME=PID...]
 *
 * Lines about the namespace of process PID begin with NAME.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "snapshot.h"

static void look(char *arg, struct lines *ret)
{
	char *pid = strchr(arg, '=');
	struct view v;

	if (!pid)
		die("not NAME=PID: %s", arg);
	*pid++ = '\0';
	view_open(&v, arg, pid);
	snapshot_view(&v, ret);
	view_close(&v);
}

int main(int argc, char **argv)
{
	const char *store = NULL;
	struct lines l = { 0 };
	int c;

	while ((c = getopt(argc, argv, "s:")) != -1) {
		if (c != 's')
			die("usage: snapshot [-s STORE] [NAME=PID...]");
		store = optarg;
	}
	if (store)
		snapshot_store(store, &l);
	for (int i = optind; i < argc; i++)
		look(argv[i], &l);
	lines_sort(&l);
	for (size_t i = 0; i < l.n; i++)
		puts(l.v[i]);
	lines_done(&l);
	if (fflush(stdout) != 0 || ferror(stdout))
		die("stdout: %m");
	return 0;
}
