/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-local-call.h - whole calls of host-local on a store of the test's own */
#ifndef HOST_LOCAL_CALL_H
#define HOST_LOCAL_CALL_H

#include "call.h"
#include "store-test.h"

extern const struct cni_plugin plugin_host_local;

#define V4 "[{\"subnet\":\"10.1.2.0/29\"}]"
#define V6 "[{\"subnet\":\"fd00::/64\"}]"

/* a configuration with these members of "ipam", and others after it */
static inline const char *conf(const char *ranges, const char *more)
{
	static char text[1024];

	snprintf(text, sizeof(text),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"x\","
		 "\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"%s\","
		 "\"ranges\":[%s]}%s}",
		 data_dir, ranges, more);
	return text;
}

static inline char *const *env(const char *verb, const char *id)
{
	static char command[32], container[32];
	static char *const all[] = { command,
				     container,
				     (char *)"CNI_NETNS=/nowhere",
				     (char *)"CNI_IFNAME=eth0",
				     (char *)"CNI_PATH=/nowhere",
				     NULL };

	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	snprintf(container, sizeof(container), "CNI_CONTAINERID=%s", id);
	return all;
}

static inline struct reply *ask(const char *verb, const char *ranges)
{
	return call(&plugin_host_local, env(verb, "a"), conf(ranges, ""));
}

/* The call failed with that code; parts of what it says, "" for no details. */
static inline void failed(const struct reply *r, unsigned code, const char *msg,
			  const char *details)
{
	char why[128];
	AUTO(json)
	cJSON *v = js_parse(r->out, strlen(r->out), why, sizeof(why));
	const char *m = "", *d = "";
	struct js_why w;
	int64_t c = 0;

	EQ_INT(r->status, 1);
	OK(v && js_int(v, "code", 0, 999, &c, &w) == 1);
	OK(v && js_str(v, "msg", &m, &w) == 1);
	OK(v && js_str(v, "details", &d, &w) >= 0);
	EQ_INT(c, code);
	OK(strstr(m, msg));
	if (*details)
		OK(strstr(d, details));
	else
		EQ_STR(d, "");
	if (!strstr(m, msg) || !strstr(d, details))
		printf("# %s; %s\n", m, d);
}

#endif
