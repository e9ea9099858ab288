// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * static_oom.c - calls of static with their Nth allocation failing, for every
 * N: the error says so and nothing else
 *
 * unit: plugins/static
 */
#include "oom-call.h"

extern const struct cni_plugin plugin_static;

#define ADDRESS "{\"address\":\"10.9.0.7/24\",\"gateway\":\"10.9.0.1\"}"
#define CONF                                                                   \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"ipam\":{"                  \
	"\"addresses\":[" ADDRESS ",{\"address\":\"fd09::7/64\"}],"            \
	"\"routes\":[{\"dst\":\"0.0.0.0/0\"}],"                                \
	"\"dns\":{\"nameservers\":[\"10.9.0.1\"],\"domain\":\"d\"}},"          \
	"\"prevResult\":{\"ips\":[" ADDRESS "]}%s}"

static void lack_of_memory_is_called_that(void)
{
	static const char *const more[] = {
		"", ",\"args\":{\"cni\":{\"ips\":[\"10.8.0.7/24\"]}}",
		",\"runtimeConfig\":{\"ips\":[\"10.8.0.7/24\"]}"
	};
	static const char *const verbs[] = { "ADD", "CHECK", "STATUS" };
	char command[32], text[1024];

	for (size_t i = 0; i < ARRAY_SIZE(verbs) * ARRAY_SIZE(more); i++) {
		const char *verb = verbs[i % ARRAY_SIZE(verbs)];
		long n = 1;

		snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
		snprintf(text, sizeof(text), CONF, more[i / ARRAY_SIZE(verbs)]);
		while (fails_at(&plugin_static, verb,
				ENV(command, SANDBOX,
				    "CNI_ARGS=IP=10.9.0.9/24, fd09::9/64;"
				    "GATEWAY=10.9.0.1,fd09::1"),
				text, n))
			n++;
		OK(n > 20);
	}
}

TAP_MAIN(TEST(lack_of_memory_is_called_that))
