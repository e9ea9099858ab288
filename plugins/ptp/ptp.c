// SPDX-License-Identifier: GPL-2.0-or-later
/* ptp.c - a veth pair, and routes in place of a bridge */

#include "attach/check.h"
#include "attach/gateway.h"
#include "attach/goveth.h"
#include "attach/ipam.h"
#include "attach/l3.h"
#include "attach/label.h"
#include "attach/listing.h"
#include "attach/masq.h"
#include "attach/rules.h"
#include "attach/shown.h"
#include "attach/veth.h"
#include "base/sysctl.h"
#include "cni/keys.h"
#include "cni/undo.h"

struct ptp {
	bool masq;
	unsigned mtu, backend;
};

static const struct cni_key keys[] = {
	KEY_BOOL("ipMasq", struct ptp, masq),
	KEY_MASQ_BACKEND(struct ptp, backend),
	KEY_MTU("mtu", struct ptp, mtu),
	{ 0 },
};

static int add_addresses(const struct cni_call *call, struct cni_result *own,
			 struct undo *undo, struct cni_err *err)
{
	char text[IP_STRLEN];

	if (ipam_add(call, own, undo, err) < 0)
		return shown_tell(call, err);
	for (size_t i = 0; i < own->n_ips; i++)
		if (!ip_is_set(&own->ips[i].gateway))
			return cni_fail(err, CNI_ECONF, 0,
					"IPAM plugin returned no gateway for "
					"%s",
					ip_net_format(&own->ips[i].address,
						      text));
	return 0;
}

/* The pair, the host's end up and marked. */
static int add_link(const struct sandbox *s, struct veth *veth,
		    struct undo *undo, struct cni_err *err)
{
	const struct ptp *conf = s->call->own;
	const struct veth_conf pair = { .mtu = conf->mtu };
	char alias[CNI_OWNER_LEN];
	int r;

	if (veth_add(s, &pair, veth, undo, err) < 0)
		return -1;
	/* before it is up: RAs count from the first moment */
	(void)sysctl_set_conf(s->sys, "ipv6", veth->host.name, "accept_ra",
			      "0");
	r = rt_link_set(s->host, veth->host.index,
			&(struct rt_change){ .mask = IFF_UP,
					     .flags = IFF_UP,
					     .alias = label(s->call, alias),
					     .tag = conf->masq ? MASQ_TAG
							       : 0 });
	if (r < 0)
		return rt_fail(err, s->host, r, "failed to set \"%s\" up",
			       veth->host.name);
	return 0;
}

static int set_up(const struct sandbox *s, const struct veth *veth,
		  struct cni_result *own, struct undo *undo,
		  struct cni_err *err)
{
	const struct ptp *conf = s->call->own;
	const struct l3 l = { .s = s,
			      .index = veth->cont,
			      .mac = veth->mac,
			      .own = own,
			      .by_gateway = true,
			      .port = &veth->host };

	if (gateway_add_alone(s, &veth->host, own, err) < 0 ||
	    l3_set_up(&l, err) < 0)
		return -1;
	if (conf->masq &&
	    masq_add(s->call, veth->host.name, own, undo, err) < 0)
		return -1;
	return gateway_wait(s, &veth->host, own, err);
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	int first = ipam_comes_first(call, NULL, err);
	AUTO(sandbox) struct sandbox s = { 0 };
	struct veth veth;

	if (first < 0 || sandbox_open(&s, call, err) < 0)
		return -1;
	if (first && (veth_refuse_second(&s, err) < 0 ||
		      add_addresses(call, own, undo, err) < 0))
		return -1;
	if (add_link(&s, &veth, undo, err) < 0)
		return -1;
	if (!first && add_addresses(call, own, undo, err) < 0)
		return -1;
	if (set_up(&s, &veth, own, undo, err) < 0)
		return -1;
	if (list_pair(call, &veth, own) < 0 || list_own(call, 1, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct ptp *conf = call->own;
	AUTO(sandbox) struct sandbox s = { 0 };
	struct rt_link cont, host;
	struct l3 l = { .s = &s, .own = own, .by_gateway = true };

	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"ptp: Required prevResult missing");
	if (sandbox_open(&s, call, err) < 0 || ipam_check(call, err) < 0 ||
	    check_inner(&s, own, "veth", &cont, err) < 0 ||
	    check_up(&cont, err) < 0 ||
	    check_outer(&s, &cont, conf->mtu, &host, err) < 0)
		return -1;
	l.index = cont.index;
	if (l3_check(&l, err) < 0 ||
	    gateway_check_alone(&s, &host, own, err) < 0)
		return -1;
	return conf->masq ? masq_check(call, host.name, own, err) : 0;
}

static int status_rules(const struct cni_call *call, struct cni_err *err)
{
	const struct ptp *conf = call->own;

	return conf->masq ? rules_status("ipMasq", err) : 0;
}

static const struct cni_step del[] = {
	{ "remove the masquerade of its addresses", masq_del },
	{ "delete what a Go plugin made", goveth_del },
	{ "delete the veth pair", veth_del },
	{ "release the addresses", ipam_del },
	{ 0 },
};
static const struct cni_step gc[] = {
	{ "collect dead links", veth_gc },
	{ "collect dead masquerade", masq_gc },
	{ "collect addresses", ipam_gc },
	{ 0 },
};
static const struct cni_step status[] = {
	{ "ask the IPAM plugin", ipam_status },
	{ "ask nf_tables", status_rules },
	{ 0 },
};

const struct cni_plugin plugin_ptp = {
	.name = "ptp",
	.help = "ptp connects each container to the host by a veth pair and\n"
		"routes, without a bridge.\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"name\": \"mynet\",\n"
		"        \"type\": \"ptp\",\n"
		"        \"ipMasq\": true,\n"
		"        \"ipam\": {\n"
		"            \"type\": \"host-local\",\n"
		"            \"ranges\": [[{ \"subnet\": \"10.1.2.0/24\" }]],\n"
		"            \"routes\": [{ \"dst\": \"0.0.0.0/0\" }]\n"
		"        }\n"
		"    }\n",
	.flags = CNI_SANDBOX | CNI_NEEDS_IPAM,
	.keys = keys,
	.conf_size = sizeof(struct ptp),
	.add = add,
	.check = check,
	.del = del,
	.gc = gc,
	.living = shown_alone,
	.status = status,
};
