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
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/netns.h"
#include "cni/cni.h"
#include "cni/undo.h"
#include "route/link.h"
#include "route/rt.h"

#define ALIAS "tagged"

static bool wrong_at(const char *what)
{
	const char *twin = getenv("TWIN");

	return twin && strcmp(twin, what) == 0;
}

/* Returns 0; 1 where there is no such link; -1. */
static int look(const struct cni_call *call, struct rt **ret,
		struct rt_link *link, struct cni_err *err)
{
	int r = rt_open_at(call->sandbox, ret);

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
	int r = ns_is_none(call->sandbox) ? 1 : look(call, &rt, &link, &none);

	if (r < 0)
		*err = none;
	if (r != 0 || strcmp(link.alias, ALIAS) != 0 || wrong_at("del"))
		return r < 0 ? -1 : 0;
	return set_alias(rt, &link, "", err);
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link = { 0 };

	(void)own; /* it has nothing to tell but prevResult */
	if (look(call, &rt, &link, err) != 0)
		return -1;
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0, "prevResult is missing");
	if (!wrong_at("undo"))
		undo_mark(undo, del);
	return set_alias(rt, &link, ALIAS, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	AUTO(rt) struct rt *rt = NULL;
	struct rt_link link = { 0 };

	(void)own;
	if (look(call, &rt, &link, err) != 0)
		return -1;
	if (strcmp(link.alias, ALIAS) != 0 && !wrong_at("check"))
		return cni_fail(err, CNI_ESTATE, 0, "%s is not tagged",
				link.name);
	return 0;
}

static const struct cni_step steps[] = { { "remove the alias", del }, { 0 } };

const struct cni_plugin plugin_tag = {
	.name = "tag",
	.help = "tag is there for a test of the tests.\n"
		"\n"
		"    { \"cniVersion\": \"1.1.0\", \"name\": \"x\",\n"
		"      \"type\": \"tag\" }\n",
	.flags = CNI_SANDBOX,
	.add = add,
	.del = steps,
	.check = check,
};
