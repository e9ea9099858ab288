// SPDX-License-Identifier: GPL-2.0-or-later
/* delegate-fail.c - delegates that are not there, fail, or make no sense */
#include "delegate-test.h"

#include <sys/wait.h>

static void types_with_a_path_are_refused(void)
{
	static const char *const bad[] = {
		"a/b", "../x", "/bin/true", "x/..", "./x",  "/",
		".",   "..",   "a\nb",	    "a\tb", "\x01", "a\x7f"
	};
	char msg[64];

	script("x", "echo ran >&2");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(msg, sizeof(msg), "invalid plugin name: %s", bad[i]);
		FAILED(delegate(bad[i], "ADD"), -2, CNI_ECONF, msg, "");
	}
	FAILED(delegate("", "ADD"), -2, CNI_ECONF, "no plugin name provided",
	       "");
}

static void a_plugin_is_not_its_own_delegate(void)
{
	script("me", "echo ran >&2");
	FAILED(delegate("me", "STATUS"), -2, CNI_ECONF,
	       "plugin me cannot delegate to itself", "");
}

static void one_that_is_not_there_is_named(void)
{
	char msg[256];

	snprintf(msg, sizeof(msg),
		 "failed to find plugin \"nope\" in path [%s]", scratch);
	FAILED(delegate("nope", "DEL"), -2, CNI_EDELEGATE, msg, "");
	given_path = "/a:/b::/c";
	FAILED(delegate("nope", "DEL"), -2, CNI_EDELEGATE,
	       "failed to find plugin \"nope\" in path [/a /b  /c]", "");
	given_path = "";
	FAILED(delegate("nope", "DEL"), -2, CNI_EDELEGATE,
	       "failed to find plugin \"nope\" in path []", "");
	/* a relative file is in no folder of the path */
	given_path = ":";
	OK(delegate("nope", "DEL")->r == -2);
	given_path = scratch;
}

static void what_is_no_file_is_not_found(void)
{
	EQ_INT(mkdir(path_of("folder"), 0700), 0);
	EQ_INT(mkfifo(path_of("fifo"), 0700), 0);
	EQ_INT(symlink("nothing", path_of("dangling")), 0);
	EQ_INT(delegate("folder", "ADD")->r, -2);
	EQ_INT(delegate("fifo", "ADD")->r, -2);
	EQ_INT(delegate("dangling", "ADD")->r, -2);
}

static void what_cannot_be_run_says_why(void)
{
	char msg[256];

	put_file("text", "no program", 0644);
	snprintf(msg, sizeof(msg), "cannot run %s/text", scratch);
	FAILED(delegate("text", "ADD"), -2, CNI_EDELEGATE, msg,
	       "Permission denied");
	put_file("junk", "no program", 0755);
	snprintf(msg, sizeof(msg), "cannot run %s/junk", scratch);
	FAILED(delegate("junk", "ADD"), -2, CNI_EDELEGATE, msg,
	       "Exec format error");
	put_file("lost", "#!/no/such/interpreter\n", 0755);
	snprintf(msg, sizeof(msg), "cannot run %s/lost", scratch);
	FAILED(delegate("lost", "ADD"), -2, CNI_EDELEGATE, msg,
	       "No such file or directory");
}

static void its_error_passes_through(void)
{
	struct outcome *o;

	script("bad", "echo talk >&2\n"
		      "echo '{\"cniVersion\":\"1.0.0\",\"code\":127,\"msg\":"
		      "\"out of \\\"luck\\\"\",\"details\":\"for <now>\"}'\n"
		      "exit 3");
	o = delegate("bad", "ADD");
	FAILED(o, -1, 127, "out of \"luck\"", "for <now>");
	EQ_STR(o->log, "talk\n");
	FAILED(delegate("bad", "DEL"), -1, 127, "out of \"luck\"", "for <now>");
	script("brief", "echo '{\"code\":11,\"msg\":\"busy\"}'; exit 1");
	FAILED(delegate("brief", "STATUS"), -1, 11, "busy", "");
	script("max", "echo '{\"code\":4294967295,\"msg\":\"m\"}'; exit 1");
	FAILED(delegate("max", "GC"), -1, 4294967295u, "m", "");
}

static void its_stderr_stands_for_an_error(void)
{
	script("words", "echo one >&2; echo two >&2; exit 1");
	FAILED(delegate("words", "ADD"), -1, CNI_EUNKNOWN,
	       "netplugin failed: \"one\ntwo\"", "");
}

static void silence_is_reported_with_the_status(void)
{
	script("silent", "exit 3");
	FAILED(delegate("silent", "ADD"), -1, CNI_EUNKNOWN,
	       "netplugin failed with no error message: exit status 3", "");
	script("newline", "echo >&2; exit 3");
	FAILED(delegate("newline", "ADD"), -1, CNI_EUNKNOWN,
	       "netplugin failed with no error message: exit status 3", "");
	script("killed", "kill -KILL $$");
	FAILED(delegate("killed", "ADD"), -1, CNI_EUNKNOWN,
	       "netplugin failed with no error message: signal: Killed", "");
}

