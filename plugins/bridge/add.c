// SPDX-License-Identifier: GPL-2.0-or-later
/* add.c - ADD, step by step */
#include "bridge.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cni/delegate.h"
#include "cni/version.h"

/* Its addresses, routes and DNS go to the end of the result. */
static int take_ipam_result(struct br *br, struct cni_child *ipam,
			    struct cni_err *err)
{
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };

	if (cni_delegate_finish(br->call, ipam, &res, err) < 0)
		return -1;
	if (res.n_ips == 0)
		return cni_fail(err, CNI_ECONF, 0,
				"IPAM plugin returned missing IP config");
	cni_result_drop_interfaces(&res);
	if (cni_result_append(br->res, &res) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* The kernel takes IPv6 off a link that is too narrow for it (RFC 8200). */
static int check_mtu(const struct br *br, struct cni_err *err)
{
	for (size_t i = br->first_ip; i < br->res->n_ips; i++)
		if (br->res->ips[i].address.addr.family == AF_INET6 &&
		    br->conf.mtu && br->conf.mtu < 1280)
			return cni_fail(err, CNI_ECONF, 0,
					"invalid mtu %u: IPv6 needs 1280 or "
					"more",
					br->conf.mtu);
	return 0;
}

/* The link's way to the bridge, which no address has a part in. */
static int connect_link(struct br *br, struct cni_err *err)
{
	br_prepare_link(br);
	return br_ensure_bridge(br, err) < 0 ? -1 : br_add_port(br, err);
}

/* Whether the IPAM plugin has no use for the link. That of DHCP sends by it. */
static bool ignores_link(const char *type)
{
	return strcmp(type, "host-local") == 0 || strcmp(type, "static") == 0;
}

/* Also after a failed ADD, as the specification wants, the addresses go. */
static int feed(const struct br *br, struct cni_child *ipam,
		struct cni_err *err)
{
	int r = cni_delegate_feed(br->call, ipam, err);

	br->made->addresses = r == 0;
	return r;
}

/*
 * The IPAM plugin starts while the veth is made: a process takes about as long
 * as a link. It gets its configuration only when the veth is there, which no
 * two ADDs of one attachment can make: so nothing is asked of it, nor taken
 * back, on behalf of the other one. Then it works while that becomes a port,
 * or, if it may need the link, when it is one and in its VLAN.
 */
static int add_link_and_addresses(struct br *br, struct cni_err *err)
{
	const struct cni_call *call = br->call;
	const char *type = call->conf.ipam_type;
	const bool *fed = &br->made->addresses;
	struct cni_err unfed = { 0 };
	struct cni_child *ipam = NULL;
	int r;

	if (type && cni_delegate_hold(call, type, "ADD", &ipam, err) < 0)
		return -1;
	r = br_add_link(br, err);
	if (r == 0 && ipam && ignores_link(type))
		r = feed(br, ipam, err);
	if (r == 0)
		r = connect_link(br, err);
	if (r == 0 && ipam && !*fed)
		r = feed(br, ipam, err);
	if (ipam && take_ipam_result(br, ipam, *fed ? err : &unfed) < 0)
		r = -1;
	if (r < 0 || check_mtu(br, err) < 0)
		return -1;
	return br_plan_gateways(br, err);
}

static int add_interface(struct cni_result *res, const char *name,
			 const uint8_t mac[MAC_LEN], const char *sandbox)
{
	struct cni_interface *ifc = cni_add_interface(res);
	char text[MAC_STRLEN];

	if (!ifc)
		return -ENOMEM;
	ifc->name = strdup(name);
	ifc->mac = strdup(mac_format(mac, text));
	if (sandbox)
		ifc->sandbox = strdup(sandbox);
	return ifc->name && ifc->mac && (!sandbox || ifc->sandbox) ? 0
								   : -ENOMEM;
}

/* bridge, host end, container end, and the VLAN's gateway interface */
static int list_interfaces(struct br *br, struct cni_err *err)
{
	const struct cni_call *call = br->call;
	struct cni_result *res = br->res;

	if (add_interface(res, br->bridge.name, br->bridge.mac, NULL) < 0 ||
	    add_interface(res, br->port.name, br->port.mac, NULL) < 0 ||
	    add_interface(res, call->att.ifname, br->cont_mac, call->netns) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (br->gw.index && br->gw.index != br->bridge.index &&
	    add_interface(res, br->gw.name, br->gw.mac, NULL) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	for (size_t i = br->first_ip; i < res->n_ips; i++)
		res->ips[i].interface = (int)br->first_if + 2;
	if (cni_dns_given(&call->conf.dns) &&
	    cni_dns_copy(&res->dns, &call->conf.dns) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* prevResult, if any, comes first in the result. */
static int start_result(struct br *br, struct cni_err *err)
{
	const struct cni_call *call = br->call;
	struct cni_result *res = br->res;

	if (cni_result_append(res, &call->conf.prev) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	br->first_if = res->n_interfaces;
	br->first_ip = res->n_ips;
	br->first_route = res->n_routes;
	/* found out now, not after the work */
	if (!call->conf.ipam_type && res->n_ips == 0 &&
	    version_before(call->conf.version, "0.3.0"))
		return cni_fail(err, CNI_EVERSION, 0,
				"cannot convert: no valid IP addresses; "
				"without ipam, cniVersion must be 0.3.0 or "
				"later");
	return 0;
}

int br_add(const struct cni_call *call, struct cni_result *res,
	   struct undo *undo, struct cni_err *err)
{
	AUTO(br) struct br br = { .call = call, .netns = -1, .res = res };

	if (br_conf_read(call, &br.conf, err) < 0 ||
	    start_result(&br, err) < 0 || br_open(&br, err) < 0 ||
	    br_plan_undo(&br, undo, err) < 0)
		return -1;
	if (add_link_and_addresses(&br, err) < 0 ||
	    br_set_up_sandbox(&br, err) < 0)
		return -1;
	if (call->conf.ipam_type && br_set_up_gateways(&br, undo, err) < 0)
		return -1;
	if (list_interfaces(&br, err) < 0)
		return -1;
	if (call->conf.ipam_type && !br.conf.ip_masq)
		br_end_masquerade(&br);
	return 0;
}
