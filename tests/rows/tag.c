// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tag.c - a chained plugin that is none of the suite's: it writes an alias to
 * the interface that the plugin before it made. rows.bats adds it to the table
 * of plugins.
 *
 * It does one thing wrong if the environment says so:
 *
 *   TWIN=del     DEL leaves the alias
 *   TWIN=undo    a failed ADD leaves the alias
 *   TWIN=check   CHECK finds everything well
 *   TWIN=prev    what the plugins before it made is not in its result
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cni/cni.h"
#include "route/link.h"
#include "base/netns.h"
#include "route/rt.h"
#include "cni/undo.h"

#define ALIAS "tagged"

static bool wrong_at(const char *what)
{
	const char *twin = getenv("TWIN");

	return twin && strcmp(twin, what) == 0;
}

static int fail_netns(const struct cni_call *call, int r, struct cni_err *err)
{
	return cni_fail(err, CNI_ENETNS, r, "failed to open netns \"%s\"",
			call->netns);
}

/* Returns 0; 1 where there is no sandbox or no such link; -1. */
static int look(const struct cni_call *call, struct rt **ret,
		struct rt_link *link, struct cni_err *err)
{
	AUTO(fd) int netns = -1;
	int r = ns_open(call->netns, &netns);

	if (ns_is_none(r)) {
		fail_netns(call, r, err);
		return 1;
	}
	if (r < 0)
		return fail_netns(call, r, err);
	r = rt_open_at(netns, ret);
	if (r == 0)
		r = rt_link_get(*ret, call->att.ifname, link);
	if (r == 0)
		return 0;
	cni_fail(err, CNI_EKERNEL, r, "cannot find %s", call->att.ifname);
	return r == -ENODEV ? 1 : -1;
}

/* With its master and up, which it has not got and is. */
static int set_alias(struct rt *rt, const struct rt_link *link,
		     const char *alias, struct cni_err *err)
{
	int r = rt_link_attach(rt, link->index, 0, alias);

	return r < 0 ? cni_fail(err, CNI_EKERNEL, r, "cannot tag %s",
				link->name)
		     : 0;
}

static int del(const struct cni_call *call, struct cni_err *err)
{
	struct cni_err none = { 0 };
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link = { 0 };
	int r = *call->netns ? look(call, &rt, &link, &none) : 1;

	if (r < 0)
		*err = none;
	if (r != 0 || strcmp(link.alias, ALIAS) != 0 || wrong_at("del"))
		return r < 0 ? -1 : 0;
	return set_alias(rt, &link, "", err);
}

static int undo_add(void *call, struct cni_err *err)
{
	return wrong_at("undo") ? 0 : del(call, err);
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link = { 0 };

	if (look(call, &rt, &link, err) != 0)
		return -1;
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0, "prevResult is missing");
	undo_push(undo, "remove the alias", undo_add, (void *)call, NULL);
	if (set_alias(rt, &link, ALIAS, err) < 0)
		return -1;
	if (!wrong_at("prev") && cni_result_append(res, &call->conf.prev) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

static int check(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link = { 0 };

	if (look(call, &rt, &link, err) != 0)
		return -1;
	if (strcmp(link.alias, ALIAS) != 0 && !wrong_at("check"))
		return cni_fail(err, CNI_ESTATE, 0, "%s is not tagged",
				link.name);
	return 0;
}

const struct cni_plugin plugin_tag = {
	.name = "tag",
	.help = "tag is there for a test of the tests.\n"
		"\n"
		"    { \"cniVersion\": \"1.1.0\", \"name\": \"x\",\n"
		"      \"type\": \"tag\" }\n",
	.add = add,
	.del = del,
	.check = check,
};
