// SPDX-License-Identifier: GPL-2.0-or-later
/* gc.c - GC: removes what one network's dead attachments left */
#include "bridge.h"

#include "attach/ipam.h"
#include "attach/masq.h"
#include "attach/rules.h"
#include "attach/shown.h"
#include "attach/veth.h"
#include "fw/spoof.h"

static int collect_spoof(const struct cni_call *call, struct cni_err *err)
{
	return rules_gc(call, fw_spoof_gc, "collect dead macspoofchk rules",
			err);
}

int br_living(const struct cni_call *call, cJSON **list, struct cni_err *err)
{
	const char *bridge = br_name(call);

	return bridge ? shown_on_bridge(call, bridge, list, err) : 0;
}

const struct cni_step br_gc[] = {
	{ "collect dead links", veth_gc },
	{ "collect dead macspoofchk rules", collect_spoof },
	{ "collect dead masquerade", masq_gc },
	{ "collect addresses", ipam_gc },
	{ 0 },
};
