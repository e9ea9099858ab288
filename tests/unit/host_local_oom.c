// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host_local_oom.c - calls of host-local with their Nth allocation failing, for
 * every N: the error says so and nothing else, and no address is lost
 *
 * unit: plugins/host-local
 */
#include "host-local-call.h"
#include "oom-call.h"

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
			if (!fails_at(&plugin_host_local, verbs[i],
				      env(verbs[i], "a"), text, n))
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
