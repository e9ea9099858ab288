// SPDX-License-Identifier: GPL-2.0-or-later
/* json-print.c - text as the reference prints it, byte for byte */
#include "base/json.h"

#include <stdlib.h>

#include "tap.h"

/* text, parsed and printed again; good until the next call */
static const char *again(const char *text)
{
	static char buf[4096];
	char why[128];
	AUTO(json) cJSON *v = js_parse(text, strlen(text), why, sizeof(why));
	AUTO(str) char *out = v ? js_print(v) : NULL;

	if (!out)
		abort();
	snprintf(buf, sizeof(buf), "%s", out);
	return buf;
}

static void indents_by_four(void)
{
	EQ_STR(again("{\"b\":[1,[],{}, [ 2 ] ],\"a\":{\"x\":null}}"),
	       "{\n"
	       "    \"b\": [\n"
	       "        1,\n"
	       "        [],\n"
	       "        {},\n"
	       "        [\n"
	       "            2\n"
	       "        ]\n"
	       "    ],\n"
	       "    \"a\": {\n"
	       "        \"x\": null\n"
	       "    }\n"
	       "}");
}

static void values_alone(void)
{
	EQ_STR(again(" {} "), "{}");
	EQ_STR(again("[]"), "[]");
	EQ_STR(again("true"), "true");
	EQ_STR(again("false"), "false");
	EQ_STR(again("null"), "null");
	EQ_STR(again("\"\""), "\"\"");
	EQ_STR(again("0"), "0");
	EQ_STR(again("-1"), "-1");
	EQ_STR(again("4294967295"), "4294967295");
	EQ_STR(again("9007199254740992"), "9007199254740992");
	EQ_STR(again("1.5"), "1.5");
	EQ_STR(again("33333e403"), "1e999");
	EQ_STR(again("-1e309"), "-1e999");
}

static void strings_are_escaped_like_there(void)
{
	EQ_STR(again("\"\\\"\\\\\\/\""), "\"\\\"\\\\/\"");
	EQ_STR(again("\"\\b\\f\\n\\r\\t\""), "\"\\b\\f\\n\\r\\t\"");
	EQ_STR(again("\"\\u0001\\u001f\\u007f\""), "\"\\u0001\\u001f\x7f\"");
	EQ_STR(again("\"<a>&'\""), "\"\\u003ca\\u003e\\u0026'\"");
	EQ_STR(again("\"\\u2028\\u2029\""), "\"\\u2028\\u2029\"");
	EQ_STR(again("\"\\u2027\\u202a\\u00e9\""),
	       "\"\xe2\x80\xa7\xe2\x80\xaa\xc3\xa9\"");
	EQ_STR(again("\"\\ud83d\\udc04\""), "\"\xf0\x9f\x90\x84\"");
	EQ_STR(again("{\"<\\n>\":1}"), "{\n    \"\\u003c\\n\\u003e\": 1\n}");
}

static void bytes_that_are_no_text_are_replaced(void)
{
	AUTO(json) cJSON *v = cJSON_CreateString("a\xff\xe2\x82 \xf0\x9f\x90");
	AUTO(str) char *out = js_print(v);

	EQ_STR(out, "\"a\\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\\ufffd\"");
}

static void what_it_prints_it_can_read(void)
{
	static const char text[] = "{\"a\":[1,\"\\n<\\u2028>\",{\"b\":-5}]}";
	char first[4096];

	snprintf(first, sizeof(first), "%s", again(text));
	EQ_STR(again(first), first);
}

TAP_MAIN(TEST(indents_by_four), TEST(values_alone),
	 TEST(strings_are_escaped_like_there),
	 TEST(bytes_that_are_no_text_are_replaced),
	 TEST(what_it_prints_it_can_read))
