// SPDX-License-Identifier: GPL-2.0-or-later
/* macvlan.c - an interface of its own MAC on a link of the host */
#include <linux/if_link.h>

#include "attach/check.h"
#include "attach/inner.h"
#include "attach/ipam.h"
#include "attach/l3.h"
#include "attach/listing.h"
#include "cni/keys.h"
#include "cni/undo.h"
#include "route/kinds.h"

struct macvlan {
	const char *master;
	unsigned mode;
	int64_t mtu, bc_queue_len;
	bool in_sandbox;
	struct cni_mac mac;
};

static const char *const mode_names[] = { "bridge", "",		"private",
					  "vepa",   "passthru", NULL };
static const uint32_t modes[] = { MACVLAN_MODE_BRIDGE, MACVLAN_MODE_BRIDGE,
				  MACVLAN_MODE_PRIVATE, MACVLAN_MODE_VEPA,
				  MACVLAN_MODE_PASSTHRU };

static const struct cni_key keys[] = {
	KEY_IFNAME_OR_EMPTY("master", struct macvlan, master),
	KEY_WORD("mode", struct macvlan, mode, mode_names, "macvlan mode:"),
	KEY_INT("mtu", struct macvlan, mtu),
	KEY_UINT("bcqueuelen", struct macvlan, bc_queue_len),
	KEY_BOOL("linkInContainer", struct macvlan, in_sandbox),
	KEY_PLAIN_MAC(struct macvlan, mac),
	KEY_MAC(struct macvlan, mac),
	{ 0 },
};

static int find_lower(const struct sandbox *s, const struct macvlan *conf,
		      struct rt_link *ret, struct cni_err *err)
{
	if (inner_find_lower(s, conf->master, conf->in_sandbox, ret, err) < 0)
		return -1;
	if (conf->mtu >= 0 && conf->mtu <= ret->mtu)
		return 0;
	return cni_fail(err, CNI_ECONF, 0,
			"invalid MTU %lld, must be [0, master MTU(%u)]",
			(long long)conf->mtu, ret->mtu);
}

static int add_link(const struct sandbox *s, const struct macvlan *conf,
		    struct rt_link *ret, struct undo *undo, struct cni_err *err)
{
	const struct rt_macvlan data = { modes[conf->mode],
					 (uint32_t)conf->bc_queue_len };
	struct rt_new new = { .kind = "macvlan",
			      .mtu = (unsigned)conf->mtu,
			      .data = rt_macvlan_data,
			      .arg = &data };
	struct cni_mac mac = conf->mac;
	struct rt_link lower;
	int r = 0;

	if (find_lower(s, conf, &lower, err) < 0)
		return -1;
	new.lower = lower.index;
	if (!mac.given)
		r = mac_random(mac.b);
	if (r < 0)
		return rt_fail(err, NULL, r, "cannot choose a MAC address");
	/* one that passes all through has its master's */
	if (mac.given || data.mode != MACVLAN_MODE_PASSTHRU)
		new.mac = mac.b;
	return inner_add(s, &new, conf->in_sandbox, ret, undo, err);
}

/*
 * The network is the master's: its routers may configure the link, its other
 * hosts may have had, or have, the addresses.
 */
static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	AUTO(sandbox) struct sandbox s = { 0 };
	struct rt_link link = { 0 };
	struct l3 l = { .s = &s,
			.mac = link.mac,
			.own = own,
			.accepts_ra = true,
			.dad = true,
			.roaming = true };

	if (list_check_version(call, err) < 0 ||
	    sandbox_open(&s, call, err) < 0 ||
	    add_link(&s, call->own, &link, undo, err) < 0 ||
	    ipam_add(call, own, undo, err) < 0)
		return -1;
	l.index = link.index;
	if (l3_set_up(&l, err) < 0)
		return -1;
	if (list_interface(own, link.name, link.mac, call->netns) < 0 ||
	    list_own(call, 0, own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct macvlan *conf = call->own;
	AUTO(sandbox) struct sandbox s = { 0 };
	struct rt_link link, lower;
	struct l3 l = { .s = &s, .own = own };

	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"required prevResult missing");
	if (sandbox_open(&s, call, err) < 0 || ipam_check(call, err) < 0 ||
	    find_lower(&s, conf, &lower, err) < 0 ||
	    check_inner(&s, own, "macvlan", &link, err) < 0 ||
	    check_up(&link, err) < 0)
		return -1;
	if (link.macvlan_mode != modes[conf->mode])
		return cni_differs(err,
				   "container macvlan mode of %s does not "
				   "match expected value: %s",
				   link.name, mode_names[conf->mode]);
	l.index = link.index;
	return call->conf.ipam_type ? l3_check(&l, err) : 0;
}

static const struct cni_step del[] = {
	{ "delete the interface", inner_del },
	{ "release the addresses", ipam_del },
	{ 0 },
};
static const struct cni_step gc[] = { { "collect addresses", ipam_gc }, { 0 } };
static const struct cni_step status[] = {
	{ "ask the IPAM plugin", ipam_status }, { 0 }
};

const struct cni_plugin plugin_macvlan = {
	.name = "macvlan",
	.help = "macvlan gives containers an interface of their own MAC on a link\n"
		"of the host.\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"name\": \"lan\",\n"
		"        \"type\": \"macvlan\",\n"
		"        \"master\": \"eth0\",\n"
		"        \"ipam\": {\n"
		"            \"type\": \"host-local\",\n"
		"            \"ranges\": [[{ \"subnet\": \"192.0.2.0/24\" }]]\n"
		"        }\n"
		"    }\n",
	.flags = CNI_SANDBOX,
	.keys = keys,
	.conf_size = sizeof(struct macvlan),
	.add = add,
	.check = check,
	.del = del,
	.gc = gc,
	.status = status,
};
