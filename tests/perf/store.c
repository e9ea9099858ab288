// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store.c - what the kernel alone takes for an ADD and a DEL of host-local: one
 * file is made and written, or removed
 *
 * It is called as a plugin is, and reads the path of a folder from stdin. The
 * file is named after CNI_CONTAINERID. It chooses no address, locks nothing and
 * looks at nothing.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

int main(void)
{
	const char *id = getenv("CNI_CONTAINERID"), *verb;
	char folder[PATH_MAX / 2], path[PATH_MAX];
	int fd;

	verb = getenv("CNI_COMMAND");
	if (!id || !verb || scanf("%2047s", folder) != 1) {
		fputs("store: not called as a plugin is\n", stderr);
		return 2;
	}
	snprintf(path, sizeof(path), "%s/%s", folder, id);
	if (strcmp(verb, "ADD") != 0) {
		if (unlink(path) < 0)
			die(path);
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, id, strlen(id)) < 0 || close(fd) < 0)
		die(path);
	return 0;
}
