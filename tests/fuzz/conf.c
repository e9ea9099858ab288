// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - one call of a plugin, through cni_run(): its environment, its
 * configuration, and whatever a delegate and the kernel answer. What it prints
 * is what the specification wants, nothing stays open, and a failed ADD keeps
 * no address.
 *
 * The input: lines of the environment, stdin, the delegate (see child.h), each
 * ended by a byte 0xff, and the kernel (kernel.h).
 *
 * fuzz: tests/fuzz/child.c tests/fuzz/kernel.c tests/fuzz/plugin.c
 */
#include "child.h"
#include "kernel.h"
#include "plugin.h"
#include "sandbox.h"

#define ENV_MAX 16

/* Cuts the text into lines; at most ENV_MAX of them count. */
static void read_env(char *text, char *env[ENV_MAX + 1])
{
	size_t n = 0;
	char *line;

	while (n < ENV_MAX && (line = strsep(&text, "\n")))
		env[n++] = line;
	env[n] = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	size_t conf_len, child_len;
	char *env_text = input_part(&in, NULL);
	char *conf = input_part(&in, &conf_len);
	char *child = input_part(&in, &child_len);
	char *env[ENV_MAX + 1];

	read_env(env_text, env);
	child_start((uint8_t *)child, child_len);
	kernel_start(in.p, in.n);
	sandbox_begin();
	sandbox_clear();
	plugin_call(env, conf, conf_len);
	sandbox_end();
	free(child);
	free(conf);
	free(env_text);
	return 0;
}
