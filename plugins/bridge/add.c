// SPDX-License-Identifier: GPL-2.0-or-later
/* add.c - ADD, step by step */
#include "bridge.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/gateway.h"
#include "attach/ipam.h"
#include "attach/l3.h"
#include "attach/listing.h"
#include "attach/mac.h"
#include "attach/shown.h"
#include "base/sysctl.h"
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

static struct l3 l3_of(const struct br *br)
{
	return (struct l3){ .s = &br->s,
			    .index = br->veth.cont,
			    .mac = br->veth.mac,
			    .own = br->own,
			    .dad = br->conf->dad,
			    .port = &br->veth.host,
			    .segment = br->gw.index ? &br->gw : NULL,
			    .prepared = br->ipam_process,
			    .roaming = br->roaming };
}

static int add_addresses(struct br *br, struct cni_err *err)
{
	if (ipam_add(br->s.call, br->own, br->undo, err) < 0)
		return shown_tell(br->s.call, err);
	if (check_mtu(br, err) < 0)
		return -1;
	return br_plan_gateways(br, err);
}

/*
 * MLD reports, which the container's end sends of its own accord when it comes
 * up, would go to all ports while rtnl_lock is held, for which the rest of the
 * ADD waits. Nobody has to hear them then, unless IPAM or duplicate address
 * detection works by that end.
 */
static bool may_lock(const struct br *br)
{
	return !br->ipam_process && !br->conf->dad &&
	       !br->conf->no_container_interface;
}

/* Makes the veth and its way to the bridge, which no address has a part in. */
static int add_link(struct br *br, struct cni_err *err)
{
	const struct veth_conf conf = { mac_choose(&br->conf->mac, br->own),
					br->conf->mtu };
	struct l3 l;

	if (veth_add(&br->s, &conf, &br->veth, br->undo, err) < 0)
		return -1;
	/* before it is up: RAs count from the first moment */
	(void)sysctl_set_conf(br->s.sys, "ipv6", br->veth.host.name,
			      "accept_ra", "0");
	l = l3_of(br);
	if (br->ipam_process)
		l3_prepare(&l);
	if (br_ensure_bridge(br, err) < 0)
		return -1;
	br->locked = may_lock(br);
	return br_add_port(br, err);
}

/* Rules against others' MACs, if there are any, name the one it has. */
static int follow_addresses(struct br *br, struct cni_err *err)
{
	if (br->conf->macspoof)
		return 0;
	return mac_follow(&br->s, br->veth.cont, &br->conf->mac, br->own,
			  br->veth.mac, err);
}

/*
 * An IPAM plugin in this executable comes first: what it refuses touches
 * nothing, not even the bridge. It reserves nothing twice for one attachment,
 * so of two ADDs of it the second is refused there, if not before. One that is
 * a process may need the link, as that of DHCP: the veth comes first, which no
 * two ADDs of one attachment can make, so nothing is asked of the plugin, nor
 * taken back, on behalf of the other one.
 */
static int add_link_and_addresses(struct br *br, struct cni_err *err)
{
	int first = ipam_comes_first(br->s.call, &br->roaming, err);

	if (first < 0)
		return -1;
	if (!first) {
		br->ipam_process = br->s.call->conf.ipam_type;
		if (add_link(br, err) < 0 || add_addresses(br, err) < 0)
			return -1;
		return follow_addresses(br, err);
	}
	if (veth_refuse_second(&br->s, err) < 0 || add_addresses(br, err) < 0)
		return -1;
	return add_link(br, err);
}

/* bridge, host end, container end, and the VLAN's gateway interface */
static int list_interfaces(struct br *br, struct cni_err *err)
{
	const struct cni_call *call = br->s.call;
	struct cni_result *own = br->own;

	if (list_interface(own, br->bridge.name, br->bridge.mac, NULL) < 0 ||
	    list_pair(call, &br->veth, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (br->gw.index && br->gw.index != br->bridge.index &&
	    list_interface(own, br->gw.name, br->gw.mac, NULL) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (list_own(call, 2, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

int br_add(const struct cni_call *call, struct cni_result *own,
	   struct undo *undo, struct cni_err *err)
{
	AUTO(br) struct br br = { .conf = call->own, .undo = undo, .own = own };
	bool has_interface = !br.conf->no_container_interface;
	struct l3 l;

	if (list_check_version(call, err) < 0 ||
	    sandbox_open(&br.s, call, err) < 0 ||
	    add_link_and_addresses(&br, err) < 0)
		return -1;
	if (call->conf.ipam_type && br_find_gateway_link(&br, err) < 0)
		return -1;
	l = l3_of(&br);
	if (has_interface && l3_bring_up(&l, err) < 0)
		return -1;
	if (call->conf.ipam_type && br_set_up_gateways(&br, err) < 0)
		return -1;
	if (has_interface && l3_settle(&l, err) < 0)
		return -1;
	if (br.new_gateway && gateway_wait(&br.s, &br.gw, own, err) < 0)
		return -1;
	if (br_open_port(&br, err) < 0)
		return -1;
	if (has_interface && l3_announce(&l, err) < 0)
		return -1;
	return list_interfaces(&br, err);
}
