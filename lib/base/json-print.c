// SPDX-License-Identifier: GPL-2.0-or-later
/* json-print.c - JSON text the way the reference prints it */
#include "base/json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/json-scan.h"

static void indent(FILE *f, unsigned depth)
{
	fputc('\n', f);
	for (unsigned i = 0; i < depth; i++)
		fputs("    ", f);
}

/*
 * A message may quote what a caller sent, and may be cut in the middle of a
 * character: bytes that are not UTF-8 become U+FFFD, so stdout is always JSON.
 */
static void print_string(FILE *f, const char *s)
{
	/* what follows the backslash */
	static const char letter[256] = {
		['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
	};

	fputc('"', f);
	for (size_t n = 0; *s; s += n) {
		uint8_t c = (uint8_t)*s;

		n = js_utf8_len(s, strnlen(s, 4));
		if (n == 0) {
			fputs("\\ufffd", f);
			n = 1;
		} else if (letter[c]) {
			fprintf(f, "\\%c", letter[c]);
		} else if (c < 0x20 || c == '<' || c == '>' || c == '&') {
			fprintf(f, "\\u%04x", c);
		} else if (n == 3 && (memcmp(s, "\xe2\x80\xa8", 3) == 0 ||
				      memcmp(s, "\xe2\x80\xa9", 3) == 0)) {
			fprintf(f, "\\u202%c", s[2] == '\xa8' ? '8' : '9');
		} else {
			fwrite(s, 1, n, f);
		}
	}
	fputc('"', f);
}

/* A number too large for a double stays so: "inf" would be no JSON. */
static void print_number(FILE *f, double v)
{
	if (isinf(v))
		fputs(v < 0 ? "-1e999" : "1e999", f);
	else
		fprintf(f, "%.17g", v);
}

static void print_value(FILE *f, const cJSON *v, unsigned depth)
{
	bool obj = cJSON_IsObject(v);

	if (cJSON_IsString(v)) {
		print_string(f, v->valuestring);
	} else if (cJSON_IsNumber(v)) {
		print_number(f, v->valuedouble);
	} else if (cJSON_IsBool(v)) {
		fputs(cJSON_IsTrue(v) ? "true" : "false", f);
	} else if (obj || cJSON_IsArray(v)) {
		fputc(obj ? '{' : '[', f);
		for (const cJSON *m = v->child; m; m = m->next) {
			indent(f, depth + 1);
			if (obj) {
				print_string(f, m->string);
				fputs(": ", f);
			}
			print_value(f, m, depth + 1);
			if (m->next)
				fputc(',', f);
		}
		if (v->child)
			indent(f, depth);
		fputc(obj ? '}' : ']', f);
	} else {
		fputs("null", f);
	}
}

char *js_print(const cJSON *v)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	bool failed;

	if (!f)
		return NULL;
	print_value(f, v, 0);
	failed = ferror(f) != 0;
	if (fclose(f) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
