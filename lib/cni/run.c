// SPDX-License-Identifier: GPL-2.0-or-later
/* run.c - one call of a plugin whose environment and configuration are read */
#include "cni/run.h"

#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"
#include "cni/keys.h"
#include "cni/undo.h"

/*
 * The result as it is printed: what the plugin made, and then prevResult. One
 * that has no addresses is passed on in each version.
 */
static char *print_result(const struct cni_plugin *plugin,
			  const struct cni_call *call, struct cni_result *own,
			  struct cni_err *err)
{
	bool passed_on = call->conf.has_prev && !(plugin->flags & CNI_IPAM);

	if (!(plugin->flags & (CNI_IPAM | CNI_CHAINED)) &&
	    cni_result_append(own, &call->conf.prev) < 0) {
		cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
		return NULL;
	}
	if (!passed_on && cni_result_fits(own, call->conf.version, err) < 0)
		return NULL;
	return cni_result_print(own, call->conf.version, err);
}

#define LATER_MAX 8

struct cni_later {
	unsigned n;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} v[LATER_MAX];
};

void cni_later(const struct cni_call *call, void (*fn)(void *arg), void *arg)
{
	struct cni_later *later = call->later;

	if (!later || later->n == LATER_MAX) {
		fn(arg);
		return;
	}
	later->v[later->n].fn = fn;
	later->v[later->n].arg = arg;
	later->n++;
}

static void run_later(struct cni_later *later)
{
	for (unsigned i = 0; i < later->n; i++)
		later->v[i].fn(later->v[i].arg);
}

static int run_add(const struct cni_plugin *plugin, const struct cni_call *call,
		   run_sink sink, void *arg, struct cni_err *err)
{
	AUTO(result) struct cni_result own = { 0 };
	struct undo undo = { .err = err, .call = call, .del = plugin->del };
	AUTO(str) char *text = NULL;
	int r;

	if (!plugin->add)
		return 0;
	if (plugin->flags & CNI_CHAINED &&
	    cni_result_append(&own, &call->conf.prev) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	r = plugin->add(call, &own, &undo, err);
	if (r == 0) {
		text = print_result(plugin, call, &own, err);
		r = text ? sink(text, arg, err) : -1;
	}
	if (r < 0)
		undo_run(&undo);
	else
		undo_commit(&undo);
	return r;
}

static int run_check(const struct cni_plugin *plugin,
		     const struct cni_call *call, struct cni_err *err)
{
	AUTO(result) struct cni_result own = { 0 };

	if (!plugin->check)
		return 0;
	if (cni_result_own(&call->conf.prev, call->att.ifname, call->netns,
			   &own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return plugin->check(call, &own, err);
}

/* Runs each step, whatever failed before. */
static int run_steps(const struct cni_step *step, const struct cni_call *call,
		     struct cni_err *err)
{
	int worst = 0;

	for (; step && step->fn; step++)
		if (step->fn(call, err) < 0)
			worst = -1;
	return worst;
}

/* STATUS: what is not ready first is what is told. */
static int run_status(const struct cni_step *step, const struct cni_call *call,
		      struct cni_err *err)
{
	for (; step && step->fn; step++)
		if (step->fn(call, err) < 0)
			return -1;
	return 0;
}

static int fail_sandbox(const struct cni_call *call, struct cni_err *err)
{
	cni_fail(err, CNI_ENETNS, call->sandbox, "failed to open netns \"%s\"",
		 call->netns);
	if (call->sandbox == -EINVAL)
		cni_detail(err, "it is not a network namespace");
	return -1;
}

/* A verb that needs the plugin's own configuration, which call->own is. */
static int run_configured(const struct cni_plugin *plugin, enum cni_verb verb,
			  const struct cni_call *call, run_sink sink, void *arg,
			  struct cni_err *err)
{
	if (plugin->flags & CNI_NEEDS_IPAM && !call->conf.ipam_type)
		return cni_fail(err, CNI_ECONF, 0, "no plugin name provided");
	if (verb == VERB_STATUS)
		return run_status(plugin->status, call, err);
	if (plugin->flags & CNI_CHAINED && !call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	if (plugin->flags & CNI_SANDBOX && call->sandbox < 0)
		return fail_sandbox(call, err);
	if (verb == VERB_CHECK)
		return run_check(plugin, call, err);
	return run_add(plugin, call, sink, arg, err);
}

static int run_verb(const struct cni_plugin *plugin, enum cni_verb verb,
		    struct cni_call *call, run_sink sink, void *arg,
		    struct cni_err *err)
{
	void *own;
	int r;

	if (verb == VERB_DEL)
		return run_steps(plugin->del, call, err);
	if (verb == VERB_GC)
		return run_steps(plugin->gc, call, err);
	own = calloc(1, plugin->conf_size + 1);
	if (!own)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	call->own = own;
	r = cni_keys_read(plugin->keys, call, own, err);
	if (r == 0 && plugin->conf)
		r = plugin->conf(call, own, err);
	if (r < 0 && verb == VERB_ADD && plugin->add_prefix)
		cni_err_prefix(err, plugin->add_prefix);
	if (r == 0)
		r = run_configured(plugin, verb, call, sink, arg, err);
	if (plugin->conf_done)
		plugin->conf_done(own);
	call->own = NULL;
	free(own);
	return r;
}

int run_call(const struct cni_plugin *plugin, enum cni_verb verb,
	     struct cni_call *call, run_sink sink, void *arg,
	     struct cni_err *err)
{
	struct cni_later later = { 0 };
	int r;

	call->later = &later;
	r = run_verb(plugin, verb, call, sink, arg, err);
	call->later = NULL;
	run_later(&later);
	return r;
}
