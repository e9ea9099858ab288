// SPDX-License-Identifier: GPL-2.0-or-later
/* add.c - ADD, step by step */
#include "bridge.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cni/delegate.h"
#include "cni/version.h"

/* The kernel takes IPv6 off a link that is too narrow for it (RFC 8200). */
static int check_mtu(const struct br *br, struct cni_err *err)
{
	for (size_t i = 0; i < br->own->n_ips; i++)
		if (br->own->ips[i].address.addr.family == AF_INET6 &&
		    br->conf->mtu && br->conf->mtu < 1280)
			return cni_fail(err, CNI_ECONF, 0,
					"invalid mtu %u: IPv6 needs 1280 or "
					"more",
					br->conf->mtu);
	return 0;
}

/* The addresses, routes and DNS of the IPAM plugin become our own. */
static int add_addresses(struct br *br, struct cni_err *err)
{
	const struct cni_call *call = br->call;
	int r = cni_delegate(call, call->conf.ipam_type, "ADD", br->own, err);

	if (r == -2) /* it was never started */
		undo_unmark(br->undo, br_del_addresses);
	if (r < 0)
		return -1;
	undo_mark(br->undo, br_del_addresses);
	if (br->own->n_ips == 0)
		return cni_fail(err, CNI_ECONF, 0,
				"IPAM plugin returned missing IP config");
	cni_result_drop_interfaces(br->own);
	return check_mtu(br, err) < 0 ? -1 : br_plan_gateways(br, err);
}

/* The link's way to the bridge, which no address has a part in. */
static int connect_link(struct br *br, struct cni_err *err)
{
	br_prepare_link(br);
	return br_ensure_bridge(br, err) < 0 ? -1 : br_add_port(br, err);
}

/*
 * With an IPAM plugin in this executable: what it refuses touches nothing, not
 * even the bridge. It reserves nothing twice for one attachment, so of two
 * ADDs of it the second is refused there, if not before.
 */
static int add_addresses_first(struct br *br, struct cni_err *err)
{
	if (br_refuse_second(br, err) < 0 || add_addresses(br, err) < 0 ||
	    br_add_link(br, err) < 0)
		return -1;
	return connect_link(br, err);
}

/*
 * With one that is a process and may need the link, as that of DHCP. The veth
 * comes first, which no two ADDs of one attachment can make: so nothing is
 * asked of the plugin, nor taken back, on behalf of the other one. Also after
 * a failed ADD, as the specification wants, its addresses go.
 */
static int add_link_first(struct br *br, struct cni_err *err)
{
	if (br_add_link(br, err) < 0 || connect_link(br, err) < 0)
		return -1;
	if (!br->call->conf.ipam_type)
		return 0;
	undo_mark(br->undo, br_del_addresses);
	return add_addresses(br, err);
}

static int add_link_and_addresses(struct br *br, struct cni_err *err)
{
	const char *ipam = br->call->conf.ipam_type;
	int builtin = ipam ? cni_delegate_find(br->call, ipam, err) : 0;

	if (builtin < 0)
		return -1;
	return builtin ? add_addresses_first(br, err) : add_link_first(br, err);
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
	struct cni_result *own = br->own;

	if (add_interface(own, br->bridge.name, br->bridge.mac, NULL) < 0 ||
	    add_interface(own, br->port.name, br->port.mac, NULL) < 0 ||
	    add_interface(own, call->att.ifname, br->cont_mac, call->netns) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (br->gw.index && br->gw.index != br->bridge.index &&
	    add_interface(own, br->gw.name, br->gw.mac, NULL) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	for (size_t i = 0; i < own->n_ips; i++)
		own->ips[i].interface = 2;
	if (cni_dns_given(&call->conf.dns) &&
	    cni_dns_copy(&own->dns, &call->conf.dns) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* Found out now, not after the work. */
static int check_version(const struct cni_call *call, struct cni_err *err)
{
	if (call->conf.ipam_type || call->conf.prev.n_ips > 0 ||
	    !version_before(call->conf.version, "0.3.0"))
		return 0;
	return cni_fail(err, CNI_EVERSION, 0,
			"cannot convert: no valid IP addresses; without ipam, "
			"cniVersion must be 0.3.0 or later");
}

int br_add(const struct cni_call *call, struct cni_result *own,
	   struct undo *undo, struct cni_err *err)
{
	AUTO(br)
	struct br br = {
		.call = call, .conf = call->own, .undo = undo, .own = own
	};

	if (check_version(call, err) < 0 || br_open(&br, err) < 0 ||
	    add_link_and_addresses(&br, err) < 0 ||
	    br_set_up_sandbox(&br, err) < 0)
		return -1;
	if (call->conf.ipam_type && br_set_up_gateways(&br, err) < 0)
		return -1;
	if (list_interfaces(&br, err) < 0)
		return -1;
	if (call->conf.ipam_type && !br.conf->ip_masq)
		br_end_masquerade(&br);
	return 0;
}
