/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - CHECK: a link is as the result says */
#ifndef CNI_CHECK_H
#define CNI_CHECK_H

#include "attach/sandbox.h"
#include "route/addr.h"
#include "route/link.h"

/* The interface of the result that is the host's link of that name: the last
   one, or NULL. */
const struct cni_interface *check_listed(const struct cni_result *prev,
					 const char *name);

/* The functions return 0, or -1 after cni_differs(): code 104. */
int check_up(const struct rt_link *l, struct cni_err *err);
int check_mac(const struct cni_interface *ifc, const struct rt_link *l,
	      struct cni_err *err);
/* The MTU that the result has, or else the configured one; 0: any. */
int check_mtu(const struct cni_interface *ifc, unsigned configured,
	      const struct rt_link *l, struct cni_err *err);

/*
 * The attachment's link in the sandbox: listed in own, there, of that kind,
 * with its MAC and MTU. *ret is it. Whether it is up is check_up()'s.
 */
int check_inner(const struct sandbox *s, const struct cni_result *own,
		const char *kind, struct rt_link *ret, struct cni_err *err);

/*
 * The host's end of a veth whose other end is cont: listed in prevResult, there
 * and up, with its MAC and MTU; mtu is the configured one, 0: any. *ret is it.
 */
int check_outer(const struct sandbox *s, const struct rt_link *cont,
		unsigned mtu, struct rt_link *ret, struct cni_err *err);

/*
 * The link called name, in rt's namespace, has own's addresses, and no other
 * host answered for one.
 */
int check_addresses(struct rt *rt, const char *name, int index,
		    const struct cni_result *own, struct cni_err *err);

#endif
