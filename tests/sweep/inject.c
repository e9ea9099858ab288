// SPDX-License-Identifier: GPL-2.0-or-later
/* inject.c - a supervisor by seccomp's user notification */
#include "inject.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../snapshot/die.h"
#include "filter.h"

#define RANGES_MAX 32

/* generous: what is not done by then never will be */
unsigned run_timeout_s = 60;

struct range {
	uint64_t from, to;
};

struct process {
	pid_t pid;
	struct range foreign[RANGES_MAX]; /* see look() */
	unsigned n_foreign;
	bool looked; /* for those, since it became this program */
	bool started;
	bool private; /* its last call was a private one */
	unsigned calls;
};

struct supervisor {
	struct inject *inject;
	struct process process[PROCESSES_MAX];
	unsigned n;
	pid_t pid; /* the program, and leader of the group */
	bool execed;
	pid_t starving; /* of memory, until its next call of another kind */
};

/* --- what to do about a call ---------------------------------------------- */

static struct process *find(struct supervisor *s, pid_t pid)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->process[i].pid == pid)
			return &s->process[i];
	if (s->n == PROCESSES_MAX)
		die("more than %d processes", PROCESSES_MAX);
	s->process[s->n] = (struct process){ .pid = pid };
	return &s->process[s->n++];
}

/* Files whose calls are not the program's: the loader, and sanitizers. */
static bool is_foreign_file(const char *path)
{
	static const char *const prefixes[] = { "/ld", "/libasan.",
						"/libubsan." };
	const char *base = strrchr(path, '/');

	for (size_t i = 0; base && i < sizeof(prefixes) / sizeof(*prefixes);
	     i++)
		if (strncmp(base, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Where those are. Of a program without a loader there are none. */
static void look(struct process *p)
{
	char path[64], line[512], name[256];
	unsigned long long from, to;
	FILE *f;

	p->n_foreign = 0;
	snprintf(path, sizeof(path), "/proc/%d/maps", p->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx %*s %*s %*s %*s %255s", &from, &to,
			   name) != 3 ||
		    !is_foreign_file(name))
			continue;
		if (p->n_foreign == RANGES_MAX)
			die("%s has more than %d of them", path, RANGES_MAX);
		p->foreign[p->n_foreign++] = (struct range){ from, to };
	}
	if (f)
		fclose(f);
}

static bool is_foreign(const struct process *p, uint64_t ip)
{
	for (unsigned i = 0; i < p->n_foreign; i++)
		if (ip >= p->foreign[i].from && ip < p->foreign[i].to)
			return true;
	return false;
}

/*
 * Whether the call is the program's own, not one that comes before main(). At
 * the first call there is only the loader; the libraries are where they stay
 * when there is a call from elsewhere.
 */
static bool is_own(struct process *p, const struct seccomp_data *d)
{
	if (is_foreign(p, d->instruction_pointer))
		return false;
	if (!p->looked) {
		look(p);
		if (is_foreign(p, d->instruction_pointer))
			return false;
		p->looked = true;
		p->started = p->n_foreign > 0;
	}
	if (!call_is_startup(d->nr))
		p->started = true;
	return p->started;
}

/* Whether this is the call to hit. */
static bool is_target(struct supervisor *s, struct process *p,
		      const struct seccomp_data *d)
{
	struct inject *in = s->inject;
	bool after = !p->private;

	if (in->done)
		return false;
	p->private = call_is_private(d->nr);
	if (in->kind && !call_is(in->kind, d->nr))
		return false;
	if (in->after_effect && !after)
		return false;
	return ++p->calls == in->nth &&
	       (unsigned)(p - s->process) == in->process;
}

static void kill_it(struct supervisor *s, pid_t pid)
{
	if (s->inject->kill == KILL_ALL)
		kill(-s->pid, SIGKILL);
	else
		kill(pid, SIGKILL);
}

/* Takes what waits at a socket of the process, which will never see it. */
static void lose(pid_t pid, int socket)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, socket, 0);
	char byte;

	if (pidfd < 0 || fd < 0)
		die("pidfd_getfd: %m");
	(void)recv(fd, &byte, 1, MSG_DONTWAIT);
	close(fd);
	close(pidfd);
}

/* brk() says what it got, and no error */
static void fail(struct seccomp_notif_resp *resp, int nr, int error)
{
	resp->flags = 0;
	resp->error = nr == SYS_brk ? 0 : -error;
}

/* Returns false where the call gets no answer, as its process is killed. */
static bool judge(struct supervisor *s, const struct seccomp_notif *req,
		  struct seccomp_notif_resp *resp)
{
	const struct seccomp_data *d = &req->data;
	struct inject *in = s->inject;
	pid_t pid = (pid_t)req->pid;
	struct process *p = find(s, pid);

