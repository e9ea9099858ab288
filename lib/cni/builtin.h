/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * builtin.h - a delegate that is linked into the running executable: what the
 * file in CNI_PATH would do is done by calling its handler
 */
#ifndef CNI_BUILTIN_H
#define CNI_BUILTIN_H

#include "cni/cni.h"
#include "cni/note.h"

/*
 * The plugin of program that a file with that note is as well: one of the same
 * build, whatever the file is called. NULL where it is another one, or program
 * is NULL: then the file has to be run.
 */
const struct cni_plugin *builtin_find(const struct cni_program *program,
				      const struct cni_note *note);

/*
 * Calls the plugin with the verb given, and else what call has. Returns 0
 * and, for ADD, the result in res, as after its way through JSON; or -1 and
 * the plugin's error in err.
 */
int builtin_run(const struct cni_plugin *plugin, const struct cni_call *call,
		const char *verb, struct cni_result *res, struct cni_err *err);

#endif
