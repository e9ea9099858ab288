// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - an empty root folder, no network, no privilege */
#include "sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/note-file.h"
#include "fuzz.h"

/* the new root is put together on this folder, which every system has */
#define STAGE "/tmp"

/* where libFuzzer reads and writes; no input can guess it */
static char work[32];

/* Namespaces that are refused, before any change, leave nothing to test. */
static void refuse(const char *what)
{
	const char *must = getenv("MUST_RUN");
	bool fail = must && strcmp(must, "1") == 0;

	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	if (fail)
		printf("1..1\nnot ok 1 - needs root or user namespaces\n");
	else
		printf("1..0 # SKIP needs root or user namespaces\n");
	fflush(stdout);
	_exit(fail);
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "sandbox: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	need(fd >= 0 && write(fd, text, strlen(text)) > 0 && close(fd) == 0,
	     path);
}

/* Somebody else than root gets the same privileges over nothing but this. */
static void unshare_all(void)
{
	int flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC |
		    CLONE_NEWUTS;
	unsigned uid = geteuid(), gid = getegid();
	char map[32];

	if (uid == 0 && unshare(flags) == 0)
		return;
	if (unshare(flags | CLONE_NEWUSER) < 0)
		refuse("unshare");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", map);
}

/* The process of the new PID namespace goes on; this one waits for it. */
static void become_child(void)
{
	pid_t pid = fork();
	int status = 0;

	need(pid >= 0, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	while (waitpid(pid, &status, 0) < 0)
		need(errno == EINTR, "waitpid");
	/* no atexit(): the output is the child's */
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void make(const char *path)
{
	need(close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755)) == 0,
	     path);
}

static void tmpfs(const char *path, const char *options)
{
	need(mount("fuzz", path, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0,
	     path);
}

/* With what the mount had before: not all of it may be taken off. */
static void make_read_only(const char *path)
{
	struct statvfs fs;
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;

	need(statvfs(path, &fs) == 0, path);
	flags |= fs.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
			      MS_NODIRATIME);
	if (fs.f_flag & ST_RELATIME)
		flags |= MS_RELATIME;
	need(mount("", path, "", flags, NULL) == 0, path);
}

/* A file gets another name; a link would be one of another file system. */
static void bind_file(const char *file, const char *path)
{
	make(path);
	need(mount(file, path, "", MS_BIND, NULL) == 0, path);
}

/* Files and a namespace that a configuration and an environment may name. */
static void make_fixtures(void)
{
	static const char *const names[] = { "bridge",	 "dhcp",   "host-local",
					     "loopback", "static", "p" };
	char path[64];

	need(mkdir(STAGE "/fix", 0755) == 0, "fix");
	tmpfs(STAGE "/fix", "size=1m");
	need(mkdir(STAGE "/fix/bin", 0755) == 0 &&
		     mkdir(STAGE "/fix/self", 0755) == 0,
	     "fix/bin");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), STAGE "/fix/bin/%s", names[i]);
		make(path);
		snprintf(path, sizeof(path), STAGE "/fix/self/%s", names[i]);
		note_file_put(path, names[i], "self");
	}
	bind_file("/proc/self/ns/net", STAGE "/fix/netns");
	need(unshare(CLONE_NEWNET) == 0, "unshare");
	make_read_only(STAGE "/fix");
}

static void make_root(bool writable)
{
	char path[64];
	uint64_t secret;

	/* not getrandom(), whose place kernel.c takes */
	need(getentropy(&secret, sizeof(secret)) == 0, "getentropy");
	snprintf(work, sizeof(work), "/work-%016llx",
		 (unsigned long long)secret);
	snprintf(path, sizeof(path), STAGE "%s", work);
	need(mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0, "/");
	tmpfs(STAGE, "size=32m,nr_inodes=20k,mode=0755");
	/* the current folder, even if it is now below the new mount */
	need(mkdir(path, 0755) == 0 && mount(".", path, "", MS_BIND, NULL) == 0,
	     work);
	if (!writable)
		make_read_only(path);
	need(mkdir(STAGE "/proc", 0755) == 0 &&
		     mount("proc", STAGE "/proc", "proc",
			   MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			   NULL) == 0,
	     "proc");
	make_fixtures();
	need(chdir(STAGE) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
		     umount2(".", MNT_DETACH) == 0 && chdir(work) == 0,
	     "pivot_root");
}

static void drop_privileges(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		     syscall(SYS_capset, &head, none) == 0,
	     "capset");
}

static bool has_option(int argc, char **argv, const char *option)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], option) == 0)
			return true;
	return false;
}

/* An input that broke the target is written where the program was started. */
static void add_artifact_prefix(int *argc, char ***argv)
{
	static char option[64];
	char **v = calloc((size_t)*argc + 2, sizeof(*v));

	need(v != NULL, "calloc");
	snprintf(option, sizeof(option), "-artifact_prefix=%s/", work);
	memcpy(v, *argv, (size_t)*argc * sizeof(*v));
	v[(*argc)++] = option;
	*argv = v;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	bool replay = has_option(*argc, *argv, "-replay");

	/* this one runs no input, but itself once more for every few */
	if (has_option(*argc, *argv, "-merge=1"))
		return 0;
	unshare_all();
	become_child();
	make_root(!replay);
	drop_privileges();
	if (!replay)
		add_artifact_prefix(argc, argv);
	return 0;
}

void sandbox_begin(void)
{
	need(chdir("/") == 0, "/");
}

void sandbox_end(void)
{
	need(chdir(work) == 0, work);
}

static int clear_one(const char *path, const struct stat *st, int type,
		     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	need(remove(path) == 0, path);
	return 0;
}

static bool is_ours(const char *name)
{
	static const char *const names[] = { ".", "..", "fix", "proc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strcmp(name, work + 1) == 0;
}

void sandbox_clear(void)
{
	DIR *root = opendir("/");
	struct dirent *e;
	char path[NAME_MAX + 2];

	need(root != NULL, "/");
	while ((e = readdir(root))) {
		if (is_ours(e->d_name))
			continue;
		snprintf(path, sizeof(path), "/%s", e->d_name);
		need(nftw(path, clear_one, 16, FTW_DEPTH | FTW_PHYS) == 0,
		     path);
	}
	closedir(root);
}

void sandbox_put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	need(fd >= 0 && write(fd, data, len) == (ssize_t)len && close(fd) == 0,
	     path);
}
