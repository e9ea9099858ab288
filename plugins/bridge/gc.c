// SPDX-License-Identifier: GPL-2.0-or-later
/* gc.c - GC: removes what one network's dead attachments left */
#include "bridge.h"

#include "attach/ipam.h"
#include "attach/veth.h"
#include "fw/goplugins.h"
#include "fw/spoof.h"

static int collect_rules(const struct cni_call *call, struct cni_err *err)
{
	static const struct {
		int (*gc)(struct fw *, const char *,
			  const struct cni_attachment *, size_t);
		const char *step;
	} steps[] = {
		{ fw_spoof_gc, "collect dead macspoofchk rules" },
		{ fw_masq_gc, "collect dead masquerade" },
		{ fw_go_gc, "collect the Go plugins' dead rules" },
	};
	AUTO(fw) struct fw *fw = NULL;
	int r, worst = 0;

	if (!call->has_valid)
		return 0;
	r = fw_open_any(&fw);
	if (r <= 0)
		return r < 0 ? fw_fail(err, fw, r, "open nf_tables") : 0;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		r = steps[i].gc(fw, call->att.network, call->valid,
				call->n_valid);
		if (r < 0)
			worst = fw_fail(err, fw, r, steps[i].step);
	}
	return worst;
}

const struct cni_step br_gc[] = {
	{ "collect dead links", veth_gc },
	{ "collect dead rules", collect_rules },
	{ "collect addresses", ipam_gc },
	{ 0 },
};
