// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * del.c - DEL: every step, whatever failed before. It needs neither the
 * sandbox nor prevResult nor a valid configuration: what is ours is found
 * from network, container ID and interface name. The other two serve to find
 * what the Go plugins made.
 */
#include "bridge.h"

#include <errno.h>

#include "cni/delegate.h"
#include "fw/spoof.h"

int br_delete_link(struct rt *rt, const struct rt_link *l, struct cni_err *err)
{
	int r = rt_link_del(rt, l->index);

	if (r < 0 && r != -ENODEV)
		return rt_fail(err, rt, r, "failed to delete \"%s\"", l->name);
	return 0;
}

int br_del_link(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *host = NULL;
	struct rt_link port;
	int r = rt_open(&host);

	if (r < 0)
		return rt_fail(err, NULL, r, "cannot open rtnetlink");
	r = br_find_port(host, &call->att, &port);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return rt_fail(err, host, r, "cannot look for the host's end");
	return br_delete_link(host, &port, err);
}

int br_del_addresses(const struct cni_call *call, struct cni_err *err)
{
	const char *ipam = call->conf.ipam_type;

	if (ipam && cni_delegate(call, ipam, "DEL", NULL, err) < 0)
		return -1;
	return 0;
}

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
	return delete_rules(call, fw_masq_del_owned, "remove masquerade", err);
}

/* The addresses after the links: they are free when nobody has them. */
const struct cni_step br_del[] = {
	{ "delete what a Go plugin made", br_del_go },
	{ "delete the veth pair", br_del_link },
	{ "release the addresses", br_del_addresses },
	{ "remove the macspoofchk rules", br_del_spoof },
	{ "remove the masquerade of its address", br_del_masq },
	{ 0 },
};
