/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - whether the next ADD could use its store */
#ifndef HOST_LOCAL_STATUS_H
#define HOST_LOCAL_STATUS_H

#include "conf.h"

/*
 * Changes nothing, takes no lock, and reads no reservation, so that it takes no
 * time. Returns 0, also where a set has no free address, or -1 and the reason
 * in err (code 50): the store cannot be written. Specification: STATUS.
 */
int status_check(const struct ipam *ipam, struct cni_err *err);

#endif
