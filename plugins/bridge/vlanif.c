// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vlanif.c - the gateway of a VLAN: <bridge>.<vlan>, a VLAN interface of the
 * bridge, has the addresses.
 *
 * The Go plugins make a veth pair of that name, with one end a port of the
 * bridge; such a one is used as it is. We make none: a frame that passes the
 * bridge to a port has been in netfilter's postrouting before it is routed,
 * where br_netfilter is loaded, as on all Kubernetes nodes. So its connection
 * is known as one without NAT, and its masquerade never happens.
 */
#include "bridge.h"

#include <errno.h>
#include <string.h>

#include "base/sysctl.h"
#include "route/vlan.h"

/* The interface's alias. It belongs to the bridge, as that of the Go plugins:
   DEL does not remove it. */
#define VLAN_MARK "cni:vlan"

static int fail(struct br *br, int r, struct cni_err *err)
{
	return rt_fail(err, br->s.host, r,
		       "failed to set up vlan interface "
		       "\"%s\"",
		       br->gw.name);
}

/* Being up is the last step, so it tells that all the others were done. */
static int complete_link(struct br *br, struct cni_err *err)
{
	int r;

	if (br->gw.lower != br->bridge.index || br->gw.vlan != br->conf->vlan)
		return cni_fail(err, CNI_EEXIST, 0,
				"\"%s\" already exists but is not VLAN %u of "
				"%s",
				br->gw.name, br->conf->vlan, br->bridge.name);
	if (br->gw.flags & IFF_UP)
		return 0;
	(void)sysctl_set_conf(br->s.sys, "ipv6", br->gw.name, "accept_ra", "0");
	r = rt_vlan_add_self(br->s.host, br->bridge.index, br->conf->vlan);
	if (r == 0)
		r = rt_link_attach(br->s.host, br->gw.index, 0, VLAN_MARK);
	return r < 0 ? fail(br, r, err) : 0;
}

/* However far it came. */
static int complete_veth(struct br *br, struct cni_err *err)
{
	struct rt_link port;
	struct rt_vlans have;
	int r = rt_link_get_index(br->s.host, br->gw.lower, &port);

	if (r == 0 && !(br->gw.flags & IFF_UP))
		r = rt_link_up(br->s.host, br->gw.index);
	if (r == 0 &&
	    (port.master != br->bridge.index || !(port.flags & IFF_UP)))
		r = rt_link_attach(br->s.host, port.index, br->bridge.index,
				   VLAN_MARK);
	if (r == 0)
		r = rt_vlan_list(br->s.host, port.index, &have);
	if (r < 0)
		return fail(br, r, err);
	if (have.pvid == br->conf->vlan)
		return 0;
	return br_set_vlans(br, port.index, NULL, err);
}

int br_ensure_vlan_interface(struct br *br, struct cni_err *err)
{
	char name[IFNAMSIZ];
	int r = -ENODEV;

	(void)br_conf_vlan_interface(br->conf, name);
	for (int i = 0; i < 10; i++) {
		r = rt_link_get(br->s.host, name, &br->gw);
		if (r != -ENODEV)
			break;
		r = rt_vlan_link_add(br->s.host, name, br->bridge.index,
				     br->conf->vlan);
		if (r < 0 && r != -EEXIST)
			return rt_fail(err, br->s.host, r,
				       "failed to create vlan interface "
				       "\"%s\"",
				       name);
	}
	if (r == -EEXIST)
		return cni_fail(err, CNI_EEXIST, 0,
				"VLAN %u of %s has an interface already that "
				"is not called \"%s\"",
				br->conf->vlan, br->bridge.name, name);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "failed to find interface \"%s\"", name);
	if (strcmp(br->gw.kind, "vlan") == 0)
		return complete_link(br, err);
	if (strcmp(br->gw.kind, "veth") == 0)
		return complete_veth(br, err);
	return cni_fail(err, CNI_EEXIST, 0,
			"\"%s\" already exists but is neither a VLAN interface "
			"nor a veth",
			name);
}
