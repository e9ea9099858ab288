/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch.h - a folder of the test's own, removed when it ends */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char scratch[64]; /* its path */
static pid_t scratch_owner;

static inline int scratch_remove_one(const char *path, const struct stat *st,
				     int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Children that exit() leave it to their parent. */
static inline void scratch_remove(void)
{
	if (getpid() == scratch_owner)
		nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

__attribute__((constructor)) static void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");

	/* the sun_path of a socket in it must fit, too */
	if (!tmp || strlen(tmp) > 40)
		tmp = "/tmp";
	snprintf(scratch, sizeof(scratch), "%s/cnic-unit.XXXXXX", tmp);
	if (!mkdtemp(scratch))
		abort();
	scratch_owner = getpid();
	atexit(scratch_remove);
}

/* The path of name in it; good for three calls. */
static inline const char *path_of(const char *name)
{
	static char buf[4][PATH_MAX];
	static unsigned i;
	char *p = buf[i++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", scratch, name);
	return p;
}

/* Makes a file there with that text. */
static inline const char *put_file(const char *name, const char *text,
				   mode_t mode)
{
	const char *path = path_of(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    fchmod(fd, mode) < 0 || close(fd) < 0)
		abort();
	return path;
}

/* How many descriptors are open. */
static inline int open_files(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

#endif
