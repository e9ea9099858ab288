// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * enter.c - runs a command in the namespaces of a process
 *
 *   enter [-d SECONDS] -t PID [-n] [-m] [-U] [-S UID] [-G GID]
 *         [NAME=VALUE...] COMMAND [ARGUMENT...]
 *
 * These are nsenter's options. It is timeout, nsenter and env in one start: the
 * tests make thousands of calls, and each of the three took as long as the
 * plugin. With -d the command gets a process group of its own, all of which is
 * killed when its time is over.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* The namespaces, in the order in which they are entered: root of a user
 * namespace may enter what belongs to it. */
static struct {
	const char *name;
	int option, type, fd;
} namespaces[] = {
	{ "user", 'U', CLONE_NEWUSER, -1 },
	{ "net", 'n', CLONE_NEWNET, -1 },
	{ "mnt", 'm', CLONE_NEWNS, -1 },
};
#define NAMESPACES (sizeof(namespaces) / sizeof(namespaces[0]))

struct call {
	int pid, seconds, uid, gid;
	char options[8]; /* letters of the namespaces */
};

static int number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end || end == text || n < 0 || n > 1 << 30) {
		errno = EINVAL;
		die(text);
	}
	return (int)n;
}

static void parse(struct call *c, int argc, char **argv)
{
	size_t n = 0;
	int option;

	while ((option = getopt(argc, argv, "+d:t:nmUS:G:")) != -1) {
		switch (option) {
		case 'd':
			c->seconds = number(optarg);
			break;
		case 't':
			c->pid = number(optarg);
			break;
		case 'S':
			c->uid = number(optarg);
			break;
		case 'G':
			c->gid = number(optarg);
			break;
		case '?':
			exit(125);
		default:
			if (n + 1 < sizeof(c->options))
				c->options[n++] = (char)option;
		}
	}
}

static void enter(const struct call *c)
{
	char path[64];
	size_t i;

	for (i = 0; i < NAMESPACES; i++) {
		if (!strchr(c->options, namespaces[i].option))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", c->pid,
			 namespaces[i].name);
		namespaces[i].fd = open(path, O_RDONLY | O_CLOEXEC);
		if (namespaces[i].fd < 0)
			die(path);
	}
	/* not later: a user namespace may not allow it */
	if (c->gid >= 0 && setgroups(0, NULL))
		die("groups");
	for (i = 0; i < NAMESPACES; i++)
		if (namespaces[i].fd >= 0 &&
		    setns(namespaces[i].fd, namespaces[i].type))
			die(namespaces[i].name);
	if (c->gid >= 0 && setgid((gid_t)c->gid))
		die("group");
	if (c->uid >= 0 && setuid((uid_t)c->uid))
		die("user");
}

static _Noreturn void run(char **command)
{
	execvp(command[0], command);
	fprintf(stderr, "enter: %s: %s\n", command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Waits until the child has ended, and tells it what signals come. When its
 * time is over, all of the group is killed, this process included. */
static int await(pid_t child, const sigset_t *signals, int seconds)
{
	struct timespec now, end, left = { 0 };
	int status, sig;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (waitpid(child, &status, WNOHANG) == 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		if (left.tv_sec <= 0)
			kill(0, SIGKILL);
		sig = sigtimedwait(signals, NULL, &left);
		if (sig > 0 && sig != SIGCHLD)
			kill(child, sig);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_for(char **command, int seconds)
{
	sigset_t signals, before;
	pid_t child;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &before);
	setpgid(0, 0);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		run(command);
	}
	return await(child, &signals, seconds);
}

int main(int argc, char **argv)
{
	struct call c = { .uid = -1, .gid = -1 };

	parse(&c, argc, argv);
	enter(&c);
	for (; optind < argc && strchr(argv[optind], '='); optind++)
		if (putenv(argv[optind]))
			die("environment");
	if (optind >= argc) {
		errno = EINVAL;
		die("no command");
	}
	if (c.seconds == 0)
		run(argv + optind);
	return run_for(argv + optind, c.seconds);
}
