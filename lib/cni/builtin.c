// SPDX-License-Identifier: GPL-2.0-or-later
/* builtin.c - a delegate that is linked into the running executable */
#include "cni/builtin.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "cni/run.h"

const struct cni_plugin *builtin_find(const struct cni_program *program,
				      const struct cni_note *note)
{
	const struct cni_plugin *const *plugin;

	if (!program || strcmp(note->build, program->build) != 0)
		return NULL;
	plugin = program->plugins;
	while (*plugin && strcmp((*plugin)->name, note->plugin) != 0)
		plugin++;
	return *plugin;
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
