// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check.c - CHECK: the attachment is as its result and configuration say;
 * here its links, in check-vlan.c their VLANs, and in check-l3.c what is on
 * them
 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "cni/delegate.h"
#include "fw/spoof.h"

/* What the result says of a link of the host. */
static const struct cni_interface *listed(const struct cni_result *prev,
					  const char *name)
{
	for (size_t i = prev->n_interfaces; i-- > 0;) {
		const struct cni_interface *ifc = &prev->interfaces[i];

		if (ifc->name && strcmp(ifc->name, name) == 0 && !ifc->sandbox)
			return ifc;
	}
	return NULL;
}

static int check_mac(const struct cni_interface *ifc, const struct rt_link *l,
		     struct cni_err *err)
{
	uint8_t mac[MAC_LEN];
	char text[MAC_STRLEN];

	if (!ifc->mac || (mac_parse(ifc->mac, mac) == 0 &&
			  memcmp(mac, l->mac, MAC_LEN) == 0))
		return 0;
	return differs(err, "interface %s Mac %s doesn't match: %s", l->name,
		       ifc->mac, mac_format(l->mac, text));
}

int check_up(const struct rt_link *l, struct cni_err *err)
{
	return l->flags & IFF_UP ? 0 : differs(err, "%s is down", l->name);
}

static int check_bridge(struct br *br, struct cni_err *err)
{
	const char *name = br->conf->bridge;
	const struct cni_interface *ifc;
	int r = rt_link_get(br->host, name, &br->bridge);

	if (r == -ENODEV)
		return differs(err, "interface %s not found", name);
	if (r < 0)
		return rt_fail(err, br->host, r, "could not lookup \"%s\"",
			       name);
	/* the configuration may have another name for it (altname) */
	ifc = listed(&br->call->conf.prev, br->bridge.name);
	if (!ifc)
		return differs(err, "bridge %s is not in prevResult", name);
	if (strcmp(br->bridge.kind, "bridge") != 0)
		return differs(err,
			       "interface %s does not have link type of bridge",
			       name);
	if (check_up(&br->bridge, err) < 0)
		return -1;
	if (br->conf->promisc && !(br->bridge.flags & IFF_PROMISC))
		return differs(err, "%s is not in promiscuous mode", name);
	return check_mac(ifc, &br->bridge, err);
}

/*
 * Plugins after this one may have changed it, and said so in the result. That
 * of the container's end tuning changes without a word: what is configured
 * here (0: nothing) counts for the host's end alone.
 */
static int check_mtu(const struct cni_interface *ifc, unsigned configured,
		     const struct rt_link *l, struct cni_err *err)
{
	unsigned want = ifc->mtu ? (unsigned)ifc->mtu : configured;

	if (!want || l->mtu == want)
		return 0;
	return differs(err, "mtu of %s is %u, not %u", l->name, l->mtu, want);
}

static int check_container_link(struct br *br, const struct cni_result *own,
				struct rt_link *ret, struct cni_err *err)
{
	const struct cni_call *call = br->call;
	const struct cni_interface *ifc = own->interfaces;
	const char *name = call->att.ifname;
	int r = rt_link_get(br->cont, name, ret);

	if (own->n_interfaces == 0)
		return differs(err,
			       "prevResult has no interface %s in the netns %s",
			       name, call->netns);
	if (r == -ENODEV)
		return differs(err, "interface %s not found in the container",
			       name);
	if (r < 0)
		return rt_fail(err, br->cont, r, "could not lookup \"%s\"",
			       name);
	if (strcmp(ret->kind, "veth") != 0)
		return differs(err,
			       "container interface %s is not of type veth",
			       name);
	br->cont_index = ret->index;
	memcpy(br->cont_mac, ret->mac, MAC_LEN);
	if (!br->conf->no_container_interface && check_up(ret, err) < 0)
		return -1;
	return check_mac(ifc, ret, err) < 0 ? -1 : check_mtu(ifc, 0, ret, err);
}

static int check_port(struct br *br, const struct rt_link *cont,
		      struct cni_err *err)
{
	struct rt_link *port = &br->port;
	const struct cni_interface *ifc;
	int r = rt_link_get_index(br->host, cont->peer, port);

	if (r == -ENODEV || (r == 0 && port->peer != cont->index))
		return differs(err, "the host's end of %s was not found",
			       cont->name);
	if (r < 0)
		return rt_fail(err, br->host, r,
			       "could not look up the host's end of %s",
			       cont->name);
	ifc = listed(&br->call->conf.prev, port->name);
	if (!ifc)
		return differs(err, "host interface %s is not in prevResult",
			       port->name);
	if (port->master != br->bridge.index)
		return differs(err, "%s is not a port of bridge %s", port->name,
			       br->conf->bridge);
	if (port->hairpin != br->conf->hairpin)
		return differs(err, "hairpin mode of %s is %s", port->name,
			       port->hairpin ? "on" : "off");
	if (port->isolated != br->conf->isolated)
		return differs(err, "isolation of %s is %s", port->name,
			       port->isolated ? "on" : "off");
	if (check_up(port, err) < 0 ||
	    check_mtu(ifc, br->conf->mtu, port, err) < 0)
		return -1;
	return check_mac(ifc, port, err);
}

static int check_spoof(struct br *br, struct cni_err *err)
{
	struct fw_spoof s = { .att = &br->call->att, .host_if = br->port.name };
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open(&fw);

	memcpy(s.mac, br->cont_mac, MAC_LEN);
	if (r == 0)
		r = fw_spoof_has(fw, &s);
	if (r < 0)
		return fw_fail(err, fw, r, "look for macspoofchk rules");
	return r ? 0
		 : differs(err, "macspoofchk rules of %s are missing",
			   br->port.name);
}

int br_check(const struct cni_call *call, const struct cni_result *own,
	     struct cni_err *err)
{
	AUTO(br) struct br br = { .call = call, .conf = call->own };
	const char *ipam = call->conf.ipam_type;
	struct rt_link cont;

	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	if (br_open(&br, err) < 0)
		return -1;
	if (ipam && cni_delegate(call, ipam, "CHECK", NULL, err) < 0)
		return -1;
	if (check_bridge(&br, err) < 0 ||
	    check_container_link(&br, own, &cont, err) < 0 ||
	    check_port(&br, &cont, err) < 0 || check_vlans(&br, err) < 0)
		return -1;
	if (br.conf->macspoof && check_spoof(&br, err) < 0)
		return -1;
	return ipam ? check_l3(&br, own, err) : 0;
}
