// SPDX-License-Identifier: GPL-2.0-or-later
/* answer.c - results and errors */
#include "answer.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stddef.h>

/* The one object that the text is, or NULL. */
static cJSON *object(const char *text)
{
	const char *end = NULL;
	cJSON *json = cJSON_ParseWithOpts(text, &end, 0);

	while (json && isspace((unsigned char)*end))
		end++;
	if (!cJSON_IsObject(json) || *end) {
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

static bool has_text(const cJSON *json, const char *key)
{
	const char *s = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(json, key));

	return s && *s;
}

bool answer_is_error(const char *text)
{
	cJSON *json = object(text);
	const cJSON *code = cJSON_GetObjectItemCaseSensitive(json, "code");
	bool ok = has_text(json, "cniVersion") && has_text(json, "msg") &&
		  cJSON_IsNumber(code) && code->valuedouble >= 0;

	cJSON_Delete(json);
	return ok;
}

bool answer_is_result(const char *text)
{
	cJSON *json = object(text);
	bool ok = has_text(json, "cniVersion") &&
		  !cJSON_HasObjectItem(json, "code");

	cJSON_Delete(json);
	return ok;
}
