// SPDX-License-Identifier: GPL-2.0-or-later
/* check-vlan.c - CHECK: VLANs of the port, and of the gateway's interface */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "route/vlan.h"

static int list_vlans(struct br *br, const struct rt_link *l,
		      struct rt_vlans *ret, struct cni_err *err)
{
	int r = rt_vlan_list(br->s.host, l->index, ret);

	return r < 0 ? rt_fail(err, br->s.host, r,
			       "cannot list the VLANs of %s", l->name)
		     : 0;
}

/* A VLAN that the port is in. */
static int check_vlan(const struct br *br, const struct rt_vlans *have,
		      unsigned vid, unsigned untagged, struct cni_err *err)
{
	bool tagged = !vlan_set_has(&have->untagged, vid);

	if (vid == untagged && tagged)
		return cni_differs(err,
				   "frames of VLAN %u leave %s with their tag",
				   vid, br->veth.host.name);
	if (vid != untagged && vlan_set_has(&br->conf->trunk, vid) && !tagged)
		return cni_differs(
			err, "frames of VLAN %u leave %s without their tag",
			vid, br->veth.host.name);
	return 0;
}

int check_vlans(struct br *br, struct cni_err *err)
{
	unsigned want = br->conf->vlan ? br->conf->vlan : 1;
	struct rt_vlans have;

	if (!br_conf_vlans(br->conf))
		return 0;
	if (!br->bridge.vlan_filtering)
		return cni_differs(err, "VLAN filtering of %s is off",
				   br->conf->bridge);
	if (list_vlans(br, &br->veth.host, &have, err) < 0)
		return -1;
	if (have.pvid != want)
		return cni_differs(
			err, "VLAN of untagged frames of %s is %u, not %u",
			br->veth.host.name, have.pvid, want);
	for (unsigned vid = 1; vid <= VLAN_MAX; vid++) {
		bool wants = vid == want || vlan_set_has(&br->conf->trunk, vid);
		bool has = vlan_set_has(&have.all, vid);

		if (wants && !has)
			return cni_differs(err, "%s is not in VLAN %u",
					   br->veth.host.name, vid);
		/* which VLANs a port has by default is up to the bridge */
		if (has && !wants && !br->conf->keep_default_vlan)
			return cni_differs(err, "%s is in VLAN %u as well",
					   br->veth.host.name, vid);
		if (has && check_vlan(br, &have, vid, want, err) < 0)
			return -1;
	}
	return 0;
}

static int not_its_gateway(const struct br *br, struct cni_err *err)
{
	return cni_differs(err, "%s is not the interface of VLAN %u of %s",
			   br->gw.name, br->conf->vlan, br->bridge.name);
}

static int check_vlan_link(struct br *br, struct cni_err *err)
{
	struct rt_vlans have;

	if (br->gw.lower != br->bridge.index || br->gw.vlan != br->conf->vlan)
		return not_its_gateway(br, err);
	if (list_vlans(br, &br->bridge, &have, err) < 0)
		return -1;
	if (!vlan_set_has(&have.all, br->conf->vlan))
		return cni_differs(err, "%s itself is not in VLAN %u",
				   br->bridge.name, br->conf->vlan);
	return 0;
}

/* The Go plugins' pair: one end is a port of the bridge. */
static int check_veth(struct br *br, struct cni_err *err)
{
	struct rt_link port;
	struct rt_vlans have;
	int r = rt_link_get_index(br->s.host, br->gw.lower, &port);

	if (r == -ENODEV || (r == 0 && port.master != br->bridge.index))
		return not_its_gateway(br, err);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "could not look up the other end of %s",
			       br->gw.name);
	if (list_vlans(br, &port, &have, err) < 0)
		return -1;
	if (have.pvid != br->conf->vlan ||
	    !vlan_set_has(&have.untagged, have.pvid))
		return not_its_gateway(br, err);
	return check_up(&port, err);
}

int check_vlan_interface(struct br *br, struct cni_err *err)
{
	char name[IFNAMSIZ];
	int r;

	(void)br_conf_vlan_interface(br->conf, name);
	r = rt_link_get(br->s.host, name, &br->gw);
	if (r == -ENODEV)
		return cni_differs(err,
				   "the VLAN's gateway interface %s was not "
				   "found",
				   name);
	if (r < 0)
		return rt_fail(err, br->s.host, r, "could not lookup \"%s\"",
			       name);
	if (check_up(&br->gw, err) < 0)
		return -1;
	if (strcmp(br->gw.kind, "vlan") == 0)
		return check_vlan_link(br, err);
	if (strcmp(br->gw.kind, "veth") == 0)
		return check_veth(br, err);
	return not_its_gateway(br, err);
}
