// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - CHECK: the attachment is as its result and configuration say */
#include "bridge.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "addr.h"
#include "delegate.h"
#include "goplugins.h"
#include "route.h"
#include "spoof.h"
#include "sysctl.h"

/* what is not as it should be */
#define differs(err, ...) cni_fail(err, CNI_ESTATE, 0, __VA_ARGS__)

/* The same namespace may have two paths: /run and /var/run, say. */
static bool same_sandbox(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* What the result says of a link; sandbox NULL means the host's. */
static const struct cni_interface *listed(const struct cni_result *prev,
					  const char *name, const char *sandbox)
{
	for (size_t i = prev->n_interfaces; i-- > 0;) {
		const struct cni_interface *ifc = &prev->interfaces[i];

		if (!ifc->name || strcmp(ifc->name, name) != 0 ||
		    !ifc->sandbox != !sandbox)
			continue;
		if (!sandbox || same_sandbox(ifc->sandbox, sandbox))
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

static int check_up(const struct rt_link *l, struct cni_err *err)
{
	return l->flags & IFF_UP ? 0 : differs(err, "%s is down", l->name);
}

static int check_bridge(struct br *br, struct cni_err *err)
{
	const char *name = br->conf.bridge;
	const struct cni_interface *ifc =
		listed(&br->args->conf.prev, name, NULL);
	int r = rt_link_get(br->host, name, &br->bridge);

	if (!ifc)
		return differs(err, "bridge %s is not in prevResult", name);
	if (r == -ENODEV)
		return differs(err, "interface %s not found", name);
	if (r < 0)
		return br_fail(err, br->host, r, "could not lookup \"%s\"",
			       name);
	if (strcmp(br->bridge.kind, "bridge") != 0)
		return differs(err,
			       "interface %s does not have link type of bridge",
			       name);
	if (check_up(&br->bridge, err) < 0)
		return -1;
	if (br->conf.promisc && !(br->bridge.flags & IFF_PROMISC))
		return differs(err, "%s is not in promiscuous mode", name);
	return check_mac(ifc, &br->bridge, err);
}

static int check_mtu(const struct br *br, const struct rt_link *l,
		     struct cni_err *err)
{
	if (!br->conf.mtu || l->mtu == br->conf.mtu)
		return 0;
	return differs(err, "mtu of %s is %u, not %u", l->name, l->mtu,
		       br->conf.mtu);
}

static int check_container_link(struct br *br, struct rt_link *ret,
				struct cni_err *err)
{
	const struct cni_args *args = br->args;
	const char *name = args->ifname;
	const struct cni_interface *ifc =
		listed(&args->conf.prev, name, args->netns);
	int r = rt_link_get(br->cont, name, ret);

	if (!ifc)
		return differs(err,
			       "prevResult has no interface %s in the netns %s",
			       name, args->netns);
	if (r == -ENODEV)
		return differs(err, "interface %s not found in the container",
			       name);
	if (r < 0)
		return br_fail(err, br->cont, r, "could not lookup \"%s\"",
			       name);
	if (strcmp(ret->kind, "veth") != 0)
		return differs(err,
			       "container interface %s is not of type veth",
			       name);
	br->cont_index = ret->index;
	memcpy(br->cont_mac, ret->mac, MAC_LEN);
	if (!br->conf.no_container_interface && check_up(ret, err) < 0)
		return -1;
	return check_mac(ifc, ret, err) < 0 ? -1 : check_mtu(br, ret, err);
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
		return br_fail(err, br->host, r,
			       "could not look up the host's end of %s",
			       cont->name);
	ifc = listed(&br->args->conf.prev, port->name, NULL);
	if (!ifc)
		return differs(err, "host interface %s is not in prevResult",
			       port->name);
	if (port->master != br->bridge.index)
		return differs(err, "%s is not a port of bridge %s", port->name,
			       br->conf.bridge);
	if (port->hairpin != br->conf.hairpin)
		return differs(err, "hairpin mode of %s is %s", port->name,
			       port->hairpin ? "on" : "off");
	if (port->isolated != br->conf.isolated)
		return differs(err, "isolation of %s is %s", port->name,
			       port->isolated ? "on" : "off");
	if (check_up(port, err) < 0 || check_mtu(br, port, err) < 0)
		return -1;
	return check_mac(ifc, port, err);
}

static int check_vlans(struct br *br, struct cni_err *err)
{
	const struct vlan_set *trunk = &br->conf.trunk;
	unsigned want = br->conf.vlan ? br->conf.vlan : 1;
	struct vlan_set have;
	unsigned pvid;
	int r;

	if (!br_conf_vlans(&br->conf))
		return 0;
	if (!br->bridge.vlan_filtering)
		return differs(err, "VLAN filtering of %s is off",
			       br->conf.bridge);
	r = rt_vlan_list(br->host, br->port.index, &have, &pvid);
	if (r < 0)
		return br_fail(err, br->host, r, "cannot list the VLANs of %s",
			       br->port.name);
	if (pvid != want)
		return differs(err, "%s has PVID %u, not %u", br->port.name,
			       pvid, want);
	for (unsigned vid = 1; vid <= VLAN_MAX; vid++)
		if (vlan_set_has(trunk, vid) && !vlan_set_has(&have, vid))
			return differs(err, "%s is not in VLAN %u",
				       br->port.name, vid);
	return 0;
}

/* The attachment's addresses: those on its interface in the sandbox. */
static bool is_own(const struct br *br, const struct cni_ip *ip)
{
	const struct cni_result *prev = &br->args->conf.prev;
	const struct cni_interface *ifc;

	if (ip->interface < 0 || (size_t)ip->interface >= prev->n_interfaces)
		return false;
	ifc = &prev->interfaces[ip->interface];
	return ifc->name && ifc->sandbox &&
	       strcmp(ifc->name, br->args->ifname) == 0 &&
	       same_sandbox(ifc->sandbox, br->args->netns);
}

static int check_addresses(struct br *br, const struct cni_ip *ips, size_t n,
			   struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->cont, br->cont_index, 0, &list, &have);

	if (r < 0)
		return br_fail(err, br->cont, r,
			       "cannot list the addresses of %s",
			       br->args->ifname);
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < have && !found; k++)
			found = ip_net_equal(&list[k].net, &ips[i].address) &&
				!(list[k].flags & IFA_F_DADFAILED);
		if (!found)
			return differs(err,
				       "failed to match addr %s on interface "
				       "%s",
				       ip_net_format(&ips[i].address, text),
				       br->args->ifname);
	}
	return 0;
}