static void nonsense_is_quoted(void)
{
	static const struct {
		const char *out, *why;
	} t[] = {
		{ "crash", "invalid value at byte 0" },
		{ "{}{}", "invalid character after top-level value at byte 2" },
		{ "[]", "expected an object, got an array" },
		{ "null", "expected an object, got null" },
		{ "{\"code\":\"7\"}",
		  "\"code\": expected a whole number, got a string" },
		{ "{\"code\":-1}",
		  "\"code\": expected a whole number from 0 to "
		  "4294967295, got -1" },
		{ "{\"code\":7}", "it has no \"msg\"" },
		{ "{\"msg\":7}", "\"msg\": expected a string, got a number" },
		{ "{\"details\":[]}",
		  "\"details\": expected a string, got an array" },
	};
	char body[256], msg[512];

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		snprintf(body, sizeof(body), "printf %%s '%s'; exit 1",
			 t[i].out);
		script("nonsense", body);
		snprintf(msg, sizeof(msg),
			 "netplugin failed but error parsing its diagnostic "
			 "message \"%s\": %s",
			 t[i].out, t[i].why);
		FAILED(delegate("nonsense", "ADD"), -1, CNI_EUNKNOWN, msg, "");
	}
}

static void a_result_that_is_none(void)
{
	script("ipam", ":");
	FAILED(delegate("ipam", "ADD"), -1, CNI_EDECODE,
	       "cannot read the result of ipam: unexpected end of JSON input "
	       "at byte 0",
	       "");
	script("ipam", "echo '{\"ips\":[null]}'");
	FAILED(delegate("ipam", "ADD"), -1, CNI_EDECODE,
	       "cannot read the result of ipam: \"ips\": null in an array", "");
	script("ipam", "echo '{\"cniVersion\":\"9.0.0\"}'");
	FAILED(delegate("ipam", "ADD"), -1, CNI_EDECODE,
	       "cannot read the result of ipam: unsupported CNI result version "
	       "\"9.0.0\"",
	       "");
	script("ipam", "echo '{\"ips\":[{\"address\":\"10.0.0.2/24\"}]}x'");
	FAILED(delegate("ipam", "ADD"), -1, CNI_EDECODE,
	       "cannot read the result of ipam: invalid character after "
	       "top-level value at byte 35",
	       "");
	EQ_INT(delegate("ipam", "ADD")->res.n_ips, 0);
	script("ipam", "printf '{}\\0'");
	EQ_INT(delegate("ipam", "ADD")->r, -1);
}

static void endless_output_ends(void)
{
	script("yes", "exec yes");
	FAILED(delegate("yes", "ADD"), -1, CNI_EDELEGATE,
	       "cannot read the output of yes",
	       "File too large; it is more than 4194304 bytes");
	/* the limit itself is no more than that */
	script("much", "head -c 4194304 /dev/zero | tr '\\0' ' '");
	FAILED(delegate("much", "ADD"), -1, CNI_EDECODE,
	       "cannot read the result of much: unexpected end of JSON input "
	       "at byte 4194304",
	       "");
}

static void long_words_are_cut_off(void)
{
	struct outcome *o;

	script("long", "head -c 50000 /dev/zero | tr '\\0' e >&2; exit 1");
	o = delegate("long", "ADD");
	EQ_INT(o->err.code, CNI_EUNKNOWN);
	EQ_INT(strlen(o->err.msg), sizeof(o->err.msg) - 1);
	EQ_INT(strlen(o->log), 50000);
}

static void a_second_error_keeps_the_first(void)
{
	struct cni_call call = { .netns = "",
				 .path = scratch,
				 .env = ENV("PATH=/usr/bin:/bin"),
				 .conf = { .raw = "{}", .raw_len = 2 },
				 .err_fd = -1 };
	struct cni_err err = { 0 };

	cni_fail(&err, CNI_EKERNEL, 0, "the first");
	script("bad", "echo '{\"code\":11,\"msg\":\"m\",\"details\":\"d\"}'\n"
		      "exit 1");
	EQ_INT(cni_delegate(&call, "bad", "DEL", NULL, &err), -1);
	EQ_INT(err.code, CNI_EKERNEL);
	EQ_STR(err.msg, "the first");
	EQ_STR(err.details, "m; d");
}

static void no_child_is_left(void)
{
	delegate("bad", "ADD");
	delegate("yes", "ADD");
	EQ_INT(waitpid(-1, NULL, WNOHANG), -1);
	EQ_INT(errno, ECHILD);
}

TAP_MAIN(TEST(types_with_a_path_are_refused),
	 TEST(a_plugin_is_not_its_own_delegate),
	 TEST(one_that_is_not_there_is_named),
	 TEST(what_is_no_file_is_not_found), TEST(what_cannot_be_run_says_why),
	 TEST(its_error_passes_through), TEST(its_stderr_stands_for_an_error),
	 TEST(silence_is_reported_with_the_status), TEST(nonsense_is_quoted),
	 TEST(a_result_that_is_none), TEST(endless_output_ends),
	 TEST(long_words_are_cut_off), TEST(a_second_error_keeps_the_first),
	 TEST(no_child_is_left))
