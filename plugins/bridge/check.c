// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check.c - CHECK: the attachment is as its result and configuration say;
 * here its links, in check-vlan.c their VLANs, and in check-l3.c what is on
 * them
 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "attach/ipam.h"
#include "fw/spoof.h"

static int check_bridge(struct br *br, struct cni_err *err)
{
	const char *name = br->conf->bridge;
	const struct cni_interface *ifc;
	int r = rt_link_get(br->s.host, name, &br->bridge);

	if (r == -ENODEV)
		return cni_differs(err, "interface %s not found", name);
	if (r < 0)
		return rt_fail(err, br->s.host, r, "could not lookup \"%s\"",
			       name);
	/* the configuration may have another name for it (altname) */
	ifc = check_listed(&br->s.call->conf.prev, br->bridge.name);
	if (!ifc)
		return cni_differs(err, "bridge %s is not in prevResult", name);
	if (strcmp(br->bridge.kind, "bridge") != 0)
		return cni_differs(
			err, "interface %s does not have link type of bridge",
			name);
	if (check_up(&br->bridge, err) < 0)
		return -1;
	if (br->conf->promisc && !(br->bridge.flags & IFF_PROMISC))
		return cni_differs(err, "%s is not in promiscuous mode", name);
	return check_mac(ifc, &br->bridge, err);
}

static int check_container(struct br *br, const struct cni_result *own,
			   struct rt_link *ret, struct cni_err *err)
{
	if (check_inner(&br->s, own, "veth", ret, err) < 0)
		return -1;
	br->veth.cont = ret->index;
	memcpy(br->veth.mac, ret->mac, MAC_LEN);
	return br->conf->no_container_interface ? 0 : check_up(ret, err);
}

static int check_port(struct br *br, const struct rt_link *cont,
		      struct cni_err *err)
{
	struct rt_link *port = &br->veth.host;

	if (check_outer(&br->s, cont, br->conf->mtu, port, err) < 0)
		return -1;
	if (port->master != br->bridge.index)
		return cni_differs(err, "%s is not a port of bridge %s",
				   port->name, br->conf->bridge);
	if (port->hairpin != br->conf->hairpin)
		return cni_differs(err, "hairpin mode of %s is %s", port->name,
				   port->hairpin ? "on" : "off");
	if (port->isolated != br->conf->isolated)
		return cni_differs(err, "isolation of %s is %s", port->name,
				   port->isolated ? "on" : "off");
	return 0;
}

static int check_spoof(struct br *br, struct cni_err *err)
{
	struct fw_spoof s = { .att = &br->s.call->att,
			      .host_if = br->veth.host.name };
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open(&fw);

	memcpy(s.mac, br->veth.mac, MAC_LEN);
	if (r == 0)
		r = fw_spoof_has(fw, &s);
	if (r < 0)
		return fw_fail(err, fw, r, "look for macspoofchk rules");
	return r ? 0
		 : cni_differs(err, "macspoofchk rules of %s are missing",
			       br->veth.host.name);
}

int br_check(const struct cni_call *call, const struct cni_result *own,
	     struct cni_err *err)
{
	AUTO(br) struct br br = { .conf = call->own };
	struct rt_link cont;

	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	if (sandbox_open(&br.s, call, err) < 0 || ipam_check(call, err) < 0)
		return -1;
	if (check_bridge(&br, err) < 0 ||
	    check_container(&br, own, &cont, err) < 0 ||
	    check_port(&br, &cont, err) < 0 || check_vlans(&br, err) < 0)
		return -1;
	if (br.conf->macspoof && check_spoof(&br, err) < 0)
		return -1;
	return call->conf.ipam_type ? check_l3(&br, own, err) : 0;
}
