// SPDX-License-Identifier: GPL-2.0-or-later
/* env.c - the CNI_ environment variables, and CNI_ARGS */
#include "env.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auto.h"

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
	{ "CNI_COMMAND", offsetof(struct cni_args, command), ~0u, NULL },
	{ "CNI_CONTAINERID", offsetof(struct cni_args, id), SANDBOX, check_id },
	{ "CNI_NETNS", offsetof(struct cni_args, netns),
	  NEED(ADD) | NEED(CHECK), NULL },
	{ "CNI_IFNAME", offsetof(struct cni_args, ifname), SANDBOX,
	  check_ifname },
	{ "CNI_ARGS", offsetof(struct cni_args, args), 0, NULL },
	{ "CNI_PATH", offsetof(struct cni_args, path),
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

int env_read(struct cni_args *args, enum cni_verb *verb, struct cni_err *err)
{
	char missing[128] = "";

	*verb = env_verb(env_get(args->env, "CNI_COMMAND"));
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		const char *value = env_get(args->env, vars[i].name);
		size_t len = strlen(missing);

		*(const char **)((char *)args + vars[i].member) = value;
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

static int read_bool(const char *pair, const char *value, bool *ret,
		     struct cni_err *err)
{
	if (strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0)
		*ret = true;
	else if (strcmp(value, "0") == 0 || strcasecmp(value, "false") == 0)
		*ret = false;
	else
		return cni_fail(err, CNI_EENV, 0,
				"ARGS: error parsing value of pair \"%s\": "
				"boolean unmarshal error: invalid input %s",
				pair, value);
	return 0;
}

static bool in_list(const char *key, const char *const known[])
{
	for (; *known; known++)
		if (strcmp(key, *known) == 0)
			return true;
	return false;
}

struct pairs {
	bool ignore_unknown;
	char unknown[256]; /* quoted, for the message */
	char *value;	   /* owned: of the key asked for */
};

/* One "key=value"; pair is cut at the '='. */
static int read_pair(struct pairs *p, char *pair, const char *const known[],
		     const char *key, struct cni_err *err)
{
	char *eq = strchr(pair, '=');
	size_t len = strlen(p->unknown);

	if (!eq || strchr(eq + 1, '='))
		return cni_fail(err, CNI_EENV, 0, "ARGS: invalid pair \"%s\"",
				pair);
	if (strncmp(pair, "IgnoreUnknown=", 14) == 0)
		return read_bool(pair, eq + 1, &p->ignore_unknown, err);
	*eq = '\0';
	if (!in_list(pair, known)) {
		snprintf(p->unknown + len, sizeof(p->unknown) - len,
			 "%s\"%s=%s\"", len ? " " : "", pair, eq + 1);
		return 0;
	}
	if (strcmp(pair, key) != 0)
		return 0;
	free(p->value);
	p->value = strdup(eq + 1);
	if (!p->value)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

int cni_args_get(const char *args, const char *const known[], const char *key,
		 char **ret, struct cni_err *err)
{
	AUTO(str) char *copy = strdup(args);
	struct pairs p = { 0 };
	char *rest = copy;
	int r = 0;

	if (!copy)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	while (r == 0 && *args && rest)
		r = read_pair(&p, strsep(&rest, ";"), known, key, err);
	if (r == 0 && *p.unknown && !p.ignore_unknown)
		r = cni_fail(err, CNI_EENV, 0, "ARGS: unknown args [%s]",
			     p.unknown);
	if (r == 0 && p.value && *p.value) {
		*ret = TAKE(p.value);
		r = 1;
	}
	free(p.value);
	return r;
}

bool cni_args_valid(const struct cni_args *args, const char *id,
		    const char *ifname)
{
	for (size_t i = 0; i < args->n_valid; i++)
		if (strcmp(args->valid[i].id, id) == 0 &&
		    strcmp(args->valid[i].ifname, ifname) == 0)
			return true;
	return false;
}
