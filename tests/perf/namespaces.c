// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * namespaces.c - makes network namespaces by the thousand
 *
 *   namespaces FOLDER COUNT      FOLDER/0 to FOLDER/<COUNT - 1>, as ip-netns(8)
 *                                keeps its own
 *
 * Nothing is looked up below /proc/sys in them, lest that be measured: after
 * one write in each of 1,500, an ADD elsewhere took twice the processor time.
 * Names there are dentries of one hash chain for all namespaces
 * (proc_sys_compare()).
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "run.h"

int main(int argc, char *argv[])
{
	char path[PATH_MAX];
	int count, fd;

	if (argc != 3) {
		fputs("usage: namespaces FOLDER COUNT\n", stderr);
		return 2;
	}
	count = atoi(argv[2]);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%d", argv[1], i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 || unshare(CLONE_NEWNET) < 0 ||
		    mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0)
			die(path);
		close(fd);
	}
	return 0;
}
