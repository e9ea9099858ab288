/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delegate.h - running another plugin (specification section 4) */
#ifndef CNI_DELEGATE_H
#define CNI_DELEGATE_H

#include "cni/cni.h"

/*
 * Runs the plugin called type, found as a regular file in call->path, with
 * the verb given, call' environment, but for CNI_NETNS, which is call->netns,
 * and its configuration as received. Its stderr goes to call->err_fd. A type
 * with a path in it, or that of the plugin itself, is refused (code 7).
 * For ADD, res receives the parsed result. Returns 0, or -1 and in err the
 * delegate's own code, message and details, or code 0 where its output makes
 * no sense; or -2 where it was never started, so there is nothing to undo:
 * then the code is 7 or 103 (not found, or cannot be run).
 */
int cni_delegate(const struct cni_call *call, const char *type,
		 const char *verb, struct cni_result *res, struct cni_err *err);

/*
 * The same in three parts, so that the caller can work while the delegate
 * does. cni_delegate_hold() returns 0 and an owned *ret, or -2 as above; the
 * delegate's process may be there already, but has no configuration and can do
 * nothing yet. cni_delegate_feed() gives it that: 0, or -2 and nothing was
 * done. cni_delegate_finish() takes the child, waits, and returns 0 or -1;
 * every hold needs it. One that was never fed fails there, having done
 * nothing: give it an err of its own.
 */
struct cni_child;
int cni_delegate_hold(const struct cni_call *call, const char *type,
		      const char *verb, struct cni_child **ret,
		      struct cni_err *err);
int cni_delegate_feed(const struct cni_call *call, struct cni_child *child,
		      struct cni_err *err);
int cni_delegate_finish(const struct cni_call *call, struct cni_child *child,
			struct cni_result *res, struct cni_err *err);

#endif
