// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * args.c - CNI_ARGS: what is taken out of it stands in it
 *
 * The input: the key that is asked for, a byte 0xff, and the value.
 */
#include "base/auto.h"
#include "cni/cni.h"
#include "fuzz.h"

static void ask(const char *args, const char *const known[], const char *key)
{
	AUTO(str) char *value = NULL;
	AUTO(str) char *pair = NULL;
	struct cni_err err = { 0 };
	int r = cni_args_get(args, known, key, &value, &err);

	MUST(r >= -1 && r <= 1);
	MUST((r < 0) == err.set && (r > 0) == (value != NULL));
	if (r < 0)
		MUST(err.code == CNI_EENV && err.msg[0]);
	if (r <= 0)
		return;
	MUST(*value && !strpbrk(value, ";="));
	if (asprintf(&pair, "%s=%s", key, value) < 0)
		abort();
	MUST(strstr(args, pair));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	AUTO(str) char *key = input_part(&in, NULL);
	AUTO(str) char *args = copy_of(in.p, in.n);
	const char *const ip[] = { "IP", NULL };
	const char *const both[] = { "IP", key, NULL };

	ask(args, ip, "IP");
	ask(args, both, "IP");
	ask(args, both, key);
	return 0;
}
