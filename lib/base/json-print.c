// SPDX-License-Identifier: GPL-2.0-or-later
/* json-print.c - JSON text the way the reference prints it */
#include "base/json.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json-scan.h"
#include "base/text.h"

static void indent(struct text *t, unsigned depth)
{
	text_put(t, "\n");
	for (unsigned i = 0; i < depth; i++)
		text_put(t, "    ");
}

/*
 * A message may quote what a caller sent, and may be cut in the middle of a
 * character: bytes that are not UTF-8 become U+FFFD, so stdout is always JSON.
 */
static void print_string(struct text *t, const char *s)
{
	/* what follows the backslash */
	static const char letter[256] = {
		['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
	};

	text_put(t, "\"");
	for (size_t n = 0; *s; s += n) {
		uint8_t c = (uint8_t)*s;

		n = js_utf8_len(s, strnlen(s, 4));
		if (n == 0) {
			text_put(t, "\\ufffd");
			n = 1;
		} else if (letter[c]) {
			text_printf(t, "\\%c", letter[c]);
		} else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
			text_printf(t, "\\u%04x", c);
		} else if (n == 3 && (memcmp(s, "\xe2\x80\xa8", 3) == 0 ||
				      memcmp(s, "\xe2\x80\xa9", 3) == 0)) {
			text_printf(t, "\\u202%c", s[2] == '\xa8' ? '8' : '9');
		} else {
			text_add(t, s, n);
		}
	}
	text_put(t, "\"");
}

/* A number too large for a double stays so: "inf" would be no JSON. */
static void print_number(struct text *t, double v)
{
	if (isinf(v))
		text_put(t, v < 0 ? "-1e999" : "1e999");
	else
		text_printf(t, "%.17g", v);
}

static void print_value(struct text *t, const cJSON *v, unsigned depth)
{
	bool obj = cJSON_IsObject(v);

	if (cJSON_IsString(v)) {
		print_string(t, v->valuestring);
	} else if (cJSON_IsNumber(v)) {
		print_number(t, v->valuedouble);
	} else if (cJSON_IsBool(v)) {
		text_put(t, cJSON_IsTrue(v) ? "true" : "false");
	} else if (obj || cJSON_IsArray(v)) {
		text_put(t, obj ? "{" : "[");
		for (const cJSON *m = v->child; m; m = m->next) {
			indent(t, depth + 1);
			if (obj) {
				print_string(t, m->string);
				text_put(t, ": ");
			}
			print_value(t, m, depth + 1);
			if (m->next)
				text_put(t, ",");
		}
		if (v->child)
			indent(t, depth);
		text_put(t, obj ? "}" : "]");
	} else {
		text_put(t, "null");
	}
}

char *js_print(const cJSON *v)
{
	AUTO(text) struct text t = { 0 };

	print_value(&t, v, 0);
	return text_take(&t);
}
