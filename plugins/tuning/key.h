/* SPDX-License-Identifier: GPL-2.0-or-later */
/* key.h - a sysctl's key: the file it means, and whether it is allowed */
#ifndef TUNING_KEY_H
#define TUNING_KEY_H

#include <cjson/cJSON.h>

#include "base/err.h"

/*
 * The file below /proc/sys that a key means. Dots and slashes part it alike;
 * the first IFNAME in it is ifname. What stands for an interface, in
 * net.<family>.conf.<interface>.<value> and in neigh, may have dots of its own.
 * Returns 0 and an owned *ret, which begins with "net/" and goes nowhere else,
 * or -1 and the reason in err: code 7.
 */
int key_path(const char *key, const char *ifname, char **ret,
	     struct cni_err *err);

/* The host's list of keys that may be written; where it is missing, all may. */
#define KEY_ALLOWED "/etc/cni/tuning/allowlist.conf"

/*
 * Whether that list allows the keys of both objects (either may be NULL): each
 * as a whole matches a line, which is a POSIX extended regular expression.
 * Returns 0, or -1 and the reason in err: code 7 for a key that does not and a
 * line that is no such expression, 5 where the list cannot be read.
 */
int key_allowed(const cJSON *a, const cJSON *b, struct cni_err *err);

#endif
