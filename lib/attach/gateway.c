// SPDX-License-Identifier: GPL-2.0-or-later
/* gateway.c - a link of the host that has the gateways of a result */
#include "attach/gateway.h"

#include <linux/rtnetlink.h>

#include "attach/l3.h"
#include "route/route.h"

int gateway_wait(const struct sandbox *s, const struct rt_link *link,
		 const struct cni_result *own, struct cni_err *err)
{
	long long deadline = rt_now_ms() + L3_LOCAL_TIMEOUT_MS;
	AUTO(fd) int watch = rt_watch(RTNLGRP_IPV6_ROUTE);
	char text[IP_STRLEN];

	for (size_t i = 0; i < own->n_ips; i++) {
		const struct ip_addr *gw = &own->ips[i].gateway;
		int r = watch;

		if (r >= 0)
			r = rt_route_wait_local(s->host, link->index, gw, watch,
						deadline);
		if (r < 0)
			return rt_fail(err, s->host, r,
				       "failed to set gateway addr: the kernel "
				       "does not use %s on \"%s\" yet",
				       ip_format(gw, text), link->name);
	}
	return 0;
}
