// SPDX-License-Identifier: GPL-2.0-or-later
/* forward.c - the host forwards packets of an address family */
#include "attach/forward.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/sysctl.h"
#include "route/ra.h"

static const char *sysctl_of(unsigned family)
{
	return family == AF_INET ? "net/ipv4/ip_forward"
				 : "net/ipv6/conf/all/forwarding";
}

int forward_enable(const struct sandbox *s, unsigned family,
		   struct cni_err *err)
{
	const char *name = sysctl_of(family);
	AUTO(str) char *now = NULL;
	int r = sysctl_read(s->sys, name, &now);

	if (r == 0 && strcmp(now, "1") == 0)
		return 0;
	if (r == 0 && family == AF_INET6) {
		r = rt_keep_accepting_ra(s->host);
		if (r < 0)
			return rt_fail(err, s->host, r,
				       "failed to enable forwarding: cannot "
				       "keep the host's own IPv6 routes");
	}
	if (r == 0)
		r = sysctl_write(s->sys, name, "1");
	if (r < 0)
		return rt_fail(err, NULL, r,
			       "failed to enable forwarding: cannot set "
			       "/proc/sys/%s to 1",
			       name);
	return 0;
}

int forward_check(const struct sandbox *s, unsigned family, struct cni_err *err)
{
	const char *name = sysctl_of(family);
	AUTO(str) char *now = NULL;
	int r = sysctl_read(s->sys, name, &now);

	if (r < 0 && r != -ENOENT)
		return rt_fail(err, NULL, r,
			       "cannot check forwarding: cannot read "
			       "/proc/sys/%s",
			       name);
	if (r < 0 || strcmp(now, "1") != 0)
		return cni_differs(err, "forwarding is off: /proc/sys/%s is %s",
				   name, now ? now : "missing");
	return 0;
}
