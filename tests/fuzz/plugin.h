/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin.h - one whole call of the plugin that a target is linked with */
#ifndef FUZZ_PLUGIN_H
#define FUZZ_PLUGIN_H

#include <stddef.h>

/* The outcome of the last call; good until the next one. */
struct outcome {
	int status;
	char *out; /* stdout; "" where nothing was printed */
};

/*
 * Runs it with that environment and stdin, and checks what every call has to
 * keep to: no descriptor stays open, stdout holds one result, one error or
 * nothing, as the verb and the exit status want it.
 */
const struct outcome *plugin_call(char *const *env, const char *conf,
				  size_t len);

#endif
