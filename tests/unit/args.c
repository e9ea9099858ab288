// SPDX-License-Identifier: GPL-2.0-or-later
/* args.c - CNI_ARGS: pairs, known keys, IgnoreUnknown */
#include "cni/cni.h"

#include <stdlib.h>

#include "base/auto.h"
#include "cni/env.h"
#include "tap.h"

/*
 * The answer of cni_args_get() for the key IP, where IP and MAC are known: the
 * value, "(none)", or the message. Good until the next call.
 */
static const char *ip_in(const char *args)
{
	static const char *const known[] = { "IP", "MAC", NULL };
	static char buf[2048];
	AUTO(str) char *value = NULL;
	struct cni_err err = { 0 };
	int r = cni_args_get(args, known, "IP", &value, &err);

	EQ_INT(r == 1, value != NULL);
	EQ_INT(r < 0, err.set);
	if (err.set)
		EQ_INT(err.code, CNI_EENV);
	snprintf(buf, sizeof(buf), "%s",
		 err.set ? err.msg
		 : value ? value
			 : "(none)");
	return buf;
}

static void finds_the_key(void)
{
	EQ_STR(ip_in("IP=10.0.0.1"), "10.0.0.1");
	EQ_STR(ip_in("MAC=x;IP=10.0.0.1"), "10.0.0.1");
	EQ_STR(ip_in("IP=10.0.0.1;MAC=x"), "10.0.0.1");
	EQ_STR(ip_in("IP= 1 "), " 1 ");
}

static void absent_or_empty_is_none(void)
{
	EQ_STR(ip_in(""), "(none)");
	EQ_STR(ip_in("MAC=x"), "(none)");
	EQ_STR(ip_in("IP="), "(none)");
	EQ_STR(ip_in("IgnoreUnknown=1"), "(none)");
}

static void the_last_one_counts(void)
{
	EQ_STR(ip_in("IP=1;IP=2"), "2");
	EQ_STR(ip_in("IP=1;IP="), "(none)");
	EQ_STR(ip_in("X=1;IgnoreUnknown=0;IgnoreUnknown=1;IP=3"), "3");
}

static void every_element_must_be_a_pair(void)
{
	EQ_STR(ip_in(";"), "ARGS: invalid pair \"\"");
	EQ_STR(ip_in("IP=1;"), "ARGS: invalid pair \"\"");
	EQ_STR(ip_in(";IP=1"), "ARGS: invalid pair \"\"");
	EQ_STR(ip_in("IP=1;;MAC=x"), "ARGS: invalid pair \"\"");
	EQ_STR(ip_in("IP"), "ARGS: invalid pair \"IP\"");
	EQ_STR(ip_in("IP=a=b"), "ARGS: invalid pair \"IP=a=b\"");
	EQ_STR(ip_in("X=a=b;IgnoreUnknown=1"), "ARGS: invalid pair \"X=a=b\"");
	EQ_STR(ip_in("IgnoreUnknown=1=1"),
	       "ARGS: invalid pair \"IgnoreUnknown=1=1\"");
	EQ_STR(ip_in("IgnoreUnknown"), "ARGS: invalid pair \"IgnoreUnknown\"");
	EQ_STR(ip_in("IP=1 MAC=2"), "ARGS: invalid pair \"IP=1 MAC=2\"");
}

static void unknown_keys_are_refused(void)
{
	EQ_STR(ip_in("FOO=BAR"), "ARGS: unknown args [\"FOO=BAR\"]");
	EQ_STR(ip_in("A=1;IP=2;B="), "ARGS: unknown args [\"A=1\" \"B=\"]");
	/* names are case-sensitive, and may be empty */
	EQ_STR(ip_in("ip=1"), "ARGS: unknown args [\"ip=1\"]");
	EQ_STR(ip_in("ignoreunknown=1"),
	       "ARGS: unknown args [\"ignoreunknown=1\"]");
	EQ_STR(ip_in("=1"), "ARGS: unknown args [\"=1\"]");
	EQ_STR(ip_in(" IP=1"), "ARGS: unknown args [\" IP=1\"]");
}

