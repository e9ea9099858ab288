// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * result.c - results and prevResult: read in any version, printed in each, and
 * read again, which must give the same text once more
 *
 * The first byte chooses the version of what has no cniVersion.
 */
#include "cni/result.h"

#include "base/json.h"
#include "cni/version.h"
#include "fuzz.h"

#define VERSIONS 7

static bool parse(const char *text, size_t len, const char *version,
		  struct cni_result *ret)
{
	AUTO(json) cJSON *obj = NULL;
	struct cni_err err = { 0 };
	char why[128];

	obj = js_parse(text, len, why, sizeof(why));
	if (!obj)
		return false;
	if (cni_result_parse(obj, version, ret, &err) == 0)
		return true;
	MUST(err.set && err.msg[0]);
	MUST(!ret->interfaces && !ret->ips && !ret->routes);
	return false;
}

/* Prints it as that version and reads what was printed. */
static void convert(const struct cni_result *res, const char *version)
{
	__attribute__((cleanup(result_auto))) struct cni_result back = { 0 };
	AUTO(str) char *text = NULL;
	AUTO(str) char *again = NULL;
	struct cni_err err = { 0 };

	if (cni_result_fits(res, version, &err) < 0) {
		/* these versions cannot say that there is no address */
		MUST(version_before(version, "0.3.0") && res->n_ips == 0);
		MUST(err.code == CNI_EVERSION);
		err = (struct cni_err){ 0 };
	}
	text = cni_result_print(res, version, &err);
	MUST(text);
	/* an address of the other family may have been all there was */
	MUST(parse(text, strlen(text), "0.1.0", &back));
	again = cni_result_print(&back, version, &err);
	MUST(again && strcmp(text, again) == 0);
}

/* cni_result_append() starts a chained plugin's result. */
static void append(const struct cni_result *res)
{
	__attribute__((cleanup(result_auto))) struct cni_result twice = { 0 };

	MUST(cni_result_append(&twice, res) == 0);
	MUST(cni_result_append(&twice, res) == 0);
	MUST(twice.n_ips == 2 * res->n_ips);
	MUST(twice.n_interfaces == 2 * res->n_interfaces);
	convert(&twice, VERSION_NEWEST);
	cni_result_drop_interfaces(&twice);
	for (size_t i = 0; i < twice.n_ips; i++)
		MUST(twice.ips[i].interface == -1);
	convert(&twice, VERSION_NEWEST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };
	struct input in = { data, size };
	const char *version = version_list[input_byte(&in) % VERSIONS];

	if (!parse((const char *)in.p, in.n, version, &res))
		return 0;
	for (int i = 0; version_list[i]; i++)
		convert(&res, version_list[i]);
	append(&res);
	return 0;
}
