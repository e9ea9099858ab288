/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - the members every network configuration has */
#ifndef CNI_CONF_H
#define CNI_CONF_H

#include "cni/cni.h"

/*
 * Reads the configuration in two steps, as the reference does. First: the
 * JSON (code 6) and the network name (code 7); then the version, which a
 * gate for the verb may refuse in between. raw is borrowed by conf. Returns
 * 0, or -1 and the reason in err.
 */
int conf_read(struct cni_conf *conf, const char *raw, size_t len,
	      struct cni_err *err);
int conf_read_version(struct cni_conf *conf, struct cni_err *err);

/*
 * The other common members. strict refuses what is wrong (code 7, prevResult
 * 6, also where its version is of another kind than the configuration's);
 * otherwise, for DEL and GC, a member that cannot be read counts as absent.
 */
int conf_read_members(struct cni_conf *conf, bool strict, struct cni_err *err);

/*
 * cni.dev/valid-attachments into call. Absent or null: has_valid stays false.
 * An entry that is no attachment is refused with code 7: guessing would
 * delete something.
 */
int conf_read_valid(struct cni_call *call, struct cni_err *err);

/*
 * Whether that list is null; and puts another one in its place, which it takes
 * over, for delegates too, and reads it. Returns 0, or -1 with code 999.
 */
bool conf_valid_is_null(const struct cni_conf *conf);
int conf_replace_valid(struct cni_call *call, cJSON *list, struct cni_err *err);

void conf_done(struct cni_conf *conf);

#endif
