/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox.h - what a call has open: rtnetlink on the host and in the sandbox */
#ifndef CNI_SANDBOX_H
#define CNI_SANDBOX_H

#include "cni/cni.h"
#include "route/rt.h"

struct sandbox {
	const struct cni_call *call;
	struct rt *host, *cont; /* owned */
	int sys; /* owned, see sysctl_open(): for both namespaces, or -errno */
};

/*
 * Opens all of it, of a call whose namespace is open (CNI_SANDBOX). s is
 * zero before. Returns 0, or -1 with code 100; s is to be closed in either
 * case.
 */
int sandbox_open(struct sandbox *s, const struct cni_call *call,
		 struct cni_err *err);

void sandbox_close(struct sandbox *s);

static inline void sandbox_auto(struct sandbox *s)
{
	sandbox_close(s);
}

#endif
