// SPDX-License-Identifier: GPL-2.0-or-later
/* builtin.c - a delegate that is in the running executable */
#include "cni/builtin.h"

#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "cni/run.h"
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

struct reader {
	const struct cni_plugin *plugin;
	const char *version;
	struct cni_result *res;
};

/* A sink: through JSON, so that nothing differs from what a process prints. */
static int read_text(const char *text, void *arg, struct cni_err *err)
{
	const struct reader *reader = arg;
	AUTO(json) cJSON *obj = NULL;
	char why[128];

	obj = js_parse(text, strlen(text), why, sizeof(why));
	if (!obj)
		return cni_fail(err, CNI_EINTERNAL, 0,
				"cannot read the result of %s: %s",
				reader->plugin->name, why);
	return cni_result_parse(obj, reader->version, reader->res, err);
}

int builtin_run(const struct cni_plugin *plugin, const struct cni_call *call,
		const char *verb, struct cni_result *res, struct cni_err *err)
{
	struct reader reader = { plugin, call->conf.version, res };
	struct cni_call own = *call;
	struct cni_err why = { 0 };

	own.self = plugin->name;
	own.command = verb;
	if (run_call(plugin, env_verb(verb), &own, read_text, &reader, &why) ==
	    0)
		return 0;
	/* err may hold an earlier report, which stays the first */
	cni_fail(err, why.code, 0, "%s", why.msg);
	if (*why.details)
		cni_detail(err, "%s", why.details);
	return -1;
}
