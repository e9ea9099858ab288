// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * del.c - DEL: every step, whatever failed before. It needs neither the
 * sandbox nor prevResult nor a valid configuration: what is ours is found
 * from network, container ID and interface name. The other two serve to find
 * what the Go plugins made.
 */
#include "bridge.h"

#include "attach/goveth.h"
#include "attach/ipam.h"
#include "attach/masq.h"
#include "attach/rules.h"
#include "attach/veth.h"
#include "base/json.h"
#include "fw/spoof.h"

static int del_spoof(struct fw *fw, const struct cni_call *call)
{
	return fw_spoof_del(fw, &call->att);
}

int br_del_spoof(const struct cni_call *call, struct cni_err *err)
{
	return rules_del(call, del_spoof, "remove macspoofchk rules", err);
}

const char *br_name(const struct cni_call *call)
{
	const char *name = "";
	struct js_why why;

	if (js_str(call->conf.json, "bridge", &name, &why) < 0)
		return NULL;
	return *name ? name : BRIDGE_DEFAULT;
}

static int del_go(const struct cni_call *call, struct cni_err *err)
{
	const char *bridge = br_name(call);

	return bridge ? goveth_del_port(call, bridge, err)
		      : goveth_del(call, err);
}

/*
 * Rules before the links, so that what the kernel waits for after either goes
 * on side by side: rules_close_later(). The addresses after the links: they are
 * free when nobody has them.
 */
const struct cni_step br_del[] = {
	{ "remove the macspoofchk rules", br_del_spoof },
	{ "remove the masquerade of its addresses", masq_del },
	{ "delete what a Go plugin made", del_go },
	{ "delete the veth pair", veth_del },
	{ "release the addresses", ipam_del },
	{ 0 },
};
