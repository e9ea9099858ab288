// SPDX-License-Identifier: GPL-2.0-or-later
/* main-env.c - what is refused or answered before stdin is read */
#include "call.h"

static unsigned calls;

static int handler(const struct cni_call *args, struct cni_err *err)
{
	(void)args;
	(void)err;
	calls++;
	return 0;
}

static int add(const struct cni_call *args, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	(void)res;
	(void)undo;
	return handler(args, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	(void)own;
	return handler(call, err);
}

static const struct cni_plugin fake = {
	.name = "fake",
	.add = add,
	.del = STEP(handler),
	.check = check,
	.gc = STEP(handler),
	.status = STEP(handler),
};

/* A stdin that cannot be read: who reads it gives code 5. */
static struct reply *without_stdin(char *const *env)
{
	return call_fd(&fake, env, -1);
}

#define MISSING(list, ...)                                                     \
	IS_ERROR(without_stdin(ENV(__VA_ARGS__)), "1.1.0", 4,                  \
		 "required env variables [" list "] missing", NULL)

static void lists_what_is_missing(void)
{
	MISSING("CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH",
		"CNI_COMMAND=ADD");
	MISSING("CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME,CNI_PATH",
		"CNI_COMMAND=CHECK");
	MISSING("CNI_CONTAINERID,CNI_IFNAME,CNI_PATH", "CNI_COMMAND=DEL");
	MISSING("CNI_PATH", "CNI_COMMAND=GC");
	MISSING("CNI_PATH", "CNI_COMMAND=STATUS");
	MISSING("CNI_NETNS,CNI_PATH", "CNI_COMMAND=ADD", "CNI_IFNAME=eth0",
		"CNI_CONTAINERID=c1");
}

static void empty_is_missing(void)
{
	MISSING("CNI_NETNS", "CNI_COMMAND=ADD", "CNI_NETNS=", SANDBOX);
	MISSING("CNI_IFNAME", "CNI_COMMAND=DEL", "CNI_IFNAME=", SANDBOX);
	MISSING("CNI_PATH", "CNI_COMMAND=GC", "CNI_PATH=");
}

static void similar_names_are_others(void)
{
	MISSING("CNI_PATH", "CNI_COMMAND=GC", "CNI_PATHS=/a", "XCNI_PATH=/a",
		"CNI_PATH");
}

#define BAD_ID(id, details)                                                    \
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=ADD", "CNI_CONTAINERID=" id,   \
				   SANDBOX)),                                  \
		 "1.1.0", 4, "invalid characters in containerID", details)

static void checks_the_container_id(void)
{
	BAD_ID("../x", "../x");
	BAD_ID(".a", ".a");
	BAD_ID("-a", "-a");
	BAD_ID("_a", "_a");
	BAD_ID("a b", "a b");
	BAD_ID("a\n", "a\\n");
	BAD_ID("a:b", "a:b");
	BAD_ID("\xc3\xa9", "\xc3\xa9");
	BAD_ID("a\xff", "a\\ufffd");
}

#define BAD_IF(verb, name, msg, details)                                       \
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=" verb, "CNI_IFNAME=" name,    \
				   SANDBOX)),                                  \
		 "1.1.0", 4, msg, details)

static void checks_the_interface_name(void)
{
	static const char bad[] =
		"interface name contains / or : or whitespace characters";

	BAD_IF("ADD", "0123456789abcdef", "interface name is too long",
	       "interface name should be less than 16 characters");
	BAD_IF("DEL", "0123456789/bcdef", "interface name is too long",
	       "interface name should be less than 16 characters");
	BAD_IF("ADD", "eth%d", "interface name contains %", NULL);
	BAD_IF("CHECK", ".", "interface name is . or ..", NULL);
	BAD_IF("DEL", "..", "interface name is . or ..", NULL);
	BAD_IF("ADD", "a/b", bad, NULL);
	BAD_IF("ADD", "a\t", bad, NULL);
	BAD_IF("ADD", "\xe2\x80\x83", bad, NULL);
}

static void a_bad_value_wins_over_a_missing_one(void)
{
	BAD_IF("ADD", "a:b",
	       "interface name contains / or : or whitespace characters", NULL);
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=ADD", "CNI_CONTAINERID=a/b")),
		 "1.1.0", 4, "invalid characters in containerID", "a/b");
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=ADD", "CNI_IFNAME=a/b")),
		 "1.1.0", 4,
		 "interface name contains / or : or whitespace characters",
		 NULL);
	/* and the container ID is looked at first */
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=DEL", "CNI_IFNAME=..",
				   "CNI_CONTAINERID=a/b")),
		 "1.1.0", 4, "invalid characters in containerID", "a/b");
}

