// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - strict parsing and typed access to members */
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json-scan.h"

cJSON *js_parse(const char *text, size_t len, char *why, size_t whysize)
{
	size_t at = 0;
	const char *problem = js_scan(text, len, JS_DEPTH, &at);
	cJSON *v;

	if (problem) {
		if (strcmp(problem, JS_TOO_DEEP) == 0)
			snprintf(why, whysize, "%s at byte %zu: more than %d",
				 problem, at, JS_DEPTH);
		else
			snprintf(why, whysize, "%s at byte %zu", problem, at);
		return NULL;
	}
	v = cJSON_ParseWithLength(text, len);
	if (!v)
		snprintf(why, whysize, "cannot parse: out of memory");
	return v;
}

/* Moves the members of one object to the end of another one. */
static void merge(cJSON *into, cJSON *from)
{
	while (from->child) {
		cJSON *m = cJSON_DetachItemViaPointer(from, from->child);

		/* keeps the key m has: unlike AddItemToObject, no copy */
		cJSON_AddItemToArray(into, m);
	}
}

cJSON *js_get(cJSON *obj, const char *key)
{
	cJSON *found = NULL;

	if (!cJSON_IsObject(obj))
		return NULL;
	for (cJSON *m = obj->child; m; m = m->next) {
		if (cJSON_IsNull(m) || strcasecmp(m->string, key) != 0)
			continue;
		if (cJSON_IsObject(found) && cJSON_IsObject(m))
			merge(found, m);
		else
			found = m;
	}
	return found;
}

const char *js_kind(const cJSON *v)
{
	if (cJSON_IsString(v))
		return "a string";
	if (cJSON_IsNumber(v))
		return "a number";
	if (cJSON_IsBool(v))
		return "a boolean";
	if (cJSON_IsObject(v))
		return "an object";
	if (cJSON_IsArray(v))
		return "an array";
	return "null";
}

static int wrong(struct js_why *why, const char *key, const char *want,
		 const cJSON *v)
{
	snprintf(why->text, sizeof(why->text), "\"%s\": expected %s, got %s",
		 key, want, js_kind(v));
	return -EINVAL;
}

int js_str(cJSON *obj, const char *key, const char **ret, struct js_why *why)
{
	const cJSON *v = js_get(obj, key);

	if (!v)
		return 0;
	if (!cJSON_IsString(v))
		return wrong(why, key, "a string", v);
	*ret = v->valuestring;
	return 1;
}

int js_bool(cJSON *obj, const char *key, bool *ret, struct js_why *why)
{
	const cJSON *v = js_get(obj, key);

	if (!v)
		return 0;
	if (!cJSON_IsBool(v))
		return wrong(why, key, "true or false", v);
	*ret = cJSON_IsTrue(v);
	return 1;
}

int js_int(cJSON *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
	   struct js_why *why)
{
	/* a double is exact up to 2^53, and no key needs more */
	const double exact = 9007199254740992;
	const cJSON *v = js_get(obj, key);

	if (!v)
		return 0;
	if (!cJSON_IsNumber(v))
		return wrong(why, key, "a whole number", v);
	if (v->valuedouble < -exact || v->valuedouble > exact ||
	    v->valuedouble != (double)(int64_t)v->valuedouble ||
	    v->valuedouble < (double)min || v->valuedouble > (double)max) {
		snprintf(why->text, sizeof(why->text),
			 "\"%s\": expected a whole number from %lld to %lld, "
			 "got %.17g",
			 key, (long long)min, (long long)max, v->valuedouble);
		return -EINVAL;
	}
	*ret = (int64_t)v->valuedouble;
	return 1;
}

int js_obj(cJSON *obj, const char *key, cJSON **ret, struct js_why *why)
{
	cJSON *v = js_get(obj, key);

	if (!v)
		return 0;
	if (!cJSON_IsObject(v))
		return wrong(why, key, "an object", v);
	*ret = v;
	return 1;
}

int js_arr(cJSON *obj, const char *key, cJSON **ret, struct js_why *why)
{
	cJSON *v = js_get(obj, key);
	const cJSON *e;

	if (!v)
		return 0;
	if (!cJSON_IsArray(v))
		return wrong(why, key, "an array", v);
	cJSON_ArrayForEach (e, v) {
		if (cJSON_IsNull(e)) {
			snprintf(why->text, sizeof(why->text),
				 "\"%s\": null in an array", key);
			return -EINVAL;
		}
	}
	*ret = v;
	return 1;
}
