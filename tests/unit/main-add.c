// SPDX-License-Identifier: GPL-2.0-or-later
/* main-add.c - an ADD: its result is written, or what it did is undone */
#include "call.h"

#include <fcntl.h>
#include <signal.h>

#include "cni/undo.h"

/* what the fake does, and what was done, in order */
static bool with_ip, adds_fail, undo_fails;
static char done[256];
static int released;

static void note(const char *what)
{
	size_t len = strlen(done);

	snprintf(done + len, sizeof(done) - len, "%s ", what);
}

static int undo_step(void *arg, struct cni_err *err)
{
	note(arg);
	if (undo_fails)
		return cni_fail(err, 100, 0, "%s is stuck", (char *)arg);
	return 0;
}

static void release(void *arg)
{
	(void)arg;
	released++;
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	struct cni_interface *ifc = cni_add_interface(res);

	OK(call->conf.json && call->conf.raw);
	if (!ifc || !(ifc->name = strdup(call->att.ifname)))
		abort();
	if (with_ip) {
		struct cni_ip *ip = cni_add_ip(res);

		if (!ip || ip_net_parse("10.0.0.2/24", &ip->address) < 0)
			abort();
	}
	undo_push(undo, "release the address", undo_step, (void *)"ipam", NULL);
	undo_push(undo, "delete the link", undo_step, (void *)"link", release);
	note("add");
	if (adds_fail)
		return cni_fail(err, 102, -17, "cannot add %s",
				call->att.ifname);
	return 0;
}

static const struct cni_plugin fake = { .name = "fake", .add = add };

static const char *const add_env[] = { "CNI_COMMAND=ADD", SANDBOX, NULL };
#define ADD_ENV ((char *const *)add_env)

static void fresh(void)
{
	with_ip = adds_fail = undo_fails = false;
	done[0] = '\0';
	released = 0;
}

static struct reply *with(const char *version)
{
	char conf[128];

	snprintf(conf, sizeof(conf), "{\"name\":\"n\",\"cniVersion\":\"%s\"}",
		 version);
	return call(&fake, ADD_ENV, conf);
}

static void writes_the_result_and_keeps_what_was_done(void)
{
	fresh();
	with_ip = true;
	IS_OK(with("1.0.0"), "{\n"
			     "    \"cniVersion\": \"1.0.0\",\n"
			     "    \"interfaces\": [\n"
			     "        {\n"
			     "            \"name\": \"eth0\"\n"
			     "        }\n"
			     "    ],\n"
			     "    \"ips\": [\n"
			     "        {\n"
			     "            \"address\": \"10.0.0.2/24\"\n"
			     "        }\n"
			     "    ]\n"
			     "}");
	EQ_STR(done, "add ");
	EQ_INT(released, 1);
}

static void writes_it_in_the_configurations_version(void)
{
	fresh();
	with_ip = true;
	IS_OK(with(""), "{\n"
			"    \"cniVersion\": \"0.1.0\",\n"
			"    \"ip4\": {\n"
			"        \"ip\": \"10.0.0.2/24\"\n"
			"    },\n"
			"    \"dns\": {}\n"
			"}");
}

static void a_failed_add_is_undone_last_step_first(void)
{
	fresh();
	adds_fail = true;
	IS_ERROR(with("1.0.0"), "1.0.0", 102, "cannot add eth0", "File exists");
	EQ_STR(done, "add link ipam ");
	EQ_INT(released, 1);
}

static void a_failed_undo_is_told_and_the_rest_still_run(void)
{
	fresh();
	adds_fail = undo_fails = true;
	IS_ERROR(with("1.0.0"), "1.0.0", 102, "cannot add eth0",
		 "File exists; link is stuck; could not delete the link; "
		 "ipam is stuck; could not release the address");
	EQ_STR(done, "add link ipam ");
	EQ_INT(released, 1);
}

static void a_result_the_version_cannot_express_is_undone(void)
{
	fresh();
	IS_ERROR(with("0.2.0"), "0.2.0", 1,
		 "cannot convert: no valid IP addresses",
		 "cniVersion 0.2.0 cannot express a result without addresses; "
		 "use 0.3.0 or later");
	EQ_STR(done, "add link ipam ");
	EQ_INT(released, 1);
}

/* one ADD with that stdout; its exit status */
static int add_into(int out)
{
	static const char conf[] = "{\"name\":\"n\",\"cniVersion\":\"1.0.0\"}";
	int in = file_with(conf, strlen(conf));
	struct cni_io io = { .env = ADD_ENV, .in = in, .out = out, .err = -1 };
	int r = cni_run(&fake, &io);

	close(in);
	return r;
}

static void nobody_to_read_the_result_is_undone(void)
{
	int p[2];

	fresh();
	EQ_INT(add_into(-1), 1);
	EQ_STR(done, "add link ipam ");

	fresh();
	if (pipe2(p, O_CLOEXEC) < 0)
		abort();
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	EQ_INT(add_into(p[1]), 1);
	EQ_STR(done, "add link ipam ");
	close(p[1]);
}

static void a_full_disk_under_stdout_is_undone(void)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	fresh();
	OK(full >= 0);
	EQ_INT(add_into(full), 1);
	EQ_STR(done, "add link ipam ");
	close(full);
}

static void nothing_is_done_where_nothing_is_allowed(void)
{
	fresh();
	OK(with("9.9.9")->status == 1);
	EQ_STR(done, "");
}

static void descriptors_are_closed(void)
{
	int before = dup(0), after;

	close(before);
	for (int i = 0; i < 3; i++) {
		fresh();
		with_ip = i == 0;
		adds_fail = i == 1;
		with(i == 2 ? "0.1.0" : "1.0.0");
	}
	after = dup(0);
	close(after);
	EQ_INT(after, before);
}

TAP_MAIN(TEST(writes_the_result_and_keeps_what_was_done),
	 TEST(writes_it_in_the_configurations_version),
	 TEST(a_failed_add_is_undone_last_step_first),
	 TEST(a_failed_undo_is_told_and_the_rest_still_run),
	 TEST(a_result_the_version_cannot_express_is_undone),
	 TEST(nobody_to_read_the_result_is_undone),
	 TEST(a_full_disk_under_stdout_is_undone),
	 TEST(nothing_is_done_where_nothing_is_allowed),
	 TEST(descriptors_are_closed))
