/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run.h - one call of a plugin whose environment and configuration are read */
#ifndef CNI_RUN_H
#define CNI_RUN_H

#include "cni/cni.h"
#include "cni/env.h"

/*
 * Takes the result of an ADD: an owned text of the configuration's version,
 * borrowed by the sink. Returns 0, or -1 after cni_fail(): then the ADD is
 * taken back.
 */
typedef int (*run_sink)(const char *text, void *arg, struct cni_err *err);

/*
 * Runs plugin's part of the verb (specification, "CNI operations"): reads its
 * own configuration, sees to it that there is a sandbox where it needs one,
 * and calls it. sink is for ADD alone. call->sandbox is the caller's; the
 * members own and conf are set meanwhile. Returns 0, or -1 and the reason in
 * err.
 */
int run_call(const struct cni_plugin *plugin, enum cni_verb verb,
	     struct cni_call *call, run_sink sink, void *arg,
	     struct cni_err *err);

#endif