static int check_routes(struct br *br, struct cni_err *err)
{
	const struct cni_result *prev = &br->args->conf.prev;
	char dst[IP_STRLEN], gw[IP_STRLEN];

	for (size_t i = 0; i < prev->n_routes; i++) {
		const struct cni_route *route = &prev->routes[i];
		struct rt_route k = { .dst = route->dst,
				      .gw = route->gw,
				      .oif = br->cont_index,
				      .priority = (unsigned)route->priority };
		int r;

		if (route->table > 0)
			k.table = (unsigned)route->table;
		r = rt_route_has(br->cont, &k);
		if (r < 0)
			return br_fail(err, br->cont, r,
				       "cannot list the routes of %s",
				       br->args->ifname);
		if (r == 0)
			return differs(err,
				       "expected route to %s%s%s not found in "
				       "routing table",
				       ip_net_format(&k.dst, dst),
				       ip_is_set(&k.gw) ? " via " : "",
				       ip_format(&k.gw, gw));
	}
	return 0;
}

static int check_forwarding(unsigned family, struct cni_err *err)
{
	const char *name = family == AF_INET ? "net/ipv4/ip_forward"
					     : "net/ipv6/conf/all/forwarding";
	char now[16] = "";

	if (sysctl_get(name, now, sizeof(now)) < 0 || strcmp(now, "1") != 0)
		return differs(err, "forwarding is off: /proc/sys/%s is %s",
			       name, *now ? now : "missing");
	return 0;
}

