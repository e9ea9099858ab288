// SPDX-License-Identifier: GPL-2.0-or-later
/* check-l3.c - CHECK: addresses, routes, gateways and masquerade */
#include "check.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "route/addr.h"
#include "fw/goplugins.h"
#include "route/route.h"
#include "base/sysctl.h"

/* The attachment's own interface in the sandbox. */
static bool is_own_link(const struct br *br, const struct cni_interface *ifc)
{
	return ifc->name && ifc->sandbox &&
	       strcmp(ifc->name, br->call->att.ifname) == 0 &&
	       check_same_sandbox(ifc->sandbox, br->call->netns);
}

/* The attachment's addresses: those on its interface in the sandbox. */
static bool is_own(const struct br *br, const struct cni_ip *ip)
{
	const struct cni_result *prev = &br->call->conf.prev;

	return ip->interface >= 0 &&
	       (size_t)ip->interface < prev->n_interfaces &&
	       is_own_link(br, &prev->interfaces[ip->interface]);
}

static bool has_address(const struct rt_addr *list, size_t n,
			const struct ip_net *want)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_equal(&list[i].net, want))
			return !(list[i].flags & IFA_F_DADFAILED);
	return false;
}

static int check_addresses(struct br *br, const struct cni_ip *ips, size_t n,
			   struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->cont, br->cont_index, 0, &list, &have);

	if (r < 0)
		return br_fail(err, br->cont, r,
			       "cannot list the addresses of %s",
			       br->call->att.ifname);
	for (size_t i = 0; i < n; i++)
		if (!has_address(list, have, &ips[i].address))
			return differs(err,
				       "failed to match addr %s on interface "
				       "%s",
				       ip_net_format(&ips[i].address, text),
				       br->call->att.ifname);
	return 0;
}

/*
 * Whether a route of the result goes over our interface: not necessarily if
 * other plugins of the chain have made interfaces with routes of their own.
 */
static bool is_own_route(const struct br *br, const struct cni_ip *ips,
			 size_t n, const struct cni_route *route)
{
	const struct cni_result *prev = &br->call->conf.prev;
	bool alone = true;

	for (size_t i = 0; i < n; i++)
		if (ip_net_contains(&ips[i].address, &route->gw))
			return true;
	for (size_t i = 0; i < prev->n_interfaces; i++)
		if (prev->interfaces[i].sandbox &&
		    !is_own_link(br, &prev->interfaces[i]))
			alone = false;
	return alone;
}

static int check_routes(struct br *br, const struct cni_ip *ips, size_t n,
			struct cni_err *err)
{
	const struct cni_result *prev = &br->call->conf.prev;
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < prev->n_routes; i++) {
		const struct cni_route *route = &prev->routes[i];
		struct rt_route k = { .dst = route->dst,
				      .gw = route->gw,
				      .priority = (unsigned)route->priority };
		int r;

		if (is_own_route(br, ips, n, route))
			k.oif = br->cont_index;
		if (route->table > 0)
			k.table = (unsigned)route->table;
		r = rt_route_has(br->cont, &k);
		if (r < 0)
			return br_fail(err, br->cont, r,
				       "cannot list the routes of %s",
				       br->call->att.ifname);
		if (r == 0)
			return differs(err,
				       "expected route to %s%s%s not found in "
				       "routing table",
				       ip_net_format(&k.dst, dst),
				       ip_is_set(&k.gw) ? " via " : "",
				       ip_format(&k.gw, gw));
	}
	return 0;
}

static int check_forwarding(unsigned family, struct cni_err *err)
{
	const char *name = family == AF_INET ? "net/ipv4/ip_forward"
					     : "net/ipv6/conf/all/forwarding";
	char now[16] = "";

	if (sysctl_get(name, now, sizeof(now)) < 0 || strcmp(now, "1") != 0)
		return differs(err, "forwarding is off: /proc/sys/%s is %s",
			       name, *now ? now : "missing");
	return 0;
}

static int find_gateway_link(struct br *br, struct cni_err *err)
{
	br->gw = br->bridge;
	if (!br->conf.is_gateway || !br->conf.vlan)
		return 0;
	return check_vlan_interface(br, err);
}

static int check_gateways(struct br *br, const struct cni_ip *ips, size_t n,
			  struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->host, br->gw.index, 0, &list, &have);

	if (r < 0)
		return br_fail(err, br->host, r,
			       "cannot list the addresses of %s", br->gw.name);
	for (size_t i = 0; i < n; i++) {
		struct ip_net net = { ips[i].gateway, ips[i].address.plen };

		if (!ip_is_set(&ips[i].gateway))
			continue;
		if (!has_address(list, have, &net))
			return differs(err, "gateway address %s is not on %s",
				       ip_net_format(&net, text), br->gw.name);
		if (check_forwarding(net.addr.family, err) < 0)
			return -1;
	}
	return 0;
}

/* Ours, or the Go plugins' for an attachment of theirs. */
static int check_masquerade(struct br *br, const struct cni_ip *ips, size_t n,
			    struct cni_err *err)
{
	AUTO(masq) struct fw_masq *m = NULL;
	AUTO(fw) struct fw *fw = NULL;
	char text[IP_STRLEN], iif[IFNAMSIZ];
	int r;

	if (br_find_masq_iif(br, iif, err) < 0)
		return -1;
	m = br_masq_rules(br, ips, n, iif);
	r = m ? fw_open(&fw) : -ENOMEM;
	for (size_t i = 0; i < n && r >= 0; i++) {
		r = fw_masq_has(fw, &m[i], 1);
		if (r == 0)
			r = fw_go_has(fw, &br->call->att, &ips[i].address.addr);
		if (r == 0)
			return differs(err, "masquerade of %s is missing",
				       ip_net_format(&ips[i].address, text));
	}
	return r < 0 ? fw_fail(err, fw, r, "look for masquerade") : 0;
}

static int check_own_ips(struct br *br, const struct cni_ip *ips, size_t n,
			 struct cni_err *err)
{
	if (n == 0)
		return differs(err, "prevResult has no address of %s in %s",
			       br->call->att.ifname, br->call->netns);
	if (check_addresses(br, ips, n, err) < 0 ||
	    check_routes(br, ips, n, err) < 0 || find_gateway_link(br, err) < 0)
		return -1;
	if (br->conf.is_gateway && check_gateways(br, ips, n, err) < 0)
		return -1;
	return br->conf.ip_masq ? check_masquerade(br, ips, n, err) : 0;
}

int check_l3(struct br *br, struct cni_err *err)
{
	const struct cni_result *prev = &br->call->conf.prev;
	struct cni_ip *ips = calloc(prev->n_ips + 1, sizeof(*ips));
	size_t n = 0;
	int r;

	if (!ips)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	for (size_t i = 0; i < prev->n_ips; i++)
		if (is_own(br, &prev->ips[i]))
			ips[n++] = prev->ips[i];
	r = check_own_ips(br, ips, n, err);
	free(ips);
	return r;
}
