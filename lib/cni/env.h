/* SPDX-License-Identifier: GPL-2.0-or-later */
/* env.h - the CNI_ environment variables */
#ifndef CNI_ENV_H
#define CNI_ENV_H

#include "cni/cni.h"

enum cni_verb {
	VERB_NONE, /* CNI_COMMAND is unset */
	VERB_ADD,
	VERB_DEL,
	VERB_CHECK,
	VERB_GC,
	VERB_STATUS,
	VERB_VERSION,
	VERB_UNKNOWN,
};

/*
 * Reads the call's environment into its other members and tells the verb.
 * Returns 0, or -1 and the reason in err (code 4): a name that is not allowed,
 * or the list of all variables the verb needs and has not.
 */
int env_read(struct cni_call *call, enum cni_verb *verb, struct cni_err *err);

/* The verb of that name, which is case-sensitive; VERB_NONE for "". */
enum cni_verb env_verb(const char *command);

/*
 * The value of a variable, or "". Where there are several it is the first, as
 * in Go, and so in the plugins that ours are mixed with.
 */
const char *env_get(char *const *env, const char *name);

#endif
