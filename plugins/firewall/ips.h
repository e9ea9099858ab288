/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ips.h - the addresses of a result, alone */
#ifndef FIREWALL_IPS_H
#define FIREWALL_IPS_H

#include "base/auto.h"
#include "cni/result.h"

/* All of them, n_ips, owned; NULL for lack of memory. */
struct ip_addr *ips_of(const struct cni_result *res);
DEFINE_AUTO(ips, struct ip_addr *, free)

#endif
