/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-test.h - for the tests of lib/fw: an own namespace, nft's view of it */
#ifndef FW_TEST_H
#define FW_TEST_H

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/fw.h"
#include "fw/sock.h"
#include "tap.h"

/* Before main(), so that nothing here ever runs in the root namespace. */
__attribute__((constructor)) static void require_namespace(void)
{
	static const char *const tools[] = { "nft", "ip", "iptables-nft" };

	if (unshare(CLONE_NEWNET) < 0)
		skip_all("root (CAP_SYS_ADMIN)");
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		char cmd[64];

		snprintf(cmd, sizeof(cmd), "command -v %s >/dev/null",
			 tools[i]);
		if (system(cmd) != 0)
			skip_all(tools[i]);
	}
}

/* Output of a shell command, without the newline at the end; static. */
__attribute__((format(printf, 1, 2))) static inline const char *sh(
	const char *fmt, ...)
{
	static char out[1 << 16];
	char cmd[8192];
	size_t n;
	va_list ap;
	FILE *f;
	int status;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	fflush(stdout);
	f = popen(cmd, "r");
	n = f ? fread(out, 1, sizeof(out) - 1, f) : 0;
	out[n] = '\0';
	status = f ? pclose(f) : -1;
	if (status != 0) {
		tap_failed++;
		printf("# status %d: %s\n", status, cmd);
	}
	while (n > 0 && out[n - 1] == '\n')
		out[--n] = '\0';
	return out;
}

/* Loads a ruleset in nft syntax. */
static inline void nft(const char *text)
{
	FILE *f;

	fflush(stdout);
	f = popen("nft -f -", "w");
	if (f)
		fputs(text, f);
	if (!f || pclose(f) != 0) {
		tap_failed++;
		printf("# nft refuses: %s\n", text);
	}
}

/* The test's own copy of the whole ruleset. */
static inline char *ruleset(void)
{
	return strdup(sh("nft list ruleset 2>/dev/null"));
}

/* A new namespace and a socket in it. */
static inline struct fw *fresh(void)
{
	struct fw *fw = NULL;

	EQ_INT(unshare(CLONE_NEWNET), 0);
	EQ_INT(fw_open(&fw), 0);
	return fw;
}

/* The generation of the ruleset: a new one with each commit. */
static inline uint32_t generation(struct fw *fw)
{
	uint32_t gen = 0;

	EQ_INT(fw_generation(fw, &gen), 0);
	return gen;
}

#endif
