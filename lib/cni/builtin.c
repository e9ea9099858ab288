// SPDX-License-Identifier: GPL-2.0-or-later
/* builtin.c - a delegate that is in the running executable */
#include "cni/builtin.h"

#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "cni/handler.h"
#include "base/json.h"

const struct cni_plugin *builtin_find(const struct cni_plugin *const plugins[],
				      const char *type, const char *file)
{
	struct stat own, found;

	for (; plugins && *plugins; plugins++)
		if (strcmp((*plugins)->name, type) == 0)
			break;
	if (!plugins || !*plugins)
		return NULL;
	/* an executable that was replaced meanwhile is another file */
	if (stat("/proc/self/exe", &own) < 0 || stat(file, &found) < 0 ||
	    own.st_dev != found.st_dev || own.st_ino != found.st_ino)
		return NULL;
	return *plugins;
}

/* Through JSON, so that nothing differs from what a process would print. */
static int add(const struct cni_plugin *plugin, const struct cni_call *call,
	       struct cni_result *res, struct cni_err *err)
{
	struct undo undo = { .err = err };
	AUTO(json) cJSON *obj = NULL;
	AUTO(str) char *text = NULL;
	char why[128];
	int r = handler_add(plugin, call, &undo, &text, err);

	if (r == 0 && text) {
		obj = js_parse(text, strlen(text), why, sizeof(why));
		r = obj ? cni_result_parse(obj, call->conf.version, res, err)
			: cni_fail(err, CNI_EINTERNAL, 0,
				   "cannot read the result of %s: %s",
				   plugin->name, why);
	}
	if (r < 0)
		undo_run(&undo);
	else
		undo_commit(&undo);
	return r;
}

int builtin_run(const struct cni_plugin *plugin, const struct cni_call *call,
		const char *verb, struct cni_result *res, struct cni_err *err)
{
	struct cni_call own = *call;
	struct cni_err why = { 0 };
	enum cni_verb v = env_verb(verb);
	int r;

	own.self = plugin->name;
	own.command = verb;
	r = v == VERB_ADD ? add(plugin, &own, res, &why)
			  : handler_call(plugin, v, &own, &why);
	if (r == 0)
		return 0;
	/* err may hold an earlier report, which stays the first */
	cni_fail(err, why.code, 0, "%s", why.msg);
	if (*why.details)
		cni_detail(err, "%s", why.details);
	return -1;
}
