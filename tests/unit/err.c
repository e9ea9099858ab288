// SPDX-License-Identifier: GPL-2.0-or-later
/* err.c - reporting: first one wins, nothing overflows, always valid JSON */
#include "base/err.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "tap.h"

/* the JSON; good until the next call */
static const char *json(const struct cni_err *err, const char *version)
{
	static char buf[32768];
	AUTO(str) char *text = cni_err_json(err, version);

	if (!text)
		abort();
	snprintf(buf, sizeof(buf), "%s", text);
	return buf;
}

static void the_first_report_is_the_message(void)
{
	struct cni_err err = { 0 };

	EQ_INT(cni_fail(&err, CNI_EKERNEL, -EPERM, "cannot add %s", "eth0"),
	       -1);
	OK(err.set);
	EQ_INT(err.code, 100);
	EQ_STR(err.msg, "cannot add eth0");
	EQ_STR(err.details, "Operation not permitted");
}

static void later_reports_are_details(void)
{
	struct cni_err err = { 0 };

	cni_fail(&err, CNI_EPOOL, 0, "no address left");
	EQ_STR(err.details, "");
	EQ_INT(cni_fail(&err, CNI_EIO, -ENOENT, "cannot read %s", "/x"), -1);
	cni_detail(&err, "could not %s", "undo");
	cni_fail(&err, CNI_EIO, 0, "and so on");
	EQ_INT(err.code, CNI_EPOOL);
	EQ_STR(err.msg, "no address left");
	EQ_STR(err.details, "cannot read /x: No such file or directory; could "
			    "not undo; and so on");
}

static void a_new_report_starts_clean(void)
{
	struct cni_err err = { .msg = "old", .details = "old" };

	cni_fail(&err, CNI_ECONF, 0, "new");
	EQ_STR(err.msg, "new");
	EQ_STR(err.details, "");
}

static void prints_the_specifications_json(void)
{
	struct cni_err err = { 0 };

	EQ_STR(json(&err, "0.4.0"), "{\n"
				    "    \"cniVersion\": \"0.4.0\",\n"
				    "    \"code\": 0,\n"
				    "    \"msg\": \"\"\n"
				    "}");
	cni_fail(&err, 4294967295u, 0, "\"a\" <b>\n");
	cni_detail(&err, "\\ & \x01\x7f");
	EQ_STR(json(&err, "1.1.0"),
	       "{\n"
	       "    \"cniVersion\": \"1.1.0\",\n"
	       "    \"code\": 4294967295,\n"
	       "    \"msg\": \"\\\"a\\\" \\u003cb\\u003e\\n\",\n"
	       "    \"details\": \"\\\\ \\u0026 \\u0001\x7f\"\n"
	       "}");
}

/* n times s */
static char *times(size_t n, const char *s)
{
	size_t len = strlen(s);
	char *text = malloc(n * len + 1);

	if (!text)
		abort();
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, s, len);
	text[n * len] = '\0';
	return text;
}

static void too_much_is_cut_off(void)
{
	AUTO(str) char *text = times(10000, "x");
	struct cni_err err = { 0 };

	cni_fail(&err, CNI_EIO, -EIO, "%s", text);
	EQ_INT(strlen(err.msg), sizeof(err.msg) - 1);
	EQ_STR(err.details, "Input/output error");
	cni_fail(&err, CNI_EIO, -EIO, "%s", text);
	EQ_INT(strlen(err.details), sizeof(err.details) - 1);
	cni_detail(&err, "%s", text);
	cni_fail(&err, CNI_EIO, -EIO, "%s", text);
	EQ_INT(strlen(err.details), sizeof(err.details) - 1);
	EQ_INT(err.code, CNI_EIO);
}

/* whatever room is left when the next detail comes */
static void every_fill_level_is_safe(void)
{
	for (size_t left = 0; left < 12; left++) {
		struct cni_err err = { 0 };
		AUTO(str)
		char *text = times(sizeof(err.details) - 1 - left, "x");

		cni_fail(&err, CNI_EIO, 0, "m");
		cni_detail(&err, "%s", text);
		cni_fail(&err, CNI_EIO, -EIO, "abc");
		cni_detail(&err, "def");
		OK(strlen(err.details) < sizeof(err.details));
		OK(strlen(err.details) >= strlen(text));
	}
}

/* a message cut inside a character of two, three or four bytes */
static void a_character_cut_in_two_is_still_json(void)
{
	static const char *const chars[] = { "\xc3\xa9", "\xe2\x82\xac",
					     "\xf0\x9f\x90\x84" };

	for (size_t i = 0; i < ARRAY_SIZE(chars); i++) {
		for (int shift = 0; shift < 4; shift++) {
			AUTO(str) char *text = times(2000, chars[i]);
			AUTO(json) cJSON *v = NULL;
			struct cni_err err = { 0 };
			const char *out;
			char why[128];

			cni_fail(&err, CNI_EIO, 0, "%.*s%s", shift, "xxx",
				 text);
			cni_detail(&err, "%.*s%s", shift, "xxx", text);
			out = json(&err, "1.1.0");
			v = js_parse(out, strlen(out), why, sizeof(why));
			OK(v);
			OK(strstr(out, chars[i]));
		}
	}
}

static void bytes_that_are_no_text_are_still_json(void)
{
	struct cni_err err = { 0 };

	cni_fail(&err, CNI_EENV, 0, "a\xff\xc3 \xed\xa0\x80 \xc0\xaf b");
	EQ_STR(json(&err, "1.1.0"),
	       "{\n"
	       "    \"cniVersion\": \"1.1.0\",\n"
	       "    \"code\": 4,\n"
	       "    \"msg\": \"a\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd "
	       "\\ufffd\\ufffd b\"\n"
	       "}");
}

static void a_prefix_is_before_the_message(void)
{
	struct cni_err err = { 0 };
	char text[sizeof(err.msg) + 1];

	cni_fail(&err, CNI_ECONF, -EIO, "bad");
	cni_err_prefix(&err, "so: ");
	EQ_STR(err.msg, "so: bad");
	EQ_STR(err.details, strerror(EIO));
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err = (struct cni_err){ 0 };
	cni_fail(&err, CNI_ECONF, 0, "%s", text);
	cni_err_prefix(&err, "so: ");
	EQ_INT(strlen(err.msg), sizeof(err.msg) - 1);
	EQ_INT(strncmp(err.msg, "so: xxx", 7), 0);
}

TAP_MAIN(TEST(the_first_report_is_the_message), TEST(later_reports_are_details),
	 TEST(a_new_report_starts_clean), TEST(prints_the_specifications_json),
	 TEST(too_much_is_cut_off), TEST(every_fill_level_is_safe),
	 TEST(a_character_cut_in_two_is_still_json),
	 TEST(bytes_that_are_no_text_are_still_json),
	 TEST(a_prefix_is_before_the_message))
