// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delegate.c - what a delegate prints and how it ends: its error, its result
 *
 * The first byte: bit 0 for ADD, else DEL; bits 1 to 3 choose the version. The
 * rest is the delegate, see child.h.
 *
 * fuzz: tests/fuzz/child.c
 */
#include "cni/delegate.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/json.h"
#include "child.h"
#include "cni/version.h"

static void check_error(const struct cni_err *err, const char *version)
{
	AUTO(str) char *text = cni_err_json(err, version);
	AUTO(json) cJSON *obj = NULL;
	char why[128];

	MUST(err->set && err->msg[0]);
	MUST(text);
	obj = js_parse(text, strlen(text), why, sizeof(why));
	MUST(obj);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int log = -1;
	static char *env[] = { NULL };
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };
	struct input in = { data, size };
	uint8_t how = input_byte(&in);
	struct cni_call call = { .env = env, .netns = "", .path = "/fix/bin" };
	struct cni_err err = { 0 };
	bool add = how & 1;
	int r;

	if (log < 0)
		log = memfd_create("log", MFD_CLOEXEC);
	MUST(ftruncate(log, 0) == 0 && lseek(log, 0, SEEK_SET) == 0);
	call.err_fd = log;
	call.conf.version = version_list[(how >> 1) % 7];
	call.conf.raw = "{}";
	call.conf.raw_len = 2;
	child_start(in.p, in.n);
	r = cni_delegate(&call, "host-local", add ? "ADD" : "DEL", &res, &err);
	MUST(r == 0 || r == -1);
	MUST((r < 0) == err.set);
	if (r < 0)
		check_error(&err, call.conf.version);
	if (r < 0 || !add)
		MUST(res.n_ips == 0 && res.n_interfaces == 0);
	return 0;
}
