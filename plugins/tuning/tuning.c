// SPDX-License-Identifier: GPL-2.0-or-later
/* tuning.c - sysctls and the link of a sandbox, and the way back */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/sandbox.h"
#include "backup.h"
#include "base/netns.h"
#include "cni/undo.h"
#include "conf.h"
#include "key.h"

/* What a failed ADD goes back to; owned. */
struct back {
	const struct cni_call *call;
	struct values now;   /* as the sandbox was when this ADD began */
	struct values saved; /* as the file said, where it was there */
	bool was_there;
};

static void back_free(void *arg)
{
	struct back *b = arg;

	values_done(&b->now);
	values_done(&b->saved);
	free(b);
}

static int go_back(void *arg, struct cni_err *err)
{
	const struct back *b = arg;
	const char *dir = tuning_data_dir(b->call);
	AUTO(sandbox) struct sandbox s = { 0 };

	if (sandbox_open(&s, b->call, err) < 0 ||
	    values_restore(&s, &b->now, err) < 0)
		return -1;
	return b->was_there ? backup_write(dir, &b->call->att, &b->saved, err)
			    : backup_remove(dir, &b->call->att, err);
}

/*
 * Writes down how it was before the first ADD: what the file has already is
 * older than what there is now. Before anything is changed.
 */
static int save(const struct back *b, struct cni_err *err)
{
	AUTO(values) struct values all = { 0 };
	bool more;

	if (values_add(&all, &b->saved, &more) < 0 ||
	    values_add(&all, &b->now, &more) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (b->was_there && !more)
		return 0;
	return backup_write(tuning_data_dir(b->call), &b->call->att, &all, err);
}

/* Tells the MAC and MTU that the interface has now. */
static int update(const struct cni_call *call, const struct values *want,
		  struct cni_result *own)
{
	char mac[MAC_STRLEN];

	for (size_t i = 0; i < own->n_interfaces; i++) {
		struct cni_interface *ifc = &own->interfaces[i];
		char *text;

		if (!ifc->name || strcmp(ifc->name, call->att.ifname) != 0 ||
		    !ifc->sandbox || !ns_same(ifc->sandbox, call->netns))
			continue;
		if (want->mtu)
			ifc->mtu = want->mtu;
		if (!want->mac.given)
			continue;
		text = strdup(mac_format(want->mac.b, mac));
		if (!text)
			return -ENOMEM;
		free(ifc->mac);
		ifc->mac = text;
	}
	return 0;
}

static int change(const struct cni_call *call, struct undo *undo,
		  struct cni_err *err)
{
	const struct tuning *t = call->own;
	AUTO(sandbox) struct sandbox s = { 0 };
	AUTO(values) struct values announce = { 0 };
	struct back *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	b->call = call;
	r = sandbox_open(&s, call, err);
	if (r == 0)
		r = values_read(&s, &t->want, &b->now, err);
	if (r == 0)
		r = values_announce(&s, &t->want, &b->now, &announce, err);
	if (r == 0)
		r = backup_read(tuning_data_dir(call), &call->att, &b->saved,
				err);
	if (r < 0) {
		back_free(b);
		return -1;
	}
	b->was_there = r > 0;
	undo_push(undo, "put back what was there before", go_back, b,
		  back_free);
	/* where nothing in /proc/sys can be set, nobody is told */
	if (save(b, err) < 0 || values_restore(&s, &announce, err) < 0)
		return -1;
	return values_set(&s, &t->want, err);
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	const struct tuning *t = call->own;

	if (key_allowed(t->sysctl, t->args_sysctl, err) < 0)
		return -1;
	/* nerdctl has it in each network so: nothing is touched */
	if (values_none(&t->want))
		return 0;
	if (change(call, undo, err) < 0)
		return -1;
	if (update(call, &t->want, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct tuning *t = call->own;
	AUTO(sandbox) struct sandbox s = { 0 };

	(void)own;
	if (values_none(&t->want))
		return 0;
	if (sandbox_open(&s, call, err) < 0)
		return -1;
	return values_check(&s, &t->want, err);
}

/* The file decides, not the configuration, which may have changed. */
static int put_back(const struct cni_call *call, struct cni_err *err)
{
	const char *dir = tuning_data_dir(call);
	AUTO(values) struct values saved = { 0 };
	AUTO(sandbox) struct sandbox s = { 0 };
	int r = backup_read(dir, &call->att, &saved, err);

	if (r < 0)
		return -1;
	if (r > 0 && !ns_is_none(call->sandbox)) {
		if (call->sandbox < 0)
			return cni_fail(err, CNI_ENETNS, call->sandbox,
					"failed to open netns \"%s\"",
					call->netns);
		if (sandbox_open(&s, call, err) < 0 ||
		    values_restore(&s, &saved, err) < 0)
			return -1;
	}
	return backup_remove(dir, &call->att, err);
}

static int collect(const struct cni_call *call, struct cni_err *err)
{
	return backup_collect(tuning_data_dir(call), call, err);
}

static const struct cni_step del[] = {
	{ "put back what was there before", put_back }, { 0 }
};
static const struct cni_step gc[] = { { "collect files", collect }, { 0 } };

const struct cni_plugin plugin_tuning = {
	.name = "tuning",
	.help = "tuning sets sysctls, MAC, MTU and the like of an interface that\n"
		"a plugin before it in the chain has made.\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"name\": \"net\",\n"
		"        \"type\": \"tuning\",\n"
		"        \"mtu\": 1400,\n"
		"        \"sysctl\": { \"net.core.somaxconn\": \"500\" }\n"
		"    }\n",
	.flags = CNI_SANDBOX | CNI_CHAINED,
	.keys = tuning_keys,
	.conf_size = sizeof(struct tuning),
	.conf = tuning_conf,
	.conf_done = tuning_conf_done,
	.add = add,
	.del = del,
	.check = check,
	.gc = gc,
};
