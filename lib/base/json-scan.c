// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json-scan.c - RFC 8259 to the letter. cJSON accepts "{} x", "01", "\u0000"
 * (and ends the string there) and any bytes inside a string; a configuration
 * with these is refused instead of being half understood.
 */
#include "base/json-scan.h"

#include <stdint.h>
#include <string.h>

struct scan {
	const char *p, *end;
};

size_t js_utf8_len(const char *str, size_t n)
{
	const uint8_t *s = (const uint8_t *)str;
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (n == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len)
		return 0;
	/* the second byte's range rules out overlong forms and surrogates */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return len;
}

static void space(struct scan *s)
{
	while (s->p < s->end && memchr(" \t\r\n", *s->p, 4))
		s->p++;
}

static int hex4(struct scan *s)
{
	int v = 0;

	if (s->end - s->p < 4)
		return -1;
	for (int i = 0; i < 4; i++, s->p++) {
		char c = *s->p;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* after a backslash */
static const char *escape(struct scan *s)
{
	int v;

	if (s->p == s->end)
		return "unexpected end of JSON input";
	if (*s->p != 'u')
		return memchr("\"\\/bfnrt", *s->p++, 8)
			       ? NULL
			       : "invalid escape in a string";
	s->p++;
	v = hex4(s);
	if (v < 0)
		return "invalid \\u escape in a string";
	if (v == 0)
		return "\\u0000 in a string";
	if (v >= 0xdc00 && v <= 0xdfff)
		return "unpaired surrogate in a string";
	if (v >= 0xd800 && v <= 0xdbff) {
		if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
			return "unpaired surrogate in a string";
		s->p += 2;
		v = hex4(s);
		if (v < 0xdc00 || v > 0xdfff)
			return "unpaired surrogate in a string";
	}
	return NULL;
}

static const char *string(struct scan *s)
{
	const char *why;
	size_t n;

	s->p++;
	while (s->p < s->end) {
		if (*s->p == '"') {
			s->p++;
			return NULL;
		}
		if ((uint8_t)*s->p < 0x20)
			return "control character in a string";
		if (*s->p == '\\') {
			s->p++;
			why = escape(s);
			if (why)
				return why;
			continue;
		}
		n = js_utf8_len(s->p, (size_t)(s->end - s->p));
		if (n == 0)
			return "invalid UTF-8 in a string";
		s->p += n;
	}
	return "unexpected end of JSON input";
}

static size_t digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - from);
}

/* cJSON reads this many characters of a number, and stumbles over the rest */
#define NUMBER_MAX 63

static const char *number(struct scan *s)
{
	static const char bad[] = "invalid number";
	const char *from = s->p;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (digits(s) == 0)
		return bad;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (digits(s) == 0)
			return bad;
	}
	if (s->p < s->end && (*s->p | 0x20) == 'e') {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (digits(s) == 0)
			return bad;
	}
	return s->p - from > NUMBER_MAX ? "number longer than 63 characters"
					: NULL;
}

static const char *literal(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return "invalid value";
	s->p += n;
	return NULL;
}

static const char *value(struct scan *s, unsigned depth);

/* one member's key and colon */
static const char *member_key(struct scan *s)
{
	const char *why;

	if (s->p == s->end)
		return "unexpected end of JSON input";
	if (*s->p != '"')
		return "expected a string as key";
	why = string(s);
	if (why)
		return why;
	space(s);
	if (s->p == s->end)
		return "unexpected end of JSON input";
	if (*s->p != ':')
		return "expected ':' after a key";
	s->p++;
	return NULL;
}

/* an object or array, from its opening to its closing character */
static const char *container(struct scan *s, unsigned depth)
{
	char close = *s->p == '{' ? '}' : ']';
	const char *why;

	if (depth == 0)
		return JS_TOO_DEEP;
	s->p++;
	space(s);
	if (s->p < s->end && *s->p == close) {
		s->p++;
		return NULL;
	}
	for (;;) {
		space(s);
		if (close == '}') {
			why = member_key(s);
			if (why)
				return why;
		}
		why = value(s, depth - 1);
		if (why)
			return why;
		space(s);
		if (s->p == s->end)
			return "unexpected end of JSON input";
		if (*s->p == close) {
			s->p++;
			return NULL;
		}
		if (*s->p != ',')
			return "expected ',' or the end of an object or array";
		s->p++;
	}
}

static const char *value(struct scan *s, unsigned depth)
{
	space(s);
	if (s->p == s->end)
		return "unexpected end of JSON input";
	switch (*s->p) {
	case '{':
	case '[':
		return container(s, depth);
	case '"':
		return string(s);
	case 't':
		return literal(s, "true");
	case 'f':
		return literal(s, "false");
	case 'n':
		return literal(s, "null");
	default:
		if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
			return number(s);
	}
	return "invalid value";
}

const char *js_scan(const char *text, size_t len, unsigned depth, size_t *at)
{
	struct scan s = { text, text + len };
	const char *why = value(&s, depth);

	if (!why) {
		space(&s);
		if (s.p != s.end)
			why = "invalid character after top-level value";
	}
	*at = (size_t)(s.p - text);
	return why;
}
