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
#include "attach/veth.h"
#include "fw/spoof.h"

static int delete_rules(const struct cni_call *call,
			int (*del)(struct fw *, const struct cni_attachment *),
			const char *step, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r = fw_open_any(&fw);

	if (r > 0)
		r = del(fw, &call->att);
	return r < 0 ? fw_fail(err, fw, r, step) : 0;
}

int br_del_spoof(const struct cni_call *call, struct cni_err *err)
{
	return delete_rules(call, fw_spoof_del, "remove macspoofchk rules",
			    err);
}

int br_del_masq(const struct cni_call *call, struct cni_err *err)
{
	return delete_rules(call, fw_masq_del, "remove masquerade", err);
}

/* The addresses after the links: they are free when nobody has them. */
const struct cni_step br_del[] = {
	{ "delete what a Go plugin made", goveth_del },
	{ "delete the veth pair", veth_del },
	{ "release the addresses", ipam_del },
	{ "remove the macspoofchk rules", br_del_spoof },
	{ "remove the masquerade of its addresses", br_del_masq },
	{ 0 },
};
