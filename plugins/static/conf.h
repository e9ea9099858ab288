/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - what the network configuration and the runtime ask of static */
#ifndef STATIC_CONF_H
#define STATIC_CONF_H

#include "cni/cni.h"

/*
 * Reads the whole configuration, and CNI_ARGS, into res, which is empty: the
 * addresses, routes and DNS that every ADD returns. The addresses are those of
 * runtimeConfig.ips, else of args.cni.ips, else of the configuration and, after
 * them, of CNI_ARGS. Returns 0, or -1 and the reason in err: code 7, or 4 for
 * CNI_ARGS.
 */
int static_read(const struct cni_call *call, struct cni_result *res,
		struct cni_err *err);

#endif
