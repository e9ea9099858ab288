// SPDX-License-Identifier: GPL-2.0-or-later
/* json-scan.c - what is JSON, what is not, and where it stops being it */
#include "base/json-scan.h"

#include <stdlib.h>

#include "base/auto.h"
#include "tap.h"

/*
 * The verdict on a text of len bytes, which lie at the very end of an
 * allocation, so that a sanitizer sees a read behind them.
 */
static const char *scan_n(const char *text, size_t len, size_t *at)
{
	AUTO(str) char *copy = malloc(len + 1);
	const char *why;

	if (!copy)
		abort();
	memcpy(copy + 1, text, len);
	why = js_scan(copy + 1, len, 200, at);
	return why ? why : "fine";
}

static const char *scan(const char *text)
{
	size_t at;

	return scan_n(text, strlen(text), &at);
}

static void accepts_what_is_json(void)
{
	static const char *const good[] = {
		"{}",
		"[]",
		" \t\r\n{ } \n",
		"null",
		"true",
		"false",
		"\"\"",
		"0",
		"-0",
		"7",
		"-12.50",
		"0.5e-10",
		"1E+2",
		"1e5",
		"[1]",
		"[1,[2,[]],{}]",
		"{\"a\":1}",
		"{\"\":\"\"}",
		"{ \"a\" : 1 , \"a\" : null }",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\"",
		"\"\\ud800\\udc00\\uDBFF\\uDFFF\\ud83d\\udc04\\uFFFD\\uabcd\\uABCD\"",
		"\"\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf "
		"\xee\x80\x80 \xef\xbf\xbf \xf0\x90\x80\x80 "
		"\xf4\x8f\xbf\xbf\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		EQ_STR(scan(good[i]), "fine");
}

#define END "unexpected end of JSON input"

static void names_what_is_wrong_and_where(void)
{
	static const struct {
		const char *text, *why;
		size_t at;
	} t[] = {
		{ "", END, 0 },
		{ "  ", END, 2 },
		{ "{", END, 1 },
		{ "{ ", END, 2 },
		{ "{\"a", END, 3 },
		{ "{\"a\"", END, 4 },
		{ "{\"a\":", END, 5 },
		{ "{\"a\":1", END, 6 },
		{ "{\"a\":1,", END, 7 },
		{ "[", END, 1 },
		{ "[1", END, 2 },
		{ "[1,", END, 3 },
		{ "\"", END, 1 },
		{ "\"\\", END, 2 },
		{ "}", "invalid value", 0 },
		{ "]", "invalid value", 0 },
		{ "nul", "invalid value", 0 },
		{ "nulL", "invalid value", 0 },
		{ "True", "invalid value", 0 },
		{ "+1", "invalid value", 0 },
		{ ".5", "invalid value", 0 },
		{ "NaN", "invalid value", 0 },
		{ "'a'", "invalid value", 0 },
		{ "/**/1", "invalid value", 0 },
		{ "\xef\xbb\xbf{}", "invalid value", 0 },
		{ "[,1]", "invalid value", 1 },
		{ "[1,]", "invalid value", 3 },
		{ "-", "invalid number", 1 },
		{ "-a", "invalid number", 1 },
		{ "1.", "invalid number", 2 },
		{ "1.e5", "invalid number", 2 },
		{ "1e", "invalid number", 2 },
		{ "1e+", "invalid number", 3 },
		{ "{1:2}", "expected a string as key", 1 },
		{ "{a:2}", "expected a string as key", 1 },
		{ "{,}", "expected a string as key", 1 },
		{ "{\"a\":1,}", "expected a string as key", 7 },
		{ "{\"a\" 1}", "expected ':' after a key", 5 },
		{ "{\"a\":1 \"b\":2}",
		  "expected ',' or the end of an object or array", 7 },
		{ "[1 2]", "expected ',' or the end of an object or array", 3 },
		{ "[1}", "expected ',' or the end of an object or array", 2 },
		{ "{\"a\":1]", "expected ',' or the end of an object or array",
		  6 },
		{ "[01]", "expected ',' or the end of an object or array", 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		size_t at = 99;

		EQ_STR(scan_n(t[i].text, strlen(t[i].text), &at), t[i].why);
		EQ_INT(at, t[i].at);
	}
}

static void nothing_may_follow(void)
{
	static const char after[] = "invalid character after top-level value";

	EQ_STR(scan("{}x"), after);
	EQ_STR(scan("{} {}"), after);
	EQ_STR(scan("{},"), after);
	EQ_STR(scan("1 2"), after);
	EQ_STR(scan("01"), after);
	EQ_STR(scan("0x1"), after);
	EQ_STR(scan("nullx"), after);
	EQ_STR(scan("{}\f"), after);
	EQ_STR(scan("{}\v"), after);
	EQ_STR(scan("{}\xc2\xa0"), after);
}

static void a_nul_byte_is_no_white_space(void)
{
	size_t at;

	EQ_STR(scan_n("{}\0", 3, &at),
	       "invalid character after top-level value");
	EQ_INT(at, 2);
	EQ_STR(scan_n("\0{}", 3, &at), "invalid value");
	EQ_STR(scan_n("{\0}", 3, &at), "expected a string as key");
	EQ_STR(scan_n("\"a\0b\"", 5, &at), "control character in a string");
	EQ_STR(scan_n("\"\\\0\"", 4, &at), "invalid escape in a string");
	EQ_STR(scan_n("[1\0]", 4, &at),
	       "expected ',' or the end of an object or array");
}

static void strings_must_be_text(void)
{
	static const char utf8[] = "invalid UTF-8 in a string";
	static const char pair[] = "unpaired surrogate in a string";
	static const char esc[] = "invalid escape in a string";
	static const char hex[] = "invalid \\u escape in a string";
	static const struct {
		const char *text, *why;
	} t[] = {
		{ "\"\x01\"", "control character in a string" },
		{ "\"\x1f\"", "control character in a string" },
		{ "\"\n\"", "control character in a string" },
		{ "\"\\x\"", esc },
		{ "\"\\'\"", esc },
		{ "\"\\U0041\"", esc },
		{ "\"\\u\"", hex },
		{ "\"\\u12\"", hex },
		{ "\"\\u123", hex },
		{ "\"\\u12g4\"", hex },
		{ "\"\\u 123\"", hex },
		{ "\"\\u0000\"", "\\u0000 in a string" },
		{ "\"\\ud800\"", pair },
		{ "\"\\ud800", pair },
		{ "\"\\ud800x\"", pair },
		{ "\"\\ud800\\n\"", pair },
		{ "\"\\ud800\\u0041\"", pair },
		{ "\"\\ud800\\ud800\"", pair },
		{ "\"\\ud800\\u", pair },
		{ "\"\\udc00\"", pair },
		{ "\"\\udfff\\ud800\"", pair },
		{ "\"\x80\"", utf8 },
		{ "\"\xbf\"", utf8 },
		{ "\"\xc0\x80\"", utf8 },
		{ "\"\xc1\xbf\"", utf8 },
		{ "\"\xc3\"", utf8 },
		{ "\"\xc3\xc3\"", utf8 },
		{ "\"\xe0\x9f\xbf\"", utf8 },
		{ "\"\xe2\x82\"", utf8 },
		{ "\"\xe2\x82", utf8 },
		{ "\"\xed\xa0\x80\"", utf8 },
		{ "\"\xf0\x8f\xbf\xbf\"", utf8 },
		{ "\"\xf0\x9f\x90\"", utf8 },
		{ "\"\xf4\x90\x80\x80\"", utf8 },
		{ "\"\xf5\x80\x80\x80\"", utf8 },
		{ "\"\xff\"", utf8 },
		{ "{\"\xff\":1}", utf8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		EQ_STR(scan(t[i].text), t[i].why);
}

/* every beginning of a text with everything in it is refused, in bounds */
static void every_beginning_is_refused(void)
{
	static const char text[] =
		"{\"a\":[1,-2.5e+3,true,false,null,{}],\"\\ud83d\\udc04\\n\":"
		"\"\xf0\x9f\x90\x84\xe2\x82\xac\",\"b\":{\"c\":[]}}";
	size_t at;

	EQ_STR(scan(text), "fine");
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		OK(strcmp(scan_n(text, n, &at), "fine") != 0);
		OK(at <= n);
	}
}

static void depth_is_limited(void)
{
	char text[64];
	size_t at;

	EQ_INT(js_scan("[[]]", 4, 2, &at) == NULL, 1);
	EQ_STR(js_scan("[[]]", 4, 1, &at), "nested too deeply");
	EQ_INT(at, 1);
	EQ_STR(js_scan("{\"a\":{}}", 8, 1, &at), "nested too deeply");
	EQ_STR(js_scan("[]", 2, 0, &at), "nested too deeply");
	EQ_INT(js_scan("1", 1, 0, &at) == NULL, 1);
	memset(text, '[', sizeof(text));
	EQ_STR(js_scan(text, sizeof(text), 63, &at), "nested too deeply");
	EQ_INT(at, 63);
}

static void numbers_have_a_length(void)
{
	char text[80];
	size_t at;

	memset(text, '1', sizeof(text));
	EQ_STR(scan_n(text, 63, &at), "fine");
	EQ_STR(scan_n(text, 64, &at), "number longer than 63 characters");
	memcpy(text, "-0.", 3);
	EQ_STR(scan_n(text, 63, &at), "fine");
	EQ_STR(scan_n(text, 64, &at), "number longer than 63 characters");
}

static void measures_utf8_characters(void)
{
	EQ_INT(js_utf8_len("a", 1), 1);
	EQ_INT(js_utf8_len("", 1), 1);
	EQ_INT(js_utf8_len("a", 0), 0);
	EQ_INT(js_utf8_len("\xc3\xa9z", 3), 2);
	EQ_INT(js_utf8_len("\xc3\xa9", 1), 0);
	EQ_INT(js_utf8_len("\xe2\x82\xac", 3), 3);
	EQ_INT(js_utf8_len("\xe2\x82\xac", 2), 0);
	EQ_INT(js_utf8_len("\xf0\x9f\x90\x84", 4), 4);
	EQ_INT(js_utf8_len("\xf0\x9f\x90\x84", 3), 0);
	EQ_INT(js_utf8_len("\x80", 1), 0);
	EQ_INT(js_utf8_len("\xe2\x82z", 3), 0);
	EQ_INT(js_utf8_len("\xf0\x9f\x90z", 4), 0);
}

TAP_MAIN(TEST(accepts_what_is_json), TEST(names_what_is_wrong_and_where),
	 TEST(nothing_may_follow), TEST(a_nul_byte_is_no_white_space),
	 TEST(strings_must_be_text), TEST(every_beginning_is_refused),
	 TEST(depth_is_limited), TEST(numbers_have_a_length),
	 TEST(measures_utf8_characters))
