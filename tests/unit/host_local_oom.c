// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_oom.c - calls of host-local with their Nth allocation failing, for
 * every N: the error says so and nothing else, and no address is lost
 *
 * unit: plugins/host-local
 */
#include "failing-malloc.h"
#include "host-local-call.h"

/* The call once, with that allocation failing; whether there was such a one. */
static bool fails_at(const char *verb, const char *text, long n)
{
	struct cni_io io = { .env = env(verb, "a"),
			     .in = file_with(text, strlen(text)),
			     .out = file_with("", 0),
			     .err = file_with("", 0) };
	static char out[1 << 14];
	bool failed;
	int r;

	count = 0;
	fail_at = n;
	r = cni_run(&plugin_host_local, &io);
	fail_at = 0;
	failed = count >= n;
	close(io.in);
	close(io.err);
	read_back(io.out, out, sizeof(out));
	/* what can do without, may */
	OK(r == 0 || failed);
	if (r != 0 && !strstr(out, "out of memory") &&
	    !strstr(out, "Cannot allocate memory")) {
		tap_failed++;
		printf("# %s, allocation %ld: %s\n", verb, n, out);
	}
	return failed;
}

static void lack_of_memory_is_called_that(void)
{
	static const char *const verbs[] = { "ADD", "CHECK", "DEL", "STATUS",
					     "GC" };
	static char text[1024];

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		long n = 1;

		do {
			setup();
			snprintf(text, sizeof(text), "%s",
				 conf(V4 "," V6,
				      ",\"cni.dev/valid-attachments\":[]"));
			if (i > 0)
				EQ_INT(ask("ADD", V4 "," V6)->status, 0);
			if (!fails_at(verbs[i], text, n))
				n = 0;
			/* all or nothing, and a DEL finds it */
			if (i == 0)
				EQ_INT(there("10.1.2.2"), there("fd00::2"));
			EQ_INT(ask("DEL", V4)->status, 0);
			OK(!there("10.1.2.2") && !there("fd00::2"));
			teardown();
		} while (n++ > 0 && n < 2000);
		EQ_INT(n, 1);
	}
}

TAP_MAIN(TEST(lack_of_memory_is_called_that))
