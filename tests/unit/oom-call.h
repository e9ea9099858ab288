/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oom-call.h - a whole call of a plugin, of which one allocation fails */
#ifndef OOM_CALL_H
#define OOM_CALL_H

#include "call.h"
#include "failing-malloc.h"

/*
 * The call once, with its nth allocation failing: it reports lack of memory, or
 * can do without. Whether there was such an allocation.
 */
static inline bool fails_at(const struct cni_plugin *plugin, const char *verb,
			    char *const *env, const char *text, long n)
{
	struct cni_io io = { .env = env,
			     .in = file_with(text, strlen(text)),
			     .out = file_with("", 0),
			     .err = file_with("", 0) };
	static char out[1 << 14];
	bool failed;
	int r;

	count = 0;
	fail_at = n;
	r = cni_run(plugin, &io);
	fail_at = 0;
	failed = count >= n;
	close(io.in);
	close(io.err);
	read_back(io.out, out, sizeof(out));
	OK(r == 0 || failed);
	if (r != 0 && !strstr(out, "out of memory") &&
	    !strstr(out, "Cannot allocate memory")) {
		tap_failed++;
		printf("# %s, allocation %ld: %s\n", verb, n, out);
	}
	return failed;
}

#endif
