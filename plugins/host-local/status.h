/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - whether the next ADD would get its addresses */
#ifndef HOST_LOCAL_STATUS_H
#define HOST_LOCAL_STATUS_H

#include "conf.h"

/*
 * Changes nothing, takes no lock, and reads no reservation unless the number
 * of files says that a set is exhausted. Returns 0, or -1 and the reason in
 * err (code 50): the store cannot be written, or a set has no free address.
 * Specification: STATUS.
 */
int status_check(const struct ipam *ipam, struct cni_err *err);

#endif
