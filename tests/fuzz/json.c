// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - the scanner, the parser behind it, and printing: what the scanner
 * lets through cJSON understands, and what is printed is read again
 */
#include "base/json.h"

#include "base/json-scan.h"
#include "fuzz.h"

/* Keys for js_get(), which moves members of objects with one name together. */
static void touch(cJSON *obj)
{
	static const char *const keys[] = { "a", "ipam", "" };
	struct js_why why;
	cJSON *found = NULL;
	const char *s = NULL;
	int64_t number = 5;
	bool flag;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (js_int(obj, keys[i], -5, 1000, &number, &why) < 0)
			MUST(memchr(why.text, '\0', sizeof(why.text)));
		MUST(number >= -5 && number <= 1000);
		js_bool(obj, keys[i], &flag, &why);
		if (js_str(obj, keys[i], &s, &why) > 0)
			MUST(strlen(s) < SIZE_MAX);
		js_arr(obj, keys[i], &found, &why);
		if (js_obj(obj, keys[i], &found, &why) > 0)
			MUST(cJSON_IsObject(found));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(json) cJSON *first = NULL;
	AUTO(json) cJSON *second = NULL;
	AUTO(str) char *text = NULL;
	AUTO(str) char *again = NULL;
	size_t at = SIZE_MAX;
	char why[128] = "";
	const char *problem = js_scan((const char *)data, size, JS_DEPTH, &at);

	MUST(at <= size);
	first = js_parse((const char *)data, size, why, sizeof(why));
	MUST(!first == (problem != NULL));
	MUST(!first == (why[0] != '\0'));
	if (!first)
		return 0;
	text = js_print(first);
	MUST(text);
	second = js_parse(text, strlen(text), why, sizeof(why));
	/* the indent makes a number no longer */
	MUST(second);
	again = js_print(second);
	MUST(again && strcmp(text, again) == 0);
	touch(first);
	return 0;
}
