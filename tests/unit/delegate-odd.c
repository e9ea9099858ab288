// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delegate-odd.c - delegates under odd conditions: an old kernel, a file that
 * is never written to its end, a configuration larger than a pipe, signals
 */
#include "delegate-test.h"

#include <sys/syscall.h>
#include <sys/time.h>

#include "impatient.h"

#define NOEXEC_SEAL 8u

static bool old;	      /* the kernel does not know of that flag */
static const char *odd_stdin; /* a file in place of one in memory, or NULL */

int memfd_create(const char *name, unsigned flags)
{
	if (odd_stdin && strcmp(name, "cni-stdin") == 0)
		return open(odd_stdin, O_RDWR | O_CLOEXEC);
	if (old && flags & NOEXEC_SEAL) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_memfd_create, name, flags);
}

/* Longer than any pipe, and different at each place. */
static const char *long_conf(void)
{
	static char buf[300001];

	for (size_t i = 0; i < sizeof(buf) - 1; i++)
		buf[i] = (char)('a' + i % 23);
	return buf;
}

static void a_long_configuration_is_read_whole(void)
{
	const char *conf = long_conf();

	script("cmp", "exec cmp - \"${0%/*}/want\" >&2");
	put_file("want", conf, 0600);
	given_conf = conf;
	for (int i = 0; i < 2; i++) {
		struct outcome *o;

		old = i;
		o = delegate("cmp", "DEL");
		EQ_INT(o->r, 0);
		EQ_STR(o->log, "");
	}
	old = false;
	given_conf = "{\"name\":\"n\"}";
}

/* The program that was installing the file may be dead. */
static void a_file_that_is_written_for_ever_cannot_be_run(void)
{
	const char *path = script("busy", "exit 0");
	AUTO(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	struct outcome *o;
	char msg[128];

	OK(fd >= 0);
	impatient = true;
	o = delegate("busy", "DEL");
	impatient = false;
	snprintf(msg, sizeof(msg), "cannot run %s", path_of("busy"));
	FAILED(o, -2, 103, msg, "Text file busy");
	OK(ahead >= 4900);
	ahead = 0;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A delegate is waited for, however often, where its streams ended before. */
static void a_signal_does_not_hide_its_exit_status(void)
{
	const struct itimerval tick = { { 0, 3000 }, { 0, 3000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm };
	struct outcome *o;

	script("late", "exec >&- 2>&-; sleep 0.05; exit 3");
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	o = delegate("late", "DEL");
	setitimer(ITIMER_REAL, &off, NULL);
	FAILED(o, -1, 0,
	       "netplugin failed with no error message: exit status 3", "");
}

/* A delegate that got a part of its configuration must not run at all. */
static void what_cannot_be_given_its_configuration_is_not_run(void)
{
	static const struct {
		const char *file, *why;
	} t[] = { { "/dev/full", "No space left on device" },
		  { "fifo", "Illegal seek" },
		  { "missing", "No such file or directory" } };
	static char conf[8192];
	char msg[128];

	/* longer than what any pipe is sure to hold */
	memset(conf, ' ', sizeof(conf) - 1);
	given_conf = conf;
	script("eat", "echo it ran >&2");
	EQ_INT(mkfifo(path_of("fifo"), 0600), 0);
	snprintf(msg, sizeof(msg), "cannot run %s", path_of("eat"));
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct outcome *o;

		odd_stdin = *t[i].file == '/' ? t[i].file : path_of(t[i].file);
		o = delegate("eat", "DEL");
		odd_stdin = NULL;
		FAILED(o, -2, 103, msg, t[i].why);
		EQ_STR(o->log, "");
	}
	given_conf = "{\"name\":\"n\"}";
}

TAP_MAIN(TEST(a_long_configuration_is_read_whole),
	 TEST(a_file_that_is_written_for_ever_cannot_be_run),
	 TEST(a_signal_does_not_hide_its_exit_status),
	 TEST(what_cannot_be_given_its_configuration_is_not_run))
