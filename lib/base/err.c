// SPDX-License-Identifier: GPL-2.0-or-later
/* err.c - the error a verb reports, and its JSON */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static void append(char *buf, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* Text that does not fit is cut off; the printer mends a character cut in
   two. */
static void append(char *buf, size_t size, const char *fmt, va_list ap)
{
	size_t len = strlen(buf);

	if (len && len + 2 < size) {
		memcpy(buf + len, "; ", 3);
		len += 2;
	}
	vsnprintf(buf + len, size - len, fmt, ap);
}

void cni_detail(struct cni_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(err->details, sizeof(err->details), fmt, ap);
	va_end(ap);
}

void cni_err_prefix(struct cni_err *err, const char *text)
{
	char msg[sizeof(err->msg)];

	memcpy(msg, err->msg, sizeof(msg));
	snprintf(err->msg, sizeof(err->msg), "%s%s", text, msg);
}

int cni_fail(struct cni_err *err, unsigned code, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (err->set) {
		append(err->details, sizeof(err->details), fmt, ap);
		if (r < 0) {
			size_t len = strlen(err->details);

			snprintf(err->details + len, sizeof(err->details) - len,
				 ": %s", strerror(-r));
		}
	} else {
		err->set = true;
		err->code = code;
		err->msg[0] = '\0';
		err->details[0] = '\0';
		append(err->msg, sizeof(err->msg), fmt, ap);
		if (r < 0)
			cni_detail(err, "%s", strerror(-r));
	}
	va_end(ap);
	return -1;
}

char *cni_err_json(const struct cni_err *err, const char *version)
{
	AUTO(json) cJSON *obj = cJSON_CreateObject();

	if (!cJSON_AddStringToObject(obj, "cniVersion", version) ||
	    !cJSON_AddNumberToObject(obj, "code", err->code) ||
	    !cJSON_AddStringToObject(obj, "msg", err->msg))
		return NULL;
	if (err->details[0] &&
	    !cJSON_AddStringToObject(obj, "details", err->details))
		return NULL;
	return js_print(obj);
}
