// SPDX-License-Identifier: GPL-2.0-or-later
/* builtin.c - a delegate that is linked into the running executable */
#include "call.h"

#include <errno.h>
#include <sys/wait.h>

#include "cni/builtin.h"
#include "cni/delegate.h"
#include "cni/undo.h"
#include "note-file.h"
#include "scratch.h"

/* what the handlers below were called for, and what they do */
static char calls[256];
static int undone;
static bool fails, no_address;

static int undo_step(void *arg, struct cni_err *err)
{
	(void)arg;
	undone++;
	return cni_fail(err, CNI_EIO, 0, "the undo failed as well");
}

static int note(const struct cni_call *call, struct cni_err *err)
{
	size_t len = strlen(calls);

	snprintf(calls + len, sizeof(calls) - len, "%s %s;", call->command,
		 call->conf.raw);
	if (!fails)
		return 0;
	cni_fail(err, 77, -ENOSPC, "it is \"full\"");
	return -1;
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	struct cni_ip *ip = no_address ? NULL : cni_add_ip(res);

	undo_push(undo, "undo", undo_step, NULL, NULL);
	if (ip)
		ip_net_parse("10.0.0.2/24", &ip->address);
	dprintf(call->err_fd, "a log\n");
	return note(call, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	(void)own;
	return note(call, err);
}

static const struct cni_plugin ipam = { .name = "ipam",
					.add = add,
					.del = STEP(note),
					.check = check,
					.gc = STEP(note),
					.status = STEP(note) };
static const struct cni_plugin idle = { .name = "idle" };
static const struct cni_plugin *const all[] = { &idle, &ipam, NULL };

static const struct cni_program program = { "this", all };

/* Makes a plugin of this build of that name, in the scratch folder. */
static void install(const char *type)
{
	note_file_put(path_of(type), type, "this");
}

static struct cni_call plain_args(void)
{
	static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };

	install("ipam");
	install("idle");
	calls[0] = '\0';
	undone = 0;
	fails = no_address = false;
	return (struct cni_call){
		.command = "ADD",
		.netns = "",
		.path = scratch,
		.program = &program,
		.env = (char *const *)env,
		.conf = { .raw = "{}", .raw_len = 2, .version = "1.0.0" },
		.err_fd = file_with("", 0)
	};
}

static void a_plugin_of_this_build_counts(void)
{
	static const struct cni_plugin *const none[] = { NULL };
	static const struct cni_program empty = { "this", none };
	struct cni_note note = CNI_NOTE("ipam", "this");

	OK(builtin_find(&program, &note) == &ipam);
	OK(!builtin_find(&empty, &note));
	OK(!builtin_find(NULL, &note));
	note = (struct cni_note)CNI_NOTE("idle", "this");
	OK(builtin_find(&program, &note) == &idle);
	note = (struct cni_note)CNI_NOTE("other", "this");
	OK(!builtin_find(&program, &note));
	note = (struct cni_note)CNI_NOTE("ipam", "that");
	OK(!builtin_find(&program, &note));
}

static int delegate_found(const char *type)
{
	struct cni_call call = plain_args();
	const struct cni_plugin *builtin;
	struct cni_err err = { 0 };
	int r = cni_delegate_find(&call, type, &builtin, &err);

	EQ_STR(calls, "");
	close(call.err_fd);
	return r < 0 ? r : builtin != NULL;
}

static void by_whatever_name_it_is_found(void)
{
	note_file_put(path_of("anything"), "ipam", "this");
	EQ_INT(delegate_found("anything"), 1);
	note_file_put(path_of("older"), "ipam", "that");
	EQ_INT(delegate_found("older"), 0);
	put_file("script", "#!/bin/sh\n", 0755);
	EQ_INT(delegate_found("script"), 0);
	EQ_INT(delegate_found("missing"), -2);
	/* what may not be executed is not called either */
	EQ_INT(chmod(path_of("anything"), 0644), 0);
	EQ_INT(delegate_found("anything"), -2);
}

static void an_add_is_a_function_call(void)
{
	struct cni_call call = plain_args();
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };
	char buf[IP_STRLEN], log[64];

	EQ_INT(cni_delegate(&call, "ipam", "ADD", &res, &err), 0);
	EQ_STR(calls, "ADD {};");
	EQ_INT(res.n_ips, 1);
	EQ_STR(ip_net_format(&res.ips[0].address, buf), "10.0.0.2/24");
	EQ_INT(undone, 0);
	OK(!err.set);
	read_back(call.err_fd, log, sizeof(log));
	EQ_STR(log, "a log\n");
	/* there never was a process */
	EQ_INT(waitpid(-1, NULL, WNOHANG), -1);
	EQ_INT(errno, ECHILD);
	cni_result_done(&res);
}

