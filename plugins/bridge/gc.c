// SPDX-License-Identifier: GPL-2.0-or-later
/* gc.c - GC: removes what one network's dead attachments left */
#include "bridge.h"

#include "attach/ipam.h"
#include "attach/masq.h"
#include "attach/veth.h"
#include "fw/spoof.h"

static int collect_spoof(const struct cni_call *call, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r;

	if (!call->has_valid)
		return 0;
	r = fw_open_any(&fw);
	if (r > 0)
		r = fw_spoof_gc(fw, call->att.network, call->valid,
				call->n_valid);
	return r < 0 ? fw_fail(err, fw, r, "collect dead macspoofchk rules")
		     : 0;
}

const struct cni_step br_gc[] = {
	{ "collect dead links", veth_gc },
	{ "collect dead macspoofchk rules", collect_spoof },
	{ "collect dead masquerade", masq_gc },
	{ "collect addresses", ipam_gc },
	{ 0 },
};
