// SPDX-License-Identifier: GPL-2.0-or-later
/* lock.c - fs_lock(): waiting with a deadline, and who is in the way */
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/fs.h"
#include "scratch.h"
#include "tap.h"

/*
 * Opens the lock file once more. It is in memory: on overlayfs and btrfs,
 * stat() and /proc/locks name different devices.
 */
static int open_lock(void)
{
	static int file = -1;
	char path[64];
	int fd;

	if (file < 0)
		file = memfd_create("lock", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

/* flock() as a network's file system may answer: a wait ends with this error.
 */
static int refusal;
static unsigned waits;

int flock(int fd, int operation)
{
	if (refusal && !(operation & LOCK_NB)) {
		waits++;
		errno = refusal;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

/* A child that holds the lock until its pipe is closed. */
struct holder {
	pid_t pid;
	int stop; /* closing it ends the child */
};

static struct holder hold(const char *name)
{
	int ready[2], stop[2];
	struct holder h;
	char c;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(stop, O_CLOEXEC) < 0)
		abort();
	fflush(stdout);
	h.pid = fork();
	if (h.pid == 0) {
		prctl(PR_SET_NAME, name);
		close(stop[1]);
		if (flock(open_lock(), LOCK_EX) < 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(stop[0], &c, 1) != 0);
	}
	close(stop[0]);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		abort();
	close(ready[0]);
	h.stop = stop[1];
	return h;
}

static void let_go(struct holder h)
{
	int status = -1;

	close(h.stop);
	EQ_INT(waitpid(h.pid, &status, 0), h.pid);
	EQ_INT(status, 0);
}

static void takes_a_free_lock(void)
{
	AUTO(fd) int a = open_lock();
	AUTO(fd) int b = open_lock();

	EQ_INT(fs_lock(a, 0), 0);
	EQ_INT(fs_lock(a, 1000), 0);
	EQ_INT(flock(b, LOCK_EX | LOCK_NB), -1);
	EQ_INT(errno, EWOULDBLOCK);
}

static void gives_up_at_the_deadline(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");

	EQ_INT(fs_lock(fd, 0), -EAGAIN);
	EQ_INT(fs_lock(fd, 1), -EAGAIN);
	EQ_INT(fs_lock(fd, 120), -EAGAIN);
	let_go(h);
	EQ_INT(fs_lock(fd, 0), 0);
}

/* the child lets go as soon as /proc/locks shows that somebody waits */
static void waits_for_the_holder(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(h.stop);
		_exit(fs_lock(fd, 60000) != 0);
	}
	for (int i = 0; i < 5000; i++) {
		AUTO(str) char *text = NULL;
		size_t len;

		if (fs_read_at(AT_FDCWD, "/proc/locks", 1 << 20, &text, &len) ==
			    0 &&
		    strstr(text, "-> FLOCK"))
			break;
		usleep(1000);
	}
	let_go(h);
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
}

static void a_blocked_alarm_signal_does_not_matter(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	EQ_INT(fs_lock(fd, 60), -EAGAIN);
	sigprocmask(SIG_BLOCK, NULL, &set);
	OK(sigismember(&set, SIGALRM) == 1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	let_go(h);
}

static void an_ignored_alarm_signal_does_not_matter(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");

	signal(SIGALRM, SIG_IGN);
	EQ_INT(fs_lock(fd, 60), -EAGAIN);
	OK(signal(SIGALRM, SIG_DFL) == SIG_IGN);
	let_go(h);
}

static void leaves_no_timer_and_no_handler(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");
	struct itimerval left = { { 1, 1 }, { 1, 1 } };
	struct sigaction act;

	EQ_INT(fs_lock(fd, 60), -EAGAIN);
	let_go(h);
	EQ_INT(getitimer(ITIMER_REAL, &left), 0);
	OK(!timerisset(&left.it_value) && !timerisset(&left.it_interval));
	EQ_INT(sigaction(SIGALRM, NULL, &act), 0);
	OK(act.sa_handler == SIG_DFL);
}

static void a_bad_descriptor_is_an_error(void)
{
	char buf[64];

	EQ_INT(fs_lock(-1, 1000), -EBADF);
	fs_lock_holder(-1, buf, sizeof(buf));
	EQ_STR(buf, "an unknown process");
}

static void an_error_ends_the_wait(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");

	refusal = ENOLCK;
	EQ_INT(fs_lock(fd, 2000), -ENOLCK);
	EQ_INT(waits, 1);
	refusal = 0;
	let_go(h);
}

static void names_the_holder(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("some holder");
	char buf[64], expect[64], tiny[8];

	snprintf(expect, sizeof(expect), "pid %d (some holder)", h.pid);
	fs_lock_holder(fd, buf, sizeof(buf));
	EQ_STR(buf, expect);
	fs_lock_holder(fd, tiny, sizeof(tiny));
	EQ_INT(strncmp(tiny, expect, 7), 0);
	EQ_INT(strlen(tiny), 7);
	let_go(h);
	fs_lock_holder(fd, buf, sizeof(buf));
	EQ_STR(buf, "an unknown process");
}

static void a_lock_on_another_file_is_not_ours(void)
{
	AUTO(fd) int fd = memfd_create("other", MFD_CLOEXEC);
	struct holder h = hold("holder");
	char buf[64];

	fs_lock_holder(fd, buf, sizeof(buf));
	EQ_STR(buf, "an unknown process");
	EQ_INT(fs_lock(fd, 0), 0);
	let_go(h);
}

static void nothing_stays_open(void)
{
	AUTO(fd) int fd = open_lock();
	struct holder h = hold("holder");
	int before = open_files();
	char buf[64];

	fs_lock(fd, 10);
	fs_lock_holder(fd, buf, sizeof(buf));
	EQ_INT(open_files(), before);
	let_go(h);
}

TAP_MAIN(TEST(takes_a_free_lock), TEST(gives_up_at_the_deadline),
	 TEST(waits_for_the_holder),
	 TEST(a_blocked_alarm_signal_does_not_matter),
	 TEST(an_ignored_alarm_signal_does_not_matter),
	 TEST(leaves_no_timer_and_no_handler),
	 TEST(a_bad_descriptor_is_an_error), TEST(an_error_ends_the_wait),
	 TEST(names_the_holder), TEST(a_lock_on_another_file_is_not_ours),
	 TEST(nothing_stays_open))
