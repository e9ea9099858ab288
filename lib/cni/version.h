/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - the specification versions */
#ifndef CNI_VERSION_H
#define CNI_VERSION_H

#include <stdbool.h>

#include "base/err.h"

#define VERSION_NEWEST "1.1.0"

/* oldest first, NULL at the end */
extern const char *const version_list[];

/* string equality with a listed one: "1.0" is not a version */
bool version_supported(const char *v);

/* both must be supported */
bool version_before(const char *v, const char *than);

/*
 * Reads any version the way the reference's library does: up to three parts,
 * missing ones 0. Returns 0, or -1 and the reason in err (code 6).
 */
int version_parse(const char *v, unsigned ret[3], struct cni_err *err);

#endif
