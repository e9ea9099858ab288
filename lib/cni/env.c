// SPDX-License-Identifier: GPL-2.0-or-later
/* env.c - the CNI_ environment variables */
#include "cni/env.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"

#define NEED(verb) (1u << VERB_##verb)
#define SANDBOX (NEED(ADD) | NEED(DEL) | NEED(CHECK))

static int check_id(const char *id, struct cni_err *err)
{
	if (cni_name_ok(id))
		return 0;
	cni_fail(err, CNI_EENV, 0, "invalid characters in containerID");
	cni_detail(err, "%s", id);
	return -1;
}

static int check_ifname(const char *ifname, struct cni_err *err)
{
	const char *problem = cni_ifname_problem(ifname);

	if (!problem)
		return 0;
	cni_fail(err, CNI_EENV, 0, "%s", problem);
	if (strlen(ifname) > 15)
		cni_detail(err, "interface name should be less than 16 "
				"characters");
	return -1;
}

/* In the order in which missing ones are listed. */
static const struct {
	const char *name;
	size_t member;
	unsigned needed; /* by these verbs; only for these it is checked */
	int (*check)(const char *value, struct cni_err *err);
} vars[] = {
	{ "CNI_COMMAND", offsetof(struct cni_call, command), ~0u, NULL },
	{ "CNI_CONTAINERID", offsetof(struct cni_call, att.id), SANDBOX,
	  check_id },
	{ "CNI_NETNS", offsetof(struct cni_call, netns),
	  NEED(ADD) | NEED(CHECK), NULL },
	{ "CNI_IFNAME", offsetof(struct cni_call, att.ifname), SANDBOX,
	  check_ifname },
	{ "CNI_ARGS", offsetof(struct cni_call, args), 0, NULL },
	{ "CNI_PATH", offsetof(struct cni_call, path),
	  SANDBOX | NEED(GC) | NEED(STATUS), NULL },
};

const char *env_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return "";
}

enum cni_verb env_verb(const char *command)
{
	static const char *const names[] = {
		[VERB_NONE] = "",	    [VERB_ADD] = "ADD",
		[VERB_DEL] = "DEL",	    [VERB_CHECK] = "CHECK",
		[VERB_GC] = "GC",	    [VERB_STATUS] = "STATUS",
		[VERB_VERSION] = "VERSION",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(command, names[i]) == 0)
			return i;
	return VERB_UNKNOWN;
}

int env_read(struct cni_call *call, enum cni_verb *verb, struct cni_err *err)
{
	char missing[128] = "";

	*verb = env_verb(env_get(call->env, "CNI_COMMAND"));
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		const char *value = env_get(call->env, vars[i].name);
		size_t len = strlen(missing);

		*(const char **)((char *)call + vars[i].member) = value;
		if (*verb == VERB_NONE || !(vars[i].needed & 1u << *verb))
			continue;
		if (!*value)
			snprintf(missing + len, sizeof(missing) - len, "%s%s",
				 len ? "," : "", vars[i].name);
		else if (vars[i].check && vars[i].check(value, err) < 0)
			return -1;
	}
	if (*missing)
		return cni_fail(err, CNI_EENV, 0,
				"required env variables [%s] missing", missing);
	return 0;
}
