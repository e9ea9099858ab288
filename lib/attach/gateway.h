/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.h - a link of the host that has the gateways of a result */
#ifndef CNI_GATEWAY_H
#define CNI_GATEWAY_H

#include "attach/sandbox.h"
#include "route/link.h"

/*
 * Waits until the kernel takes packets for own's gateways, which the link has:
 * for IPv6 that takes it a moment. Last of an ADD, it mostly is done by then.
 * Returns 0, or -1 with code 100.
 */
int gateway_wait(const struct sandbox *s, const struct rt_link *link,
		 const struct cni_result *own, struct cni_err *err);

#endif
