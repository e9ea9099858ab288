// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * left.c - what tests left in namespaces that processes hold
 *
 *   left SECONDS PID...    of those processes
 *
 * It says which files are in /var/lib of these processes, and which other
 * processes are in these network namespaces; the exit status is 1 then. Who was
 * killed, or whose parent was, may take a while to end: that long it waits.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_HELD 1024

struct held {
	const char *pid;
	struct stat net;
};

/* of: the network namespace of a process, false if it has ended */
static bool of(const char *pid, struct stat *net)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	return stat(path, net) == 0;
}

static bool files(const char *pid)
{
	char path[64];
	struct dirent *e;
	bool any = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/root/var/lib", pid);
	dir = opendir(path);
	if (!dir) {
		printf("left: %s: %s\n", path, strerror(errno));
		return true;
	}
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		printf("left in /var/lib: %s\n", e->d_name);
		any = true;
	}
	closedir(dir);
	return any;
}

/* Whether a process is in one of the namespaces and does not hold it. */
static bool is_left(const char *pid, const struct held *held, int count)
{
	struct stat net;
	bool inside = false;
	int i;

	if (!of(pid, &net))
		return false;
	for (i = 0; i < count; i++) {
		if (strcmp(pid, held[i].pid) == 0)
			return false;
		inside |= net.st_ino == held[i].net.st_ino &&
			  net.st_dev == held[i].net.st_dev;
	}
	return inside;
}

static void print_process(const char *pid)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	printf("left running: %s %s\n", pid, name);
}

/* Whether any process is left; they are printed if that is the last look. */
static bool processes(const struct held *held, int count, bool last)
{
	struct dirent *e;
	bool any = false;
	DIR *proc = opendir("/proc");

	if (!proc) {
		printf("left: /proc: %s\n", strerror(errno));
		return true;
	}
	while ((e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    is_left(e->d_name, held, count)) {
			any = true;
			if (last)
				print_process(e->d_name);
		}
	closedir(proc);
	return any;
}

int main(int argc, char **argv)
{
	static struct held held[MAX_HELD];
	const struct timespec pause = { .tv_nsec = 10000000 };
	const int count = argc - 2;
	bool any = false;
	time_t end;
	int i;

	if (count < 0 || count > MAX_HELD)
		return 2;
	for (i = 0; i < count; i++) {
		held[i].pid = argv[i + 2];
		if (!of(held[i].pid, &held[i].net)) {
			printf("left: %s has ended\n", held[i].pid);
			any = true;
			continue;
		}
		any |= files(held[i].pid);
	}
	end = time(NULL) + strtol(argv[1], NULL, 10);
	while (processes(held, count, false)) {
		if (time(NULL) >= end)
			return processes(held, count, true) || any;
		nanosleep(&pause, NULL);
	}
	return any;
}
