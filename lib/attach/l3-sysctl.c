// SPDX-License-Identifier: GPL-2.0-or-later
/* l3-sysctl.c - sysctls of a link in the sandbox, before it is up */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach/l3.h"
#include "base/netns.h"
#include "base/sysctl.h"

void refuse_ra(const struct cni_call *call, const char *name)
{
	int r = sysctl_set_conf("ipv6", name, "accept_ra", "0");

	if (r < 0 && r != -ENOENT)
		dprintf(call->err_fd,
			"%s: %s goes on accepting router advertisements: "
			"cannot set accept_ra: %s\n",
			call->self, name, strerror(-r));
}

static int set_link_sysctls(void *arg)
{
	const struct l3 *l = arg;
	const char *ifname = l->s->call->att.ifname;

	refuse_ra(l->s->call, ifname);
	(void)sysctl_set_conf("ipv6", ifname, "autoconf", "0");
	(void)sysctl_set_conf("ipv6", ifname, "accept_dad", l->dad ? "1" : "0");
	if (l->dad)
		(void)sysctl_set_conf("ipv6", ifname, "enhanced_dad", "1");
	return 0;
}

void l3_prepare(const struct l3 *l)
{
	(void)ns_run(l->s->call->sandbox, set_link_sysctls, (void *)l);
}
