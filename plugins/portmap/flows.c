// SPDX-License-Identifier: GPL-2.0-or-later
/* flows.c - connections of UDP that do not go where a port is mapped to */
#include "flows.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fw/conntrack.h"
#include "route/route.h"

struct flows {
	struct rt *host;
	const struct fw_port *v;
	size_t n;
	const struct fw_port *kept; /* what is still mapped */
	size_t n_kept;
};

static bool is_of(const struct fw_port *p, const struct fw_flow *flow)
{
	return p->proto == IPPROTO_UDP && p->port == flow->to_port &&
	       p->host.family == flow->to.family &&
	       (ip_is_zero(&p->host) || ip_cmp(&p->host, &flow->to) == 0);
}

static bool goes_there(const struct fw_port *p, const struct fw_flow *flow)
{
	return p->to_port == flow->from_port &&
	       ip_cmp(&p->to, &flow->from) == 0;
}

static bool is_stale(const struct fw_flow *flow, void *arg)
{
	const struct flows *f = arg;
	struct rt_way way;

	for (size_t i = 0; i < f->n; i++) {
		if (!is_of(&f->v[i], flow))
			continue;
		if (goes_there(&f->v[i], flow))
			return false;
		return rt_route_lookup(f->host, &flow->to, &way) == 0 &&
		       way.type == RTN_LOCAL;
	}
	return false;
}

static bool is_led(const struct fw_port *v, size_t n,
		   const struct fw_flow *flow)
{
	size_t i = 0;

	while (i < n && !(is_of(&v[i], flow) && goes_there(&v[i], flow)))
		i++;
	return i < n;
}

static bool is_ended(const struct fw_flow *flow, void *arg)
{
	const struct flows *f = arg;

	return is_led(f->v, f->n, flow) && !is_led(f->kept, f->n_kept, flow);
}

/* The first mapping of UDP of that family, and whether it is the only one. */
static const struct fw_port *first(const struct flows *f, unsigned family,
				   bool *ret_only)
{
	const struct fw_port *found = NULL;

	*ret_only = true;
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].proto != IPPROTO_UDP ||
		    f->v[i].host.family != family)
			continue;
		if (found)
			*ret_only = false;
		else
			found = &f->v[i];
	}
	return found;
}

/* Asks for those that go to the container alone, where that is all. */
static int forget(struct fw *fw, struct flows *f, fw_flow_fn fn, bool to_it)
{
	int r = 0;

	for (int v6 = 0; v6 < 2 && r >= 0; v6++) {
		unsigned family = v6 ? AF_INET6 : AF_INET;
		bool only;
		const struct fw_port *p = first(f, family, &only);

		if (p)
			r = fw_flows_forget(fw, family, only ? p->port : 0,
					    to_it ? &p->to : NULL, fn, f);
	}
	return r < 0 ? r : 0;
}

int flows_redirect(struct fw *fw, struct rt *host, const struct fw_port *v,
		   size_t n)
{
	struct flows f = { .host = host, .v = v, .n = n };

	return forget(fw, &f, is_stale, false);
}

int flows_end(struct fw *fw, const struct fw_port *v, size_t n,
	      const struct fw_port *kept, size_t n_kept)
{
	struct flows f = { .v = v, .n = n, .kept = kept, .n_kept = n_kept };

	return forget(fw, &f, is_ended, true);
}
