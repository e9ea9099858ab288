/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-oom.h - functions of lib/fw with each allocation failing in turn */
#ifndef FW_OOM_H
#define FW_OOM_H

#include "failing-malloc.h"
#include "fw-test.h"

struct oom_step {
	const char *name;
	void (*load)(void); /* makes what there is before */
	int (*fn)(struct fw *fw);
	int result; /* of fn, where nothing fails */
};

/* Runs a step on a socket of its own, with the nth allocation failing. */
static inline int oom_run(const struct oom_step *step, long n, bool *ret_failed)
{
	struct fw *fw = NULL;
	int r;

	fail_at = n;
	count = 0;
	r = fw_open(&fw);
	if (r == 0)
		r = step->fn(fw);
	fw_close(fw);
	fail_at = 0;
	*ret_failed = n > 0 && count >= n;
	return r;
}

/*
 * Each step returns -ENOMEM and changes nothing, whichever fails. A failure
 * that asprintf() gets over is as good as none, so the result may also be the
 * usual one; but never the usual one with half of the work done.
 */
static inline void oom_sweep(const struct oom_step *step, size_t n_steps)
{
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < n_steps; i++) {
		AUTO(str) char *after = NULL;
		bool failed = true, dirty = true;
		uint32_t gen = 0;

		sh("nft flush ruleset");
		step[i].load();
		EQ_INT(oom_run(&step[i], 0, &failed), step[i].result);
		after = ruleset();
		failed = true;
		for (long n = 1; failed && n < 2000; n++) {
			int r;

			if (dirty) {
				sh("nft flush ruleset");
				step[i].load();
				gen = generation(fw);
			}
			r = oom_run(&step[i], n, &failed);
			dirty = generation(fw) != gen;
			if (failed && r == -ENOMEM && !dirty)
				continue;
			if (r == step[i].result &&
			    strcmp(sh("nft list ruleset 2>/dev/null"), after) ==
				    0)
				continue;
			OK(!"as expected");
			printf("# %s: allocation %ld failed: %d, result %d\n",
			       step[i].name, n, failed, r);
		}
		OK(!failed);
	}
}

#endif
