/* SPDX-License-Identifier: GPL-2.0-or-later */
/* handler.h - a plugin's handlers, called */
#ifndef CNI_HANDLER_H
#define CNI_HANDLER_H

#include "cni/cni.h"
#include "cni/env.h"
#include "cni/undo.h"

/*
 * ADD: the result as an owned text of the configuration's version in *ret,
 * or NULL where there is no handler. undo holds what takes the ADD back, for
 * the caller to run, also after -1, or to commit.
 */
int handler_add(const struct cni_plugin *plugin, const struct cni_call *call,
		struct undo *undo, char **ret, struct cni_err *err);

/* DEL, CHECK, GC or STATUS */
int handler_call(const struct cni_plugin *plugin, enum cni_verb verb,
		 const struct cni_call *call, struct cni_err *err);

#endif
