/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delegate.h - running another plugin (specification section 4) */
#ifndef CNI_DELEGATE_H
#define CNI_DELEGATE_H

#include "cni/cni.h"

/*
 * Runs the plugin called type, found as a regular file in call->path, with
 * the verb given, call' environment, but for CNI_NETNS, which is call->netns,
 * and its configuration as received. Its stderr goes to call->err_fd. A type
 * with a path in it, or a file that is the plugin itself, by the type or by its
 * note, is refused (code 7).
 * A process that does not answer STATUS within 100 ms is ended, and counts as
 * ready. For ADD, res receives the parsed result. Returns 0, or -1 and in err
 * the delegate's own code, message and details, or code 0 where its output
 * makes no sense; or -2 where it was never started, so there is nothing to
 * undo: then the code is 7 or 103 (not found, or cannot be run).
 */
int cni_delegate(const struct cni_call *call, const char *type,
		 const char *verb, struct cni_result *res, struct cni_err *err);

/*
 * Whether there is such a plugin, before anything is made that it would have
 * to be undone for. Sets *builtin to it where it is linked into this
 * executable: it needs no link of the caller's, and a failed ADD of it leaves
 * nothing; to NULL where it is a process. Returns 0, or -2 as above.
 */
int cni_delegate_find(const struct cni_call *call, const char *type,
		      const struct cni_plugin **builtin, struct cni_err *err);

#endif
