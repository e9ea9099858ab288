/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolv.h - resolv.conf(5) as the "dns" part of a result */
#ifndef HOST_LOCAL_RESOLV_H
#define HOST_LOCAL_RESOLV_H

#include "cni/result.h"

/*
 * Reads the file into dns, which is empty before. As the reference plugin:
 * every nameserver, the last domain, and the search and options of all lines
 * together. Symbolic links are followed: /etc/resolv.conf usually is one.
 * Returns 0, or -1 and the reason in err (code 5).
 */
int resolv_read(const char *path, struct cni_dns *dns, struct cni_err *err);

#endif
