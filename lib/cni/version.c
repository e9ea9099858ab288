// SPDX-License-Identifier: GPL-2.0-or-later
/* version.c - the specification versions */
#include "cni/version.h"

#include <string.h>

#include "base/auto.h"

const char *const version_list[] = { "0.1.0", "0.2.0", "0.3.0", "0.3.1",
				     "0.4.0", "1.0.0", "1.1.0", NULL };

static int rank(const char *v)
{
	for (int i = 0; version_list[i]; i++)
		if (strcmp(version_list[i], v) == 0)
			return i;
	return -1;
}

bool version_supported(const char *v)
{
	return rank(v) >= 0;
}

bool version_before(const char *v, const char *than)
{
	return rank(v) < rank(than);
}

int version_parse(const char *v, unsigned ret[3], struct cni_err *err)
{
	static const char *const part[] = { "major", "minor", "micro" };
	unsigned dots = 0;

	for (const char *p = v; *p; p++)
		dots += *p == '.';
	if (dots > 2)
		return cni_fail(err, CNI_EDECODE, 0,
				"invalid version \"%s\": too many parts", v);
	ret[0] = ret[1] = ret[2] = 0;
	for (unsigned i = 0;; i++) {
		size_t len = strcspn(v, ".");
		size_t digits = strspn(v, "0123456789");

		if (len == 0 || digits != len || len > 9)
			return cni_fail(err, CNI_EDECODE, 0,
					"failed to convert %s version part "
					"\"%.*s\": not a number",
					part[i], len > 64 ? 64 : (int)len, v);
		for (size_t k = 0; k < len; k++)
			ret[i] = ret[i] * 10 + (unsigned)(v[k] - '0');
		if (!v[len])
			return 0;
		v += len + 1;
	}
}
