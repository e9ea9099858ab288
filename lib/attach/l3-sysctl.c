// SPDX-License-Identifier: GPL-2.0-or-later
/* l3-sysctl.c - sysctls of a link in the sandbox, before it is up */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach/l3.h"
#include "base/netns.h"
#include "base/sysctl.h"

void refuse_ra(const struct sandbox *s, const char *name)
{
	int r = sysctl_set_conf(s->sys, "ipv6", name, "accept_ra", "0");

	if (r < 0 && r != -ENOENT)
		dprintf(s->call->err_fd,
			"%s: %s goes on accepting router advertisements: "
			"cannot set accept_ra: %s\n",
			s->call->self, name, strerror(-r));
}

int l3_set_sysctls(void *arg)
{
	const struct l3 *l = arg;
	const char *ifname = l->s->call->att.ifname;
	int sys = l->s->sys;

	if (!l->accepts_ra) {
		refuse_ra(l->s, ifname);
		(void)sysctl_set_conf(sys, "ipv6", ifname, "autoconf", "0");
	}
	(void)sysctl_set_conf(sys, "ipv6", ifname, "accept_dad",
			      l->dad ? "1" : "0");
	if (l->dad)
		(void)sysctl_set_conf(sys, "ipv6", ifname, "enhanced_dad", "1");
	return 0;
}

void l3_prepare(const struct l3 *l)
{
	(void)ns_run(l->s->call->sandbox, l3_set_sysctls, (void *)l);
}
