// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cnic-install.c - copies plugins into a folder of the host, which may be in
 * use
 *
 * The one program of the image, see doc/kubernetes.md. Each file is written in
 * full under another name, and all of them before the first is renamed: a
 * runtime finds the old plugin or the new one, whole. What else is in the
 * folder stays. A configuration is only written where it is asked for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"

/* larger files are none of ours, in bytes */
#define FILE_MAX (64u << 20)
/* what another cnic-install of this folder may take, in ms */
#define LOCK_MS 60000

static const char usage[] =
	"usage: cnic-install [--wait] [--conf FILE TO] FROM TO\n"
	"\n"
	"Copies the plugins in the folder FROM to the folder TO, each by a\n"
	"rename. --conf also copies the file FILE to TO, a path, after them.\n"
	"--wait then waits for SIGTERM, as a DaemonSet's container has to.\n";

struct args {
	const char *from, *to;		 /* folders */
	const char *conf_from, *conf_to; /* paths, or NULL */
	bool wait;
};

static int complain(int r, const char *what, const char *dir, const char *name)
{
	fprintf(stderr, "cnic-install: cannot %s %s%s%s: %s\n", what, dir,
		*name ? "/" : "", name, strerror(-r));
	return -1;
}

/* The name that a file has until it is whole. Returns an owned string. */
static char *staged(const char *name)
{
	char *s;

	return asprintf(&s, ".%s.cnic-new", name) < 0 ? NULL : s;
}

/* Writes a file below dirfd, to disk. Returns 0 or -errno. */
static int write_file(int dirfd, const char *name, mode_t mode,
		      const char *data, size_t len)
{
	AUTO(fd) int fd = -1;
	int r;

	/* that of one who was killed, perhaps */
	(void)unlinkat(dirfd, name, 0);
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fs_write_fd(fd, data, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	return r;
}

/* Puts these bytes beside the name that they are to have in to. */
static int stage(int to, const char *name, mode_t mode, const char *data,
		 size_t len)
{
	AUTO(str) char *temporary = staged(name);

	return temporary ? write_file(to, temporary, mode, data, len) : -ENOMEM;
}

static int put_in_place(int to, const char *name)
{
	AUTO(str) char *temporary = staged(name);

	if (!temporary)
		return -ENOMEM;
	return renameat(to, temporary, to, name) < 0 ? -errno : 0;
}

static void forget(int to, const char *name)
{
	AUTO(str) char *temporary = staged(name);

	if (temporary)
		(void)unlinkat(to, temporary, 0);
}

/* A folder to copy to, locked, and made where it is not there. Returns its
   descriptor or -errno. */
static int open_target(const char *path)
{
	AUTO(fd) int fd = -1;
	int r = fs_mkdir_all(path, 0755);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fs_lock(fd, LOCK_MS);
	return r < 0 ? r : TAKE_FD(fd);
}

/* A plugin: an executable file whose name is not hidden. */
static bool is_plugin(int dirfd, const char *name)
{
	struct stat st;

	return *name != '.' &&
	       fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_mode & S_IXUSR;
}

/* Does step to each plugin of from, in the order of their names. */
static int each(const char *from, int dirfd,
		int (*step)(int from, int to, const char *name), int to,
		const char *what, const char *dir, size_t *n)
{
	struct dirent **list = NULL;
	int count = scandir(from, &list, NULL, alphasort);
	int r = 0;

	if (count < 0)
		return complain(-errno, "read", from, "");
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;

		if (r == 0 && is_plugin(dirfd, name)) {
			r = step(dirfd, to, name);
			if (r < 0)
				complain(r, what, dir, name);
			else
				(*n)++;
		}
		free(list[i]);
	}
	free(list);
	return r < 0 ? -1 : 0;
}

static int stage_plugin(int from, int to, const char *name)
{
	AUTO(str) char *data = NULL;
	size_t len;
	int r = fs_read_at(from, name, FILE_MAX, &data, &len);

	return r < 0 ? r : stage(to, name, 0755, data, len);
}

static int place_plugin(int from, int to, const char *name)
{
	(void)from;
	return put_in_place(to, name);
}

static int forget_plugin(int from, int to, const char *name)
{
	(void)from;
	forget(to, name);
	return 0;
}

static int copy_plugins(const struct args *a)
{
	AUTO(fd) int from = open(a->from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(fd) int to = -1;
	size_t n = 0, placed = 0, ignored = 0;
	int r;

	if (from < 0)
		return complain(-errno, "open", a->from, "");
	r = open_target(a->to);
	if (r < 0)
		return complain(r, "use", a->to, "");
	to = r;
	r = each(a->from, from, stage_plugin, to, "write", a->to, &n);
	if (r == 0 && n == 0)
		r = complain(-ENOENT, "find plugins in", a->from, "");
	if (r == 0)
		r = each(a->from, from, place_plugin, to, "replace", a->to,
			 &placed);
	if (r < 0)
		each(a->from, from, forget_plugin, to, "", a->to, &ignored);
	if (r == 0 && fsync(to) < 0)
		r = complain(-errno, "sync", a->to, "");
	if (r == 0)
		printf("cnic-install: %zu plugins are in %s\n", n, a->to);
	return r;
}

/* Of a ConfigMap the files are symbolic links. */
static int read_conf(const char *path, char **data, size_t *len)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fs_read_fd(fd, FILE_MAX, data, len);
}

static int copy_conf(const struct args *a)
{
	AUTO(str) char *data = NULL;
	AUTO(str) char *dir = strdup(a->conf_to);
	AUTO(fd) int to = -1;
	char *name = dir ? strrchr(dir, '/') : NULL;
	size_t len;
	int r = read_conf(a->conf_from, &data, &len);

	if (r < 0)
		return complain(r, "read", a->conf_from, "");
	if (!name || !name[1])
		return complain(-EINVAL, "write", a->conf_to, "");
	*name++ = '\0';
	r = open_target(*dir ? dir : "/");
	if (r < 0)
		return complain(r, "use", dir, "");
	to = r;
	r = stage(to, name, 0644, data, len);
	if (r == 0)
		r = put_in_place(to, name);
	if (r < 0) {
		forget(to, name);
		return complain(r, "write", a->conf_to, "");
	}
	(void)fsync(to);
	printf("cnic-install: %s is there\n", a->conf_to);
	return 0;
}

/* The first process of a container is not ended by a signal it does not ask
   for. */
static void wait_for_end(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwait(&set, &sig);
}

static bool read_args(int argc, char *argv[], struct args *a)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--wait") == 0) {
			a->wait = true;
		} else if (strcmp(argv[i], "--conf") == 0 && i + 2 < argc) {
			a->conf_from = argv[++i];
			a->conf_to = argv[++i];
		} else {
			return false;
		}
	}
	if (argc - i != 2)
		return false;
	a->from = argv[i];
	a->to = argv[i + 1];
	return true;
}

int main(int argc, char *argv[])
{
	struct args a = { 0 };

	if (!read_args(argc, argv, &a)) {
		fputs(usage, stderr);
		return 2;
	}
	umask(022);
	if (copy_plugins(&a) < 0 || (a.conf_from && copy_conf(&a) < 0))
		return 1;
	fflush(stdout);
	if (a.wait)
		wait_for_end();
	return 0;
}
