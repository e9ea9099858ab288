/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forward.h - the host forwards packets of an address family */
#ifndef CNI_FORWARD_H
#define CNI_FORWARD_H

#include "attach/sandbox.h"
#include "base/err.h"

/*
 * Turns forwarding on where it is off, in the namespace of the process and of
 * s->host. For IPv6 the host keeps the routes that it learnt from routers, see
 * rt_keep_accepting_ra(). Returns 0, or -1 with code 100.
 */
int forward_enable(const struct sandbox *s, unsigned family,
		   struct cni_err *err);

/*
 * CHECK: it is on. Returns 0, or -1 with code 104, or 100 where that cannot be
 * told.
 */
int forward_check(const struct sandbox *s, unsigned family,
		  struct cni_err *err);

#endif