	if (pid == 0) /* it is gone already, and 0 would mean ourselves */
		return false;
	resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (!s->execed) { /* the child's own, with which it becomes it */
		s->execed = d->nr == SYS_execve;
		return true;
	}
	if (!is_own(p, d))
		return true;
	/* one piece of memory that cannot be had is asked for in more ways
	   than one */
	if (in && s->starving == pid && call_is(in->kind, d->nr)) {
		fail(resp, d->nr, in->error);
		return true;
	}
	s->starving = 0;
	if (!in || !is_target(s, p, d)) {
		if (d->nr == SYS_execve) {
			p->looked = false;
			p->n_foreign = 0;
		}
		return true;
	}
	in->done = true;
	in->nr = d->nr;
	in->first = pid == s->pid;
	if (in->kill) {
		kill_it(s, pid);
		return false;
	}
	fail(resp, d->nr, in->error);
	if (in->kind->name == call_memory)
		s->starving = pid;
	if (in->kind->name == call_answer)
		lose(pid, (int)d->args[0]);
	return true;
}

static void answer(struct supervisor *s, int listener)
{
	struct seccomp_notif req = { 0 };
	struct seccomp_notif_resp resp = { 0 };

	/* the process may be gone by now, or have had a signal */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0) {
		if (errno != ENOENT && errno != EINTR)
			die("SECCOMP_IOCTL_NOTIF_RECV: %m");
		return;
	}
	resp.id = req.id;
	if (judge(s, &req, &resp) &&
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0 &&
	    errno != ENOENT)
		die("SECCOMP_IOCTL_NOTIF_SEND: %m");
}

/* --- running -------------------------------------------------------------- */

/* Takes those who ended. Returns whether there is still somebody. */
static bool reap(pid_t program, struct outcome *ret)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program)
			ret->status = status;
	return pid == 0 || errno != ECHILD;
}

static int watch_children(void)
{
	static int fd = -1;
	sigset_t set;

	if (fd >= 0)
		return fd;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die("signalfd: %m");
	return fd;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void supervise(struct supervisor *s, int listener, struct outcome *ret)
{
	struct pollfd pfd[2] = { { watch_children(), POLLIN, 0 },
				 { listener, POLLIN, 0 } };
	long long end = now_ms() + 1000LL * run_timeout_s;
	struct signalfd_siginfo si;

	do {
		long long left = end - now_ms();
		int n = poll(pfd, 2, left > 0 ? (int)left : 100);

		if (n < 0 && errno != EINTR)
			die("poll: %m");
		if (left <= 0) {
			ret->hung = true;
			kill(-s->pid, SIGKILL);
		}
		if (n > 0 && pfd[1].revents & POLLIN)
			answer(s, listener);
		else if (n > 0 && pfd[1].revents)
			pfd[1].fd = -1;
		if (n > 0 && pfd[0].revents)
			(void)!read(pfd[0].fd, &si, sizeof(si));
	} while (reap(s->pid, ret));
}

static int memory_file(const char *name, const char *text)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die("memfd: %m");
	return fd;
}

static char *read_back(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	if (!text || pread(fd, text, (size_t)size, 0) != size)
		die("reading its output: %m");
	close(fd);
	return text;
}

/* what asks: see call_is_private(), and the memory that starving is about */
static const struct call_kind *asked_about(const struct inject *in)
{
	return in->kind && in->kind->name != call_memory ? in->kind : NULL;
}

static void become(const char *file, char *const env[], const int fd[3],
		   const struct inject *in)
{
	char *argv[] = { (char *)file, NULL };
	sigset_t none;

	setpgid(0, 0);
	for (int i = 0; i < 3; i++)
		if (dup2(fd[i], i) < 0)
			_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in && filter_install(asked_about(in)) < 0)
		_exit(126);
	execve(file, argv, env);
	_exit(127);
}

void run(const char *file, char *const env[], const char *input,
	 struct inject *inject, struct outcome *ret)
{
	static struct supervisor s;
	int fd[3] = { memory_file("in", input), memory_file("out", ""),
		      memory_file("err", "") };
	int listener = -1, number;

	s = (struct supervisor){ .inject = inject };
	*ret = (struct outcome){ 0 };
	watch_children();
	number = dup(0);
	close(number);
	s.pid = fork();
	if (s.pid < 0)
		die("fork: %m");
	if (s.pid == 0)
		become(file, env, fd, inject);
	find(&s, s.pid);
	if (inject) {
		inject->done = false;
		listener = filter_fetch(s.pid, number);
	}
	supervise(&s, listener, ret);
	if (inject) {
		inject->processes = s.n;
		for (unsigned i = 0; i < s.n; i++)
			inject->calls[i] = s.process[i].calls;
	}
	if (listener >= 0)
		close(listener);
	close(fd[0]);
	ret->out = read_back(fd[1]);
	ret->err = read_back(fd[2]);
}

void outcome_done(struct outcome *o)
{
	free(o->out);
	free(o->err);
	*o = (struct outcome){ 0 };
}
