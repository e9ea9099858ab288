// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - the two rtnetlink sockets of a call: on the host, in the sandbox
 */
#include "attach/sandbox.h"

int sandbox_open(struct sandbox *s, const struct cni_call *call,
		 struct cni_err *err)
{
	int r = rt_open(&s->host);

	s->call = call;
	if (r == 0)
		r = rt_open_at(call->sandbox, &s->cont);
	return r < 0 ? rt_fail(err, NULL, r, "cannot open rtnetlink") : 0;
}

void sandbox_close(struct sandbox *s)
{
	rt_close(s->host);
	rt_close(s->cont);
	s->host = s->cont = NULL;
}
