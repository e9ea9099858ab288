/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result-test.h - results from text, and back to text */
#ifndef RESULT_TEST_H
#define RESULT_TEST_H

#include <stdlib.h>

#include "base/json.h"
#include "cni/result.h"
#include "tap.h"

/* The same text with each ' made a ", since JSON in C is hard to read. */
static inline const char *quoted(const char *text)
{
	static char buf[2][8192];
	static unsigned n;
	char *s = buf[n++ % 2];

	if (strlen(text) >= sizeof(buf[0]))
		abort();
	snprintf(s, sizeof(buf[0]), "%s", text);
	for (char *p = s; (p = strchr(p, '\''));)
		*p = '"';
	return s;
}

/* Parses text as a result; what cni_result_parse() returns. */
static inline int read_result(const char *text, const char *version,
			      struct cni_result *res, struct cni_err *err)
{
	const char *q = quoted(text);
	char why[128];
	AUTO(json) cJSON *v = js_parse(q, strlen(q), why, sizeof(why));

	if (!v) {
		printf("# %s: %s\n", q, why);
		abort();
	}
	return cni_result_parse(v, version, res, err);
}

/* text as a result of its version, printed in version to; or the message */
static inline const char *convert(const char *text, const char *to)
{
	static char buf[8192];
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };
	AUTO(str) char *out = NULL;

	if (read_result(text, "1.0.0", &res, &err) == 0 &&
	    cni_result_fits(&res, to, &err) == 0)
		out = cni_result_print(&res, to, &err);
	EQ_INT(out == NULL, err.set);
	snprintf(buf, sizeof(buf), "%s", out ? out : err.msg);
	cni_result_done(&res);
	return buf;
}

#endif