static int find_gateway_link(struct br *br, struct cni_err *err)
{
	char name[IFNAMSIZ];
	int r;

	br->gw = br->bridge;
	if (!br->conf.is_gateway || !br->conf.vlan)
		return 0;
	(void)br_conf_vlan_interface(&br->conf, name);
	r = rt_link_get(br->host, name, &br->gw);
	if (r < 0)
		return differs(err,
			       "the VLAN's gateway interface %s was not "
			       "found",
			       name);
	return check_up(&br->gw, err);
}

static int check_gateways(struct br *br, const struct cni_ip *ips, size_t n,
			  struct cni_err *err)
{
	AUTO(addrs) struct rt_addr *list = NULL;
	char text[IP_STRLEN];
	size_t have = 0;
	int r = rt_addr_list(br->host, br->gw.index, 0, &list, &have);

	if (r < 0)
		return br_fail(err, br->host, r,
			       "cannot list the addresses of %s", br->gw.name);
	for (size_t i = 0; i < n; i++) {
		struct ip_net net = { ips[i].gateway, ips[i].address.plen };
		bool found = false;

		if (!ip_is_set(&ips[i].gateway))
			continue;
		for (size_t k = 0; k < have && !found; k++)
			found = ip_net_equal(&list[k].net, &net);
		if (!found)
			return differs(err, "gateway address %s is not on %s",
				       ip_net_format(&net, text), br->gw.name);
		if (check_forwarding(net.addr.family, err) < 0)
			return -1;
	}
	return 0;
}

/* Ours, or the Go plugins' for an attachment of theirs. */
static int check_masquerade(struct br *br, const struct cni_ip *ips, size_t n,
			    struct cni_err *err)
{
	AUTO(masq) struct fw_masq *m = br_masq_rules(br, ips, n, br->gw.name);
	AUTO(fw) struct fw *fw = NULL;
	char text[IP_STRLEN];
	int r = m ? fw_open(&fw) : -ENOMEM;

	for (size_t i = 0; i < n && r >= 0; i++) {
		r = fw_masq_has(fw, &m[i], 1);
		if (r == 0)
			r = fw_go_has(fw, &br->args->att, &ips[i].address.addr);
		if (r == 0)
			return differs(err, "masquerade of %s is missing",
				       ip_net_format(&ips[i].address, text));
	}
	return r < 0 ? fw_fail(err, fw, r, "look for masquerade") : 0;
}

static int check_spoof(struct br *br, struct cni_err *err)
{
	struct fw_spoof s = { .att = &br->args->att, .host_if = br->port.name };
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

static int check_l3(struct br *br, const struct cni_ip *ips, size_t n,
		    struct cni_err *err)
{
	if (check_addresses(br, ips, n, err) < 0 || check_routes(br, err) < 0 ||
	    find_gateway_link(br, err) < 0)
		return -1;
	if (br->conf.is_gateway && check_gateways(br, ips, n, err) < 0)
		return -1;
	return br->conf.ip_masq ? check_masquerade(br, ips, n, err) : 0;
}

static int check_own_ips(struct br *br, struct cni_err *err)
{
	const struct cni_result *prev = &br->args->conf.prev;
	struct cni_ip *ips = calloc(prev->n_ips + 1, sizeof(*ips));
	size_t n = 0;
	int r;

	if (!ips)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	for (size_t i = 0; i < prev->n_ips; i++)
		if (is_own(br, &prev->ips[i]))
			ips[n++] = prev->ips[i];
	r = check_l3(br, ips, n, err);
	free(ips);
	return r;
}

int br_check(const struct cni_args *args, struct cni_err *err)
{
	AUTO(br) struct br br = { .args = args, .netns = -1 };
	const char *ipam = args->conf.ipam_type;
	struct rt_link cont;

	if (br_conf_read(args, &br.conf, err) < 0)
		return -1;
	if (!args->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	if (br_open(&br, err) < 0)
		return -1;
	if (ipam && cni_delegate(args, ipam, "CHECK", NULL, err) < 0)
		return -1;
	if (check_bridge(&br, err) < 0 ||
	    check_container_link(&br, &cont, err) < 0 ||
	    check_port(&br, &cont, err) < 0 || check_vlans(&br, err) < 0)
		return -1;
	if (br.conf.macspoof && check_spoof(&br, err) < 0)
		return -1;
	return ipam ? check_own_ips(&br, err) : 0;
}
