// SPDX-License-Identifier: GPL-2.0-or-later
/* port.c - the veth, and its host end as a port of the bridge */
#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach/label.h"
#include "attach/masq.h"
#include "fw/spoof.h"
#include "route/kinds.h"
#include "route/vlan.h"

static int add_spoof_rules(struct br *br, struct cni_err *err)
{
	struct fw_spoof s = { .att = &br->s.call->att,
			      .host_if = br->veth.host.name };
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open(&fw);

	memcpy(s.mac, br->veth.mac, MAC_LEN);
	undo_mark(br->undo, br_del_spoof);
	if (r == 0)
		r = fw_spoof_add(fw, &s);
	return r < 0 ? fw_fail(err, fw, r, "set up macspoofchk") : 0;
}

/* Flags of a port: all are off on a new one. */
static int set_port(struct br *br, bool locked, struct cni_err *err)
{
	const struct rt_port port = { .hairpin = br->conf->hairpin,
				      .isolated = br->conf->isolated,
				      .locked = locked };
	int r = rt_port_set(br->s.host, br->veth.host.index, &port);

	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "failed to set hairpin mode, isolation or lock "
			       "of %s, a port of bridge %s",
			       br->veth.host.name, br->conf->bridge);
	return 0;
}

static int bring_up(struct br *br, struct cni_err *err)
{
	bool masq = br->conf->ip_masq && br->s.call->conf.ipam_type;
	int r = rt_link_set(br->s.host, br->veth.host.index,
			    &(struct rt_change){ .mask = IFF_UP,
						 .flags = IFF_UP,
						 .tag = masq ? MASQ_TAG : 0 });

	if (r < 0)
		return rt_fail(err, br->s.host, r, "failed to set \"%s\" up",
			       br->veth.host.name);
	return 0;
}

static int attach(struct br *br, struct cni_err *err)
{
	const char *name = br->veth.host.name;
	char alias[CNI_OWNER_LEN];
	struct rt_link bridge;
	int r;

	/* with hundreds of ports, this and "up" by themselves take the kernel
	   less than both in one message */
	r = rt_link_set(br->s.host, br->veth.host.index,
			&(struct rt_change){
				.master = br->bridge.index,
				.alias = label(br->s.call, alias) });
	if (r == -EXFULL)
		return rt_fail(err, br->s.host, r,
			       "bridge %s has reached the kernel's limit of "
			       "1023 ports",
			       br->conf->bridge);
	if (r == -EINVAL &&
	    rt_link_get_index(br->s.host, br->bridge.index, &bridge) == -ENODEV)
		return cni_fail(err, CNI_EAGAIN, 0,
				"bridge %s was deleted meanwhile",
				br->conf->bridge);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "failed to connect \"%s\" to bridge %s", name,
			       br->conf->bridge);
	return 0;
}

/* Removes the VLANs a new port has by default, usually 1. */
static int drop_default_vlans(struct br *br, int index)
{
	struct rt_vlans have;
	int r = rt_vlan_list(br->s.host, index, &have);

	for (unsigned vid = 1; vid <= VLAN_MAX && r == 0; vid++)
		if (vlan_set_has(&have.all, vid))
			r = rt_vlan_del(br->s.host, index, vid, vid);
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
		r = rt_vlan_add(br->s.host, index, first, last, false);
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
		return rt_fail(err, br->s.host, r,
			       "failed to remove default vlan of a port of %s",
			       br->conf->bridge);
	if (has_trunk)
		r = add_trunk(br, index, trunk);
	/* after the trunk, which may hold the same VLAN without the flag */
	if (r == 0)
		r = rt_vlan_add(br->s.host, index, pvid, pvid, true);
	return r < 0 ? rt_fail(err, br->s.host, r,
			       "failed to setup vlan tag %u on a port of %s",
			       pvid, br->conf->bridge)
		     : 0;
}

int br_add_port(struct br *br, struct cni_err *err)
{
	bool flags = br->conf->hairpin || br->conf->isolated || br->locked;
	const struct vlan_set *trunk = &br->conf->trunk;

	/* before the first frame can pass */
	if (br->conf->macspoof && add_spoof_rules(br, err) < 0)
		return -1;
	if (attach(br, err) < 0 ||
	    (flags && set_port(br, br->locked, err) < 0) ||
	    br_set_vlans(br, br->veth.host.index, trunk, err) < 0)
		return -1;
	return bring_up(br, err);
}

int br_open_port(struct br *br, struct cni_err *err)
{
	return br->locked ? set_port(br, false, err) : 0;
}