static void another_file_of_that_name_is_run(void)
{
	struct cni_call call = plain_args();
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };

	unlink(path_of("ipam"));
	put_file("ipam",
		 "#!/bin/sh\n"
		 "echo '{\"ips\":[{\"address\":\"10.0.0.9/24\"}]}'\n",
		 0755);
	EQ_INT(cni_delegate(&call, "ipam", "ADD", &res, &err), 0);
	EQ_STR(calls, "");
	EQ_INT(res.n_ips, 1);
	cni_result_done(&res);
	close(call.err_fd);
	unlink(path_of("ipam"));
}

static void every_verb_has_its_handler(void)
{
	struct cni_call call = plain_args();
	static const char *const verbs[] = { "DEL", "CHECK", "GC", "STATUS" };
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };

	for (size_t i = 0; i < 4; i++) {
		EQ_INT(cni_delegate(&call, "ipam", verbs[i], NULL, &err), 0);
		EQ_INT(cni_delegate(&call, "idle", verbs[i], NULL, &err), 0);
	}
	EQ_STR(calls, "DEL {};CHECK {};GC {};STATUS {};");
	EQ_INT(cni_delegate(&call, "idle", "ADD", &res, &err), 0);
	EQ_INT(res.n_ips, 0);
	EQ_STR(call.command, "ADD");
	close(call.err_fd);
}

static void its_error_is_passed_on(void)
{
	struct cni_call call = plain_args();
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };

	fails = true;
	EQ_INT(cni_delegate(&call, "ipam", "ADD", &res, &err), -1);
	EQ_INT(err.code, 77);
	EQ_STR(err.msg, "it is \"full\"");
	OK(strstr(err.details, "No space left on device"));
	OK(strstr(err.details, "the undo failed as well"));
	EQ_INT(undone, 1);
	EQ_INT(res.n_ips, 0);

	/* after an earlier report it is a detail */
	err = (struct cni_err){ 0 };
	cni_fail(&err, 100, 0, "first");
	EQ_INT(cni_delegate(&call, "ipam", "DEL", NULL, &err), -1);
	EQ_INT(err.code, 100);
	EQ_STR(err.msg, "first");
	OK(strstr(err.details, "it is \"full\""));
	close(call.err_fd);
}

static void what_cannot_be_printed_is_undone(void)
{
	struct cni_call call = plain_args();
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };

	no_address = true;
	call.conf.version = "0.2.0";
	EQ_INT(cni_delegate(&call, "ipam", "ADD", &res, &err), -1);
	EQ_STR(err.msg, "cannot convert: no valid IP addresses");
	EQ_INT(undone, 1);
	close(call.err_fd);
}

static int see_name(const struct cni_call *call, struct cni_err *err)
{
	snprintf(calls, sizeof(calls), "%s", call->self);
	/* it would be called again and again */
	return cni_delegate(call, "again", "GC", NULL, err) < 0 ? -1 : 0;
}

static const struct cni_step see_name_steps[] = { { "see", see_name }, { 0 } };

static void one_that_delegates_to_itself_is_stopped(void)
{
	static const struct cni_plugin again = { .name = "again",
						 .gc = see_name_steps };
	static const struct cni_plugin *const one[] = { &again, NULL };
	static const struct cni_program only = { "this", one };
	struct cni_call call = plain_args();
	struct cni_err err = { 0 };

	install("again");
	call.self = "bridge";
	call.program = &only;
	EQ_INT(cni_delegate(&call, "again", "GC", NULL, &err), -1);
	EQ_STR(calls, "again");
	EQ_INT(err.code, CNI_ECONF);
	EQ_STR(err.msg, "plugin again cannot delegate to itself");
	/* nor by another name, of whichever build */
	for (int i = 0; i < 2; i++) {
		note_file_put(path_of("alias"), "bridge", i ? "this" : "that");
		err = (struct cni_err){ 0 };
		EQ_INT(cni_delegate(&call, "alias", "GC", NULL, &err), -2);
		EQ_INT(err.code, CNI_ECONF);
		EQ_STR(err.msg, "plugin bridge cannot delegate to itself");
	}
	close(call.err_fd);
}

static void it_is_found_without_being_called(void)
{
	struct cni_call call = plain_args();
	const struct cni_plugin *builtin = NULL;
	struct cni_err err = { 0 };

	EQ_INT(cni_delegate_find(&call, "ipam", &builtin, &err), 0);
	OK(builtin == program.plugins[1]);
	EQ_STR(calls, "");
	call.program = NULL;
	EQ_INT(cni_delegate_find(&call, "ipam", &builtin, &err), 0);
	OK(!builtin && !err.set);
	close(call.err_fd);
}

TAP_MAIN(TEST(a_plugin_of_this_build_counts),
	 TEST(by_whatever_name_it_is_found), TEST(an_add_is_a_function_call),
	 TEST(another_file_of_that_name_is_run),
	 TEST(every_verb_has_its_handler), TEST(its_error_is_passed_on),
	 TEST(what_cannot_be_printed_is_undone),
	 TEST(one_that_delegates_to_itself_is_stopped),
	 TEST(it_is_found_without_being_called))
