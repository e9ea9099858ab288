/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * builtin.h - a delegate that is in the running executable: what the file in
 * CNI_PATH would do is done by calling its handler
 */
#ifndef CNI_BUILTIN_H
#define CNI_BUILTIN_H

#include "cni/cni.h"

/*
 * The plugin called type among plugins (NULL for none), if the file found for
 * it is the very one this process runs, by whatever name. NULL where it is
 * not, or where /proc cannot tell: then it has to be run.
 */
const struct cni_plugin *builtin_find(const struct cni_plugin *const plugins[],
				      const char *type, const char *file);

/*
 * One call of plugin with the verb given, and else what call has. Returns 0
 * and, for ADD, the result in res, as after its way through JSON; or -1 and
 * the plugin's error in err.
 */
int builtin_run(const struct cni_plugin *plugin, const struct cni_call *call,
		const char *verb, struct cni_result *res, struct cni_err *err);

#endif
