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

/*
 * CHECK: the link has own's gateways, with the prefix length of their subnets,
 * and the host forwards. Returns 0, or -1 with code 104, or 100.
 */
int gateway_check(const struct sandbox *s, const struct rt_link *link,
		  const struct cni_result *own, struct cni_err *err);

/*
 * A link that leads to own's addresses alone gets the gateways as single
 * addresses, and the host a route to each of own's addresses, and forwards.
 * Both return 0, or -1: code 102 where the host has such a route already, or
 * 100; in CHECK 104, or 100.
 */
int gateway_add_alone(const struct sandbox *s, const struct rt_link *link,
		      const struct cni_result *own, struct cni_err *err);
int gateway_check_alone(const struct sandbox *s, const struct rt_link *link,
			const struct cni_result *own, struct cni_err *err);

#endif
