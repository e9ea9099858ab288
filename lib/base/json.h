/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - strict JSON over cJSON, with the key rules of the reference */
#ifndef CNI_JSON_H
#define CNI_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

DEFINE_AUTO(json, cJSON *, cJSON_Delete)

/* nesting deeper than this is refused */
#define JS_DEPTH 200

/*
 * Parses exactly one JSON value with white space around it. Refuses what
 * cJSON lets pass: trailing bytes, invalid UTF-8, \u0000, unpaired
 * surrogates, numbers outside the grammar, deep nesting. Returns an owned
 * tree, or NULL and a sentence in why (what and at which byte).
 */
cJSON *js_parse(const char *text, size_t len, char *why, size_t whysize);

/*
 * The member named key: names match without regard to ASCII case and the
 * last one wins, but null leaves an earlier value untouched and several
 * objects of one name are merged (into the first one, in the tree). NULL if
 * absent or null. obj may be NULL or not an object: then NULL.
 */
cJSON *js_get(cJSON *obj, const char *key);

/*
 * Typed access to a member. An absent or null member returns 0 and leaves
 * *ret alone, so set the default before; a present one of the right type
 * returns 1. A wrong type returns -EINVAL and puts a sentence such as
 * `"mtu": expected a whole number, got a string` into why. js_int() refuses
 * fractions and values outside min..max. Strings are borrowed from the tree.
 */
struct js_why {
	char text[192];
};
int js_str(cJSON *obj, const char *key, const char **ret, struct js_why *why);
int js_bool(cJSON *obj, const char *key, bool *ret, struct js_why *why);
int js_int(cJSON *obj, const char *key, int64_t min, int64_t max, int64_t *ret,
	   struct js_why *why);
int js_obj(cJSON *obj, const char *key, cJSON **ret, struct js_why *why);
/* An array; with a null element it is -EINVAL. */
int js_arr(cJSON *obj, const char *key, cJSON **ret, struct js_why *why);

/* "a string", "null", ... for messages */
const char *js_kind(const cJSON *v);

/*
 * The tree as text the way the reference prints: four spaces of indent, <, >,
 * & and U+2028/9 escaped, no newline at the end. Returns an owned string, or
 * NULL for lack of memory.
 */
char *js_print(const cJSON *v);

#endif
