// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vlanif.c - the gateway of a VLAN: a veth in the host, one end a port of the
 * bridge in that VLAN, the other one, <bridge>.<vlan>, with the addresses.
 */
#include "bridge.h"

#include <errno.h>
#include <string.h>

#include "sysctl.h"

/* It belongs to the bridge, as the reference's: DEL does not remove it. */
#define VLAN_MARK "cni:vlan"

static int create(struct br *br, const char *name)
{
	const struct cni_attachment id = { "", br->conf.bridge, name };
	char peer[IFNAMSIZ];
	struct rt_veth veth = { .name = name,
				.peer_name = peer,
				.mtu = br->bridge.mtu,
				.peer_netns = -1 };
	int r = mac_random(veth.mac);

	if (r == 0)
		r = mac_random(veth.peer_mac);
	cni_veth_name(&id, 0, peer);
	return r < 0 ? r : rt_veth_add(br->host, &veth);
}

/*
 * Both ends as they should be, whoever made them and however far he came. An
 * attached end is the last step, so it tells that all the others were done.
 */
static int complete(struct br *br, struct cni_err *err)
{
	const char *name = br->gw.name;
	struct rt_link peer;
	int r = rt_link_get_index(br->host, br->gw.peer, &peer);

	if (r < 0)
		return br_fail(err, br->host, r,
			       "cannot find the bridge's end of \"%s\"", name);
	if (peer.master == br->bridge.index && peer.flags & IFF_UP &&
	    br->gw.flags & IFF_UP)
		return 0;
	(void)sysctl_set_conf("ipv6", name, "accept_ra", "0");
	(void)sysctl_set_conf("ipv6", peer.name, "accept_ra", "0");
	r = rt_link_up(br->host, br->gw.index);
	if (r == 0)
		r = rt_link_attach(br->host, peer.index, br->bridge.index,
				   VLAN_MARK);
	if (r < 0)
		return br_fail(err, br->host, r,
			       "failed to create vlan interface \"%s\"", name);
	return br_set_vlans(br, peer.index, NULL, err);
}

int br_ensure_vlan_interface(struct br *br, struct cni_err *err)
{
	char name[IFNAMSIZ];
	int r = -ENODEV;

	(void)br_conf_vlan_interface(&br->conf, name);
	for (int i = 0; i < 10; i++) {
		r = rt_link_get(br->host, name, &br->gw);
		if (r != -ENODEV)
			break;
		r = create(br, name);
		if (r < 0 && r != -EEXIST)
			return br_fail(err, br->host, r,
				       "failed to create vlan interface "
				       "\"%s\"",
				       name);
	}
	if (r < 0)
		return br_fail(err, br->host, r,
			       "failed to find interface \"%s\"", name);
	if (strcmp(br->gw.kind, "veth") != 0)
		return cni_fail(err, CNI_EEXIST, 0,
				"\"%s\" already exists but is not a veth",
				name);
	return complete(br, err);
}
