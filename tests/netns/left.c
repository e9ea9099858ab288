// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * left.c - what tests left in namespaces that processes hold
 *
 *   left PID...    of those processes
 *
 * It says which other processes are in these network namespaces, and which
 * files are in /var/lib of these processes; the exit status is 1 then.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

int main(int argc, char **argv)
{
	static struct held held[MAX_HELD];
	const int count = argc - 1;
	struct dirent *e;
	bool any = false;
	DIR *proc;
	int i;

	if (count > MAX_HELD)
		return 2;
	for (i = 0; i < count; i++) {
		held[i].pid = argv[i + 1];
		if (!of(held[i].pid, &held[i].net)) {
			printf("left: %s has ended\n", held[i].pid);
			any = true;
			continue;
		}
		any |= files(held[i].pid);
	}
	proc = opendir("/proc");
	if (!proc)
		return 2;
	while ((e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    is_left(e->d_name, held, count)) {
			print_process(e->d_name);
			any = true;
		}
	closedir(proc);
	return any;
}
