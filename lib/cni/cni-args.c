// SPDX-License-Identifier: GPL-2.0-or-later
/* cni-args.c - CNI_ARGS, "key=value;key=value" */
#include "cni/cni.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"

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

/* A pair "key=value"; it is cut at the '='. */
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
