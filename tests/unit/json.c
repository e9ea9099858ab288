// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - parsing, and typed access to members by the reference's key rules */
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>

#include "tap.h"

static cJSON *parse(const char *text)
{
	char why[128] = "";
	cJSON *v = js_parse(text, strlen(text), why, sizeof(why));

	if (!v)
		printf("# %s: %s\n", text, why);
	OK(v);
	return v;
}

static void parses_what_the_scanner_lets_through(void)
{
	static const char *const good[] = {
		"1",
		"-0.5e1",
		"\"x\"",
		"null",
		"true",
		"[]",
		"{}",
		" [1 ] ",
		"123456789012345678901234567890123456789012345678901234567890"
		"123",
		"0.00000000000000000000000000000000000000000000000000000000000"
		"01"
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		AUTO(json) cJSON *v = parse(good[i]);

		OK(v);
	}
}

static void says_why_it_refuses(void)
{
	char why[128], tiny[4];

	OK(!js_parse("{} x", 4, why, sizeof(why)));
	EQ_STR(why, "invalid character after top-level value at byte 3");
	OK(!js_parse("\"\\u0000\"", 8, why, sizeof(why)));
	EQ_STR(why, "\\u0000 in a string at byte 7");
	OK(!js_parse("{", 1, tiny, sizeof(tiny)));
	EQ_STR(tiny, "une");
}

static void only_the_length_counts(void)
{
	char why[128];
	AUTO(json) cJSON *v = js_parse("12345", 2, why, sizeof(why));
	AUTO(json) cJSON *w = js_parse("[1]]]", 3, why, sizeof(why));

	EQ_INT(v->valuedouble, 12);
	EQ_INT(cJSON_GetArraySize(w), 1);
}

static void depth_is_limited(void)
{
	char text[2 * JS_DEPTH + 2], why[128];
	cJSON *v;

	memset(text, '[', JS_DEPTH);
	memset(text + JS_DEPTH, ']', JS_DEPTH);
	v = js_parse(text, 2 * JS_DEPTH, why, sizeof(why));
	OK(v);
	cJSON_Delete(v);
	memset(text, '[', JS_DEPTH + 1);
	memset(text + JS_DEPTH + 1, ']', JS_DEPTH + 1);
	OK(!js_parse(text, 2 * JS_DEPTH + 2, why, sizeof(why)));
	EQ_STR(why, "nested too deeply at byte 200: more than 200");
}

static void keys_match_in_any_case(void)
{
	AUTO(json) cJSON *v = parse("{\"isGateway\":1,\"x\":2}");

	EQ_INT(js_get(v, "isGateway")->valuedouble, 1);
	EQ_INT(js_get(v, "ISGATEWAY")->valuedouble, 1);
	EQ_INT(js_get(v, "isgateway")->valuedouble, 1);
	OK(!js_get(v, "isGatewa"));
	OK(!js_get(v, "isGateways"));
	OK(!js_get(v, ""));
}

static void the_last_one_wins_but_null_is_none(void)
{
	AUTO(json)
	cJSON *v = parse("{\"a\":1,\"A\":2,\"a\":null,\"b\":null,"
			 "\"c\":[1],\"C\":[2,3],\"d\":1,\"d\":\"s\"}");

	EQ_INT(js_get(v, "a")->valuedouble, 2);
	OK(!js_get(v, "b"));
	EQ_INT(cJSON_GetArraySize(js_get(v, "c")), 2);
	EQ_STR(js_get(v, "d")->valuestring, "s");
}

static void objects_of_one_name_are_merged(void)
{
	AUTO(json)
	cJSON *v = parse("{\"o\":{\"x\":1,\"y\":1,\"z\":{\"p\":1}},\"O\":null,"
			 "\"O\":{\"Y\":2,\"w\":3},\"o\":{\"x\":null,"
			 "\"z\":{\"q\":2}}}");

	/* twice, since the first time rebuilds the tree */
	for (int i = 0; i < 2; i++) {
		cJSON *o = js_get(v, "o");

		EQ_INT(js_get(o, "x")->valuedouble, 1);
		EQ_INT(js_get(o, "y")->valuedouble, 2);
		EQ_INT(js_get(o, "w")->valuedouble, 3);
		EQ_INT(js_get(js_get(o, "z"), "p")->valuedouble, 1);
		EQ_INT(js_get(js_get(o, "z"), "q")->valuedouble, 2);
	}
}

static void an_object_after_something_else_is_not_merged(void)
{
	AUTO(json) cJSON *v = parse("{\"o\":{\"x\":1},\"o\":[],\"o\":{}}");

	OK(cJSON_IsObject(js_get(v, "o")));
	OK(!js_get(js_get(v, "o"), "x"));
}

static void only_objects_have_members(void)
{
	AUTO(json) cJSON *v = parse("[{\"a\":1}]");

	OK(!js_get(NULL, "a"));
	OK(!js_get(v, "a"));
	OK(!js_get(v->child->child, "a"));
}

#define GET(want, call)                                                        \
	do {                                                                   \
		why.text[0] = '\0';                                            \
		EQ_INT(call, want);                                            \
	} while (0)

