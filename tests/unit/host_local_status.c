// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_status.c - STATUS of host-local: why no ADD can use its store, and
 * that one can
 *
 * unit: plugins/host-local
 */
#include <grp.h>
#include <sys/wait.h>

#include "failing-calls.h"
#include "host-local-call.h"

static void not_ready_says_why(void)
{
	static const struct {
		const char *call, *name;
		int error;
		const char *msg;
	} t[] = {
		{ "openat", "net", EMFILE, "cannot open the store" },
		{ "openat", "lock", EACCES, "/net/lock" },
		{ "fstat", "lock", EIO, "/net/lock" },
	};

	setup();
	EQ_INT(reserve("10.1.2.1", ETH0("a")), 0);
	EQ_INT(ask("STATUS", V4)->status, 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		fail_call(t[i].call, t[i].name, t[i].error);
		failed(ask("STATUS", "[{\"subnet\":\"10.1.2.1/32\"}]"),
		       CNI_ENOTREADY, t[i].msg, strerror(t[i].error));
		OK(failed_call());
	}
	/* without a lock the next ADD makes one */
	EQ_INT(unlink(path("lock")), 0);
	EQ_INT(ask("STATUS", V4)->status, 0);
	EQ_INT(mkdir(path("lock"), 0700), 0);
	failed(ask("STATUS", V4), CNI_ENOTREADY, "/net/lock", "Is a directory");
	teardown();
}

/* An ordinary open() would wait until somebody writes to it. */
static void a_lock_may_be_a_fifo(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	EQ_INT(mkfifo(path("lock"), 0600), 0);
	EQ_INT(ask("STATUS", V4)->status, 0);
	teardown();
}

/* A node at its capacity is healthy. */
static void a_full_pool_is_ready(void)
{
	static const char none[] =
		"[{\"subnet\":\"10.1.2.0/32\",\"gateway\":\"10.1.2.0\"}]";

	setup();
	EQ_INT(ask("STATUS", none)->status, 0);
	OK(!there(""));
	EQ_INT(reserve("10.1.2.1", ETH0("a")), 0);
	EQ_INT(ask("STATUS", "[{\"subnet\":\"10.1.2.1/32\"}]")->status, 0);
	teardown();
}

/* STATUS takes no time however many reservations there are: it reads none. */
static void no_reservation_is_read(void)
{
	setup();
	EQ_INT(mkdir(path(""), 0755), 0);
	EQ_INT(mkfifo(path("10.1.2.1"), 0600), 0);
	foreign("10.1.2.2", ETH0("a"));
	fail_call("openat", "10.1.2.2", EIO);
	EQ_INT(ask("STATUS", V4)->status, 0);
	OK(!failed_call());
	teardown();
}

static void a_folder_that_cannot_be_made_is_not_ready(void)
{
	size_t len;

	setup();
	len = strlen(data_dir);
	/* a store that is not there, in a folder whose name is too long */
	{
		char long_conf[1024], name[301];

		memset(name, 'n', sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		snprintf(long_conf, sizeof(long_conf),
			 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\","
			 "\"ipam\":{\"dataDir\":\"%s/%s\",\"ranges\":[" V4
			 "]}}",
			 data_dir, name);
		failed(call(&plugin_host_local, env("STATUS", "a"), long_conf),
		       CNI_ENOTREADY, "cannot be used", "File name too long");
	}
	EQ_INT(strlen(data_dir), len);
	teardown();
}

/* --- without rights ------------------------------------------------------- */

#define NOBODY 65534

/* STATUS of a user who may do nothing else, in that folder. */
static void as_nobody(const char *cwd, const char *data, unsigned code,
		      const char *msg)
{
	char text[512];
	int status = -1;
	pid_t pid;

	snprintf(text, sizeof(text),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"ipam\":{"
		 "\"dataDir\":\"%s\",\"ranges\":[" V4 "]}}",
		 data);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct reply *r;

		tap_failed = 0;
		if (chdir(cwd) < 0 || setgroups(0, NULL) < 0 ||
		    setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
			_exit(99);
		r = call(&plugin_host_local, env("STATUS", "a"), text);
		if (code)
			failed(r, code, msg, "Permission denied");
		else
			EQ_INT(r->status, 0);
		fflush(stdout);
		_exit(tap_failed != 0);
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
}

static void who_may_not_write_is_not_ready(void)
{
	static const struct {
		mode_t mode;
		unsigned code;
		const char *msg;
	} t[] = { { 0700, 0, "" },
		  { 0500, CNI_ENOTREADY, "cannot be used" },
		  { 0600, CNI_ENOTREADY, "cannot be used" },
		  { 0300, CNI_ENOTREADY, "cannot open the store" } };

	if (geteuid() != 0) {
		const char *must = getenv("MUST_RUN");

		printf("# note: who_may_not_write_is_not_ready needs root\n");
		OK(!must || strcmp(must, "1") != 0);
		return;
	}
	setup();
	EQ_INT(chmod(data_dir, 0755), 0);
	EQ_INT(mkdir(path(""), 0700), 0);
	EQ_INT(chown(path(""), NOBODY, NOBODY), 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		EQ_INT(chmod(path(""), t[i].mode), 0);
		as_nobody("/", data_dir, t[i].code, t[i].msg);
	}
	EQ_INT(rmdir(path("")), 0);
	/* where it is to be made, at the next folder that is there */
	as_nobody("/", data_dir, CNI_ENOTREADY, "cannot be used");
	EQ_INT(chown(data_dir, NOBODY, NOBODY), 0);
	as_nobody("/", data_dir, 0, "");
	as_nobody(data_dir, "here/and/there", 0, "");
	as_nobody("/", "here/and/there", CNI_ENOTREADY, "cannot be used");
	as_nobody(data_dir, "/cnic-nowhere", CNI_ENOTREADY, "cannot be used");
	teardown();
}

TAP_MAIN(TEST(not_ready_says_why), TEST(a_lock_may_be_a_fifo),
	 TEST(a_full_pool_is_ready), TEST(no_reservation_is_read),
	 TEST(a_folder_that_cannot_be_made_is_not_ready),
	 TEST(who_may_not_write_is_not_ready))