static void names_are_not_checked_where_not_needed(void)
{
	static const char conf[] = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\"}";

	calls = 0;
	IS_OK(call(&fake,
		   ENV("CNI_COMMAND=GC", "CNI_PATH=/x", "CNI_IFNAME=a/b",
		       "CNI_CONTAINERID=../x"),
		   conf),
	      "");
	IS_OK(call(&fake,
		   ENV("CNI_COMMAND=STATUS", "CNI_PATH=/x", "CNI_IFNAME=a/b",
		       "CNI_CONTAINERID=../x"),
		   conf),
	      "");
	EQ_INT(calls, 2);
}

static void without_a_command_introduces_itself(void)
{
	static const char about[] =
		"CNI fake plugin v" CNIC_VERSION "\n"
		"CNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, "
		"0.4.0, 1.0.0, 1.1.0\n";
	struct reply *r = without_stdin(ENV("PATH=/bin"));

	EQ_INT(r->status, 0);
	EQ_STR(r->out, "");
	EQ_STR(r->err, about);
	/* not even values that are wrong change that */
	r = without_stdin(
		ENV("CNI_COMMAND=", "CNI_IFNAME=a/b", "CNI_CONTAINERID=.."));
	EQ_INT(r->status, 0);
	EQ_STR(r->out, "");
	EQ_STR(r->err, about);
}

static void version_reads_no_stdin(void)
{
	IS_OK(without_stdin(ENV("CNI_COMMAND=VERSION", "CNI_IFNAME=a/b")),
	      "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.1.0\","
	      "\"0.2.0\",\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\","
	      "\"1.1.0\"]}\n");
}

static void version_into_a_closed_stdout_fails(void)
{
	int err = file_with("", 0);
	struct cni_io io = { .env = ENV("CNI_COMMAND=VERSION"),
			     .in = -1,
			     .out = -1,
			     .err = err };

	EQ_INT(cni_run(&fake, &io), 1);
	close(err);
}

static void an_unreadable_stdin_comes_before_an_unknown_verb(void)
{
	IS_ERROR(without_stdin(ENV("CNI_COMMAND=FLY")), "1.1.0", 5,
		 "error reading from stdin", "Bad file descriptor");
}

static void unknown_verbs_come_after_the_name(void)
{
	char *const *env = ENV("CNI_COMMAND=FLY");

	IS_ERROR(call(&fake, env, "{"), "1.1.0", 6,
		 "error unmarshall network config: unexpected end of JSON "
		 "input at byte 1",
		 NULL);
	IS_ERROR(call(&fake, env, "{}"), "1.1.0", 7, "missing network name",
		 NULL);
	/* but before the version, which is not even decoded */
	IS_ERROR(call(&fake, env, "{\"name\":\"n\",\"cniVersion\":7}"), "1.1.0",
		 4, "unknown CNI_COMMAND: FLY", NULL);
	IS_ERROR(call(&fake, ENV("CNI_COMMAND=add"), "{\"name\":\"n\"}"),
		 "1.1.0", 4, "unknown CNI_COMMAND: add", NULL);
}

static void the_first_of_two_variables_counts(void)
{
	calls = 0;
	IS_OK(call(&fake,
		   ENV("CNI_COMMAND=DEL", SANDBOX, "CNI_IFNAME=eth1",
		       "CNI_IFNAME=a/b", "CNI_COMMAND=FLY"),
		   "{\"name\":\"n\"}"),
	      "");
	EQ_INT(calls, 1);
}

TAP_MAIN(TEST(lists_what_is_missing), TEST(empty_is_missing),
	 TEST(similar_names_are_others), TEST(checks_the_container_id),
	 TEST(checks_the_interface_name),
	 TEST(a_bad_value_wins_over_a_missing_one),
	 TEST(names_are_not_checked_where_not_needed),
	 TEST(without_a_command_introduces_itself),
	 TEST(version_reads_no_stdin), TEST(version_into_a_closed_stdout_fails),
	 TEST(an_unreadable_stdin_comes_before_an_unknown_verb),
	 TEST(unknown_verbs_come_after_the_name),
	 TEST(the_first_of_two_variables_counts))