static void strings_and_booleans(void)
{
	AUTO(json)
	cJSON *v = parse("{\"s\":\"x\",\"n\":7,\"t\":true,"
			 "\"f\":false,\"z\":null,\"o\":{}}");
	const char *s = "default";
	struct js_why why;
	bool b = true;

	GET(0, js_str(v, "none", &s, &why));
	GET(0, js_str(v, "z", &s, &why));
	GET(-EINVAL, js_str(v, "n", &s, &why));
	EQ_STR(why.text, "\"n\": expected a string, got a number");
	EQ_STR(s, "default");
	GET(1, js_str(v, "S", &s, &why));
	EQ_STR(s, "x");
	EQ_STR(why.text, "");

	GET(0, js_bool(v, "none", &b, &why));
	GET(0, js_bool(v, "z", &b, &why));
	OK(b);
	GET(1, js_bool(v, "f", &b, &why));
	OK(!b);
	GET(1, js_bool(v, "t", &b, &why));
	OK(b);
	GET(-EINVAL, js_bool(v, "s", &b, &why));
	EQ_STR(why.text, "\"s\": expected true or false, got a string");
	GET(-EINVAL, js_bool(v, "n", &b, &why));
	EQ_STR(why.text, "\"n\": expected true or false, got a number");
	OK(b);
}

static void whole_numbers(void)
{
	AUTO(json)
	cJSON *v = parse("{\"a\":1500,\"neg\":-1,\"frac\":1.5,\"huge\":1e99,"
			 "\"inf\":1e999,\"s\":\"5\",\"t\":true,\"z\":null,"
			 "\"max\":4294967295,\"zero\":-0}");
	struct js_why why;
	int64_t n = 42;

	GET(0, js_int(v, "none", 0, 9, &n, &why));
	GET(0, js_int(v, "z", 0, 9, &n, &why));
	GET(-EINVAL, js_int(v, "a", 0, 1499, &n, &why));
	EQ_STR(why.text,
	       "\"a\": expected a whole number from 0 to 1499, got 1500");
	GET(-EINVAL, js_int(v, "neg", 0, 9, &n, &why));
	EQ_STR(why.text,
	       "\"neg\": expected a whole number from 0 to 9, got -1");
	GET(-EINVAL, js_int(v, "frac", 0, 9, &n, &why));
	EQ_STR(why.text,
	       "\"frac\": expected a whole number from 0 to 9, got 1.5");
	GET(-EINVAL, js_int(v, "huge", INT64_MIN, INT64_MAX, &n, &why));
	GET(-EINVAL, js_int(v, "inf", INT64_MIN, INT64_MAX, &n, &why));
	GET(-EINVAL, js_int(v, "s", 0, 9, &n, &why));
	EQ_STR(why.text, "\"s\": expected a whole number, got a string");
	GET(-EINVAL, js_int(v, "t", 0, 9, &n, &why));
	EQ_INT(n, 42);
	GET(1, js_int(v, "a", 0, 1500, &n, &why));
	EQ_INT(n, 1500);
	GET(1, js_int(v, "neg", -1, 0, &n, &why));
	EQ_INT(n, -1);
	GET(1, js_int(v, "max", 0, UINT32_MAX, &n, &why));
	EQ_INT(n, UINT32_MAX);
	GET(1, js_int(v, "zero", 0, 0, &n, &why));
	EQ_INT(n, 0);
}

static void objects_and_arrays(void)
{
	AUTO(json)
	cJSON *v = parse("{\"o\":{},\"a\":[1],\"e\":[],"
			 "\"n\":[1,null],\"z\":null}");
	cJSON *got = NULL;
	struct js_why why;

	GET(0, js_obj(v, "z", &got, &why));
	GET(-EINVAL, js_obj(v, "a", &got, &why));
	EQ_STR(why.text, "\"a\": expected an object, got an array");
	OK(!got);
	GET(1, js_obj(v, "o", &got, &why));
	OK(cJSON_IsObject(got));

	got = NULL;
	GET(0, js_arr(v, "z", &got, &why));
	GET(-EINVAL, js_arr(v, "o", &got, &why));
	EQ_STR(why.text, "\"o\": expected an array, got an object");
	GET(-EINVAL, js_arr(v, "n", &got, &why));
	EQ_STR(why.text, "\"n\": null in an array");
	OK(!got);
	GET(1, js_arr(v, "e", &got, &why));
	EQ_INT(cJSON_GetArraySize(got), 0);
	GET(1, js_arr(v, "a", &got, &why));
	EQ_INT(cJSON_GetArraySize(got), 1);
}

static void names_every_kind(void)
{
	AUTO(json) cJSON *v = parse("[\"\",1,false,{},[],null]");
	static const char *const kinds[] = { "a string",  "a number",
					     "a boolean", "an object",
					     "an array",  "null" };

	for (int i = 0; i < 6; i++)
		EQ_STR(js_kind(cJSON_GetArrayItem(v, i)), kinds[i]);
	EQ_STR(js_kind(NULL), "null");
}

static void a_long_key_cannot_overflow_the_reason(void)
{
	char key[1000];
	char text[1100];
	AUTO(json) cJSON *v = NULL;
	const char *s = NULL;
	struct js_why why;

	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"%s\":7}", key);
	v = parse(text);
	EQ_INT(js_str(v, key, &s, &why), -EINVAL);
	EQ_INT(strlen(why.text), sizeof(why.text) - 1);
}

TAP_MAIN(TEST(parses_what_the_scanner_lets_through), TEST(says_why_it_refuses),
	 TEST(only_the_length_counts), TEST(depth_is_limited),
	 TEST(keys_match_in_any_case), TEST(the_last_one_wins_but_null_is_none),
	 TEST(objects_of_one_name_are_merged),
	 TEST(an_object_after_something_else_is_not_merged),
	 TEST(only_objects_have_members), TEST(strings_and_booleans),
	 TEST(whole_numbers), TEST(objects_and_arrays), TEST(names_every_kind),
	 TEST(a_long_key_cannot_overflow_the_reason))
