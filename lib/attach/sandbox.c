// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - what a call has open: rtnetlink on the host and in the sandbox */
#include "attach/sandbox.h"

#include <errno.h>

#include "base/sysctl.h"

int sandbox_open(struct sandbox *s, const struct cni_call *call,
		 struct cni_err *err)
{
	int r = rt_open(&s->host);

	s->call = call;
	s->sys = sysctl_open();
	if (r == 0)
		r = rt_open_at(call->sandbox, &s->cont);
	if (r < 0)
		return rt_fail(err, NULL, r, "cannot open rtnetlink");
	/* where there is none, there is nothing to set */
	if (s->sys < 0 && s->sys != -ENOENT)
		return rt_fail(err, NULL, s->sys, "cannot open /proc/sys");
	return 0;
}

void sandbox_close(struct sandbox *s)
{
	if (s->call && s->sys >= 0)
		close(s->sys);
	rt_close(s->host);
	rt_close(s->cont);
	*s = (struct sandbox){ 0 };
}
