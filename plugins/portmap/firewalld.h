/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewalld.h - a firewalld that lets no mapped port pass */
#ifndef PORTMAP_FIREWALLD_H
#define PORTMAP_FIREWALLD_H

#include "base/err.h"

/*
 * Refuses where firewalld drops what others than itself have mapped
 * (StrictForwardPorts=yes): its configuration says so, and its table is there.
 * It is not asked, which would need D-Bus: one that was not reloaded since is
 * taken to be as it is configured. Returns 0, or -1 with code 2.
 */
int firewalld_refuse(struct cni_err *err);

#endif
