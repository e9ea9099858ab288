// SPDX-License-Identifier: GPL-2.0-or-later
/* port.c - the veth, and its host end as a port of the bridge */
#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fw/spoof.h"
#include "base/sysctl.h"

/*
 * A link of that name is this attachment's if its alias says so, or if it is
 * a veth that got neither alias nor master: then its ADD was killed between
 * the two messages that make a port.
 */
static bool is_ours(const struct rt_link *l, const struct cni_attachment *att)
{
	char owner[CNI_OWNER_LEN];

	if (*l->alias)
		return strcmp(l->alias, cni_owner(att, owner, sizeof(owner))) ==
		       0;
	return strcmp(l->kind, "veth") == 0 && l->master == 0;
}

int br_find_port(struct rt *host, const struct cni_attachment *att,
		 struct rt_link *ret)
{
	char name[IFNAMSIZ];

	/* all names: what had the first one then may be gone by now */
	for (unsigned salt = 0; salt < VETH_SALTS; salt++) {
		int r;

		cni_veth_name(att, salt, name);
		r = rt_link_get(host, name, ret);
		if (r == 0 && is_ours(ret, att))
			return 0;
		if (r < 0 && r != -ENODEV)
			return r;
	}
	return -ENODEV;
}

static int choose_macs(struct br *br, struct rt_veth *veth)
{
	int r = mac_random(veth->mac);

	if (r == 0 && !br->conf->mac.given)
		r = mac_random(br->cont_mac);
	else if (r == 0)
		memcpy(br->cont_mac, br->conf->mac.b, MAC_LEN);
	memcpy(veth->peer_mac, br->cont_mac, MAC_LEN);
	return r;
}

/*
 * Makes the pair and looks at the host's end. If the kernel's answer got lost,
 * the MAC, which is random, tells whether it is there.
 */
static int make_veth(struct br *br, const struct rt_veth *veth)
{
	int r = rt_veth_add(br->host, veth);
	bool lost = rt_lost(br->host);
	int look;

	if (r < 0 && !lost)
		return r;
	undo_mark(br->undo, br_del_link);
	look = rt_link_get(br->host, veth->name, &br->port);
	if (!lost || look < 0)
		return lost ? r : look;
	if (memcmp(br->port.mac, veth->mac, MAC_LEN) == 0)
		return 0;
	undo_unmark(br->undo, br_del_link);
	return r;
}

/*
 * One of the two names is taken: the container's, or (port) the host's by this
 * attachment, whose sandbox may be another one.
 */
static int fail_exists(const struct br *br, const struct rt_link *port,
		       struct cni_err *err)
{
	const struct cni_call *call = br->call;

	if (!port)
		return cni_fail(err, CNI_EEXIST, 0,
				"container interface name \"%s\" already "
				"exists in %s",
				call->att.ifname, call->netns);
	cni_fail(err, CNI_EEXIST, 0,
		 "container %s is attached to network %s as %s already",
		 call->att.id, call->att.network, call->att.ifname);
	cni_detail(err, "the host interface %s belongs to it; DEL it first",
		   port->name);
	return -1;
}

int br_refuse_second(struct br *br, struct cni_err *err)
{
	const struct cni_attachment *att = &br->call->att;
	struct rt_link link;
	char name[IFNAMSIZ];
	int r;

	cni_veth_name(att, 0, name);
	r = rt_link_get(br->host, name, &link);
	if (r == 0 && is_ours(&link, att))
		return fail_exists(br, &link, err);
	if (r < 0 && r != -ENODEV)
		return rt_fail(err, br->host, r, "could not lookup \"%s\"",
			       name);
	r = rt_link_get(br->cont, att->ifname, &link);
	if (r == 0)
		return fail_exists(br, NULL, err);
	if (r != -ENODEV)
		return rt_fail(err, br->cont, r, "could not lookup \"%s\"",
			       att->ifname);
	return 0;
}

int br_add_link(struct br *br, struct cni_err *err)
{
	const struct cni_attachment *att = &br->call->att;
	char name[IFNAMSIZ];
	struct rt_veth veth = { .name = name,
				.peer_name = att->ifname,
				.mtu = br->conf->mtu,
				.peer_netns = br->call->sandbox };
	struct rt_link other;
	int r = choose_macs(br, &veth);

	if (r < 0)
		return rt_fail(err, NULL, r, "cannot choose a MAC address");
	for (unsigned salt = 0; salt < VETH_SALTS; salt++) {
		cni_veth_name(att, salt, name);
		r = make_veth(br, &veth);
		if (r != -EEXIST)
			break;
		r = rt_link_get(br->host, name, &other);
		if (r == -ENODEV)
			return fail_exists(br, NULL, err);
		if (r == 0 && is_ours(&other, att))
			return fail_exists(br, &other, err);
		if (r < 0)
			break;
		r = -EEXIST; /* somebody else's: the next salt */
	}
	if (r < 0)
		return rt_fail(err, br->host, r, "failed to make veth pair");
	br->cont_index = br->port.peer;
	return 0;
}