static void ignore_unknown_may_stand_anywhere(void)
{
	EQ_STR(ip_in("IgnoreUnknown=1;FOO=BAR;IP=2"), "2");
	EQ_STR(ip_in("FOO=BAR;IP=2;IgnoreUnknown=true"), "2");
	EQ_STR(ip_in("FOO=BAR;IgnoreUnknown=TrUe;IP=2"), "2");
	EQ_STR(ip_in("FOO=BAR;IgnoreUnknown=0"),
	       "ARGS: unknown args [\"FOO=BAR\"]");
	EQ_STR(ip_in("FOO=BAR;IgnoreUnknown=FALSE"),
	       "ARGS: unknown args [\"FOO=BAR\"]");
}

static void ignore_unknown_must_be_a_boolean(void)
{
	EQ_STR(ip_in("IgnoreUnknown=yes"),
	       "ARGS: error parsing value of pair \"IgnoreUnknown=yes\": "
	       "boolean unmarshal error: invalid input yes");
	EQ_STR(ip_in("IgnoreUnknown="),
	       "ARGS: error parsing value of pair \"IgnoreUnknown=\": "
	       "boolean unmarshal error: invalid input ");
	EQ_STR(ip_in("IgnoreUnknown=10"),
	       "ARGS: error parsing value of pair \"IgnoreUnknown=10\": "
	       "boolean unmarshal error: invalid input 10");
}

static void an_error_gives_no_value(void)
{
	static const char *const known[] = { "IP", NULL };
	char keep[] = "kept", *value = keep;
	struct cni_err err = { 0 };

	EQ_INT(cni_args_get("IP=1;x", known, "IP", &value, &err), -1);
	EQ_INT(cni_args_get("IP=1;X=", known, "IP", &value, &err), -1);
	EQ_INT(cni_args_get("MAC=", known, "IP", &value, &err), -1);
	OK(value == keep);
}

static void very_long_lists_are_cut_off_in_the_message(void)
{
	static char args[100000];
	size_t len = 0;

	for (int i = 0; i < 5000; i++)
		len += (size_t)snprintf(args + len, sizeof(args) - len,
					"%sKEY%d=v", i ? ";" : "", i);
	OK(strncmp(ip_in(args), "ARGS: unknown args [\"KEY0=v\" \"KEY1=v\"",
		   37) == 0);
	snprintf(args + len, sizeof(args) - len, ";IgnoreUnknown=1;IP=9");
	EQ_STR(ip_in(args), "9");
}

static void variables_are_found_by_their_whole_name(void)
{
	char *const env[] = { (char *)"CNI_IFNAMES=a",
			      (char *)"CNI_IF=b",
			      (char *)"CNI_IFNAME",
			      (char *)"CNI_ARGS=",
			      (char *)"CNI_PATH=1",
			      (char *)"CNI_PATH=2",
			      (char *)"=x",
			      NULL };

	EQ_STR(env_get(env, "CNI_IFNAME"), "");
	EQ_STR(env_get(env, "CNI_ARGS"), "");
	EQ_STR(env_get(env, "CNI_IF"), "b");
	EQ_STR(env_get(env, "CNI_PATH"), "1");
	EQ_STR(env_get(env + 7, "CNI_PATH"), "");
}

TAP_MAIN(TEST(finds_the_key), TEST(absent_or_empty_is_none),
	 TEST(the_last_one_counts), TEST(every_element_must_be_a_pair),
	 TEST(unknown_keys_are_refused),
	 TEST(ignore_unknown_may_stand_anywhere),
	 TEST(ignore_unknown_must_be_a_boolean), TEST(an_error_gives_no_value),
	 TEST(very_long_lists_are_cut_off_in_the_message),
	 TEST(variables_are_found_by_their_whole_name))
