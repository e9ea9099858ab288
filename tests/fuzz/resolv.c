// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolv.c - a file as resolvConf: what is read are words of it, and the
 * result they go into is JSON
 *
 * fuzz: plugins/host-local/resolv.c
 */
#include "../../plugins/host-local/resolv.h"

#include "base/auto.h"
#include "base/json.h"
#include "cni/version.h"
#include "fuzz.h"
#include "sandbox.h"

#define PATH "/resolv.conf"

static bool is_word(const char *s)
{
	return *s && !strpbrk(s, " \t\v\f\r\n");
}

static void check_words(const struct cni_strings *list, bool has)
{
	MUST(has == (list->n > 0));
	for (size_t i = 0; i < list->n; i++)
		MUST(is_word(list->v[i]));
}

static void check_result(struct cni_dns *dns)
{
	struct cni_result res = { .dns = *dns };
	struct cni_err err = { 0 };
	AUTO(str) char *text = cni_result_print(&res, VERSION_NEWEST, &err);
	AUTO(json) cJSON *obj = NULL;
	char why[128];

	MUST(text);
	obj = js_parse(text, strlen(text), why, sizeof(why));
	MUST(obj);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cni_dns dns = { 0 };
	struct cni_err err = { 0 };

	sandbox_put(PATH, data, size);
	MUST(resolv_read(PATH, &dns, &err) == 0);
	check_words(&dns.nameservers, dns.has_nameservers);
	check_words(&dns.search, dns.has_search);
	check_words(&dns.options, dns.has_options);
	MUST(!dns.domain || is_word(dns.domain));
	check_result(&dns);
	cni_dns_done(&dns);
	return 0;
}