static int guard(struct br *br, struct cni_err *err)
{
	struct fw_spoof s = { .att = &br->call->att, .host_if = br->port.name };
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open(&fw);

	memcpy(s.mac, br->cont_mac, MAC_LEN);
	undo_mark(br->undo, br_del_spoof);
	if (r == 0)
		r = fw_spoof_add(fw, &s);
	return r < 0 ? fw_fail(err, fw, r, "set up macspoofchk") : 0;
}

static int attach(struct br *br, struct cni_err *err)
{
	const char *name = br->port.name;
	char owner[CNI_OWNER_LEN];
	struct rt_link bridge;
	int r;

	r = rt_link_attach(br->host, br->port.index, br->bridge.index,
			   cni_owner(&br->call->att, owner, sizeof(owner)));
	if (r == -EXFULL)
		return rt_fail(err, br->host, r,
			       "bridge %s has reached the kernel's limit of "
			       "1023 ports",
			       br->conf->bridge);
	if (r == -EINVAL &&
	    rt_link_get_index(br->host, br->bridge.index, &bridge) == -ENODEV)
		return cni_fail(err, CNI_EAGAIN, 0,
				"bridge %s was deleted meanwhile",
				br->conf->bridge);
	if (r < 0)
		return rt_fail(err, br->host, r,
			       "failed to connect \"%s\" to bridge %s", name,
			       br->conf->bridge);
	/* both are off on a new port */
	if (br->conf->hairpin || br->conf->isolated)
		r = rt_port_set(br->host, br->port.index, br->conf->hairpin,
				br->conf->isolated);
	return r < 0 ? rt_fail(err, br->host, r,
			       "failed to set hairpin mode or isolation of %s",
			       name)
		     : 0;
}

/* Removes the VLANs a new port has by default, usually 1. */
static int drop_default_vlans(struct br *br, int index)
{
	struct rt_vlans have;
	int r = rt_vlan_list(br->host, index, &have);

	for (unsigned vid = 1; vid <= VLAN_MAX && r == 0; vid++)
		if (vlan_set_has(&have.all, vid))
			r = rt_vlan_del(br->host, index, vid, vid);
	return r;
}

/* Adds the trunk run by run. */
static int add_trunk(struct br *br, int index, const struct vlan_set *trunk)
{
	int r = 0;

	for (unsigned first = 1; first <= VLAN_MAX && r == 0; first++) {
		unsigned last = first;

		if (!vlan_set_has(trunk, first))
			continue;
		while (last < VLAN_MAX && vlan_set_has(trunk, last + 1))
			last++;
		r = rt_vlan_add(br->host, index, first, last, false);
		first = last;
	}
	return r;
}

int br_set_vlans(struct br *br, int index, const struct vlan_set *trunk,
		 struct cni_err *err)
{
	bool has_trunk = trunk && !vlan_set_empty(trunk);
	/* frames without a tag of a trunk port belong to VLAN 1 */
	unsigned pvid = br->conf->vlan ? br->conf->vlan : has_trunk ? 1 : 0;
	int r = 0;

	if (!pvid)
		return 0;
	if (!br->conf->keep_default_vlan)
		r = drop_default_vlans(br, index);
	if (r < 0)
		return rt_fail(err, br->host, r,
			       "failed to remove default vlan of a port of %s",
			       br->conf->bridge);
	if (has_trunk)
		r = add_trunk(br, index, trunk);
	/* after the trunk, which may hold the same VLAN without the flag */
	if (r == 0)
		r = rt_vlan_add(br->host, index, pvid, pvid, true);
	return r < 0 ? rt_fail(err, br->host, r,
			       "failed to setup vlan tag %u on a port of %s",
			       pvid, br->conf->bridge)
		     : 0;
}

void br_prepare_link(const struct br *br)
{
	/* before it is up: RAs count from the first moment */
	(void)sysctl_set_conf("ipv6", br->port.name, "accept_ra", "0");
	if (br->call->conf.ipam_type)
		br_prepare_sandbox(br);
}

int br_add_port(struct br *br, struct cni_err *err)
{
	/* before the first frame can pass */
	if (br->conf->macspoof && guard(br, err) < 0)
		return -1;
	if (attach(br, err) < 0)
		return -1;
	return br_set_vlans(br, br->port.index, &br->conf->trunk, err);
}
