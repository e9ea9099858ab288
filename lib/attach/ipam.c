// SPDX-License-Identifier: GPL-2.0-or-later
/* ipam.c - addresses from the IPAM plugin that the configuration names */
#include "attach/ipam.h"

#include "cni/delegate.h"
#include "cni/undo.h"

static int ask(const struct cni_call *call, const char *verb,
	       struct cni_err *err)
{
	const char *type = call->conf.ipam_type;

	if (type && cni_delegate(call, type, verb, NULL, err) < 0)
		return -1;
	return 0;
}

int ipam_comes_first(const struct cni_call *call, bool *roaming,
		     struct cni_err *err)
{
	const char *type = call->conf.ipam_type;
	const struct cni_plugin *builtin = NULL;

	if (type && cni_delegate_find(call, type, &builtin, err) < 0)
		return -1;
	if (roaming)
		*roaming = type && !(builtin && builtin->flags & CNI_POOL);
	return builtin != NULL;
}

/*
 * An IPAM process that failed may have reserved something, which is released,
 * as the specification wants; one that was never started reserved nothing, and
 * a plugin in this executable takes its own failed ADD back. That is more than
 * care: of two ADDs of one attachment the second fails, and the addresses are
 * the first's.
 */
static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	const char *type = call->conf.ipam_type;
	const struct cni_plugin *builtin;
	int r;

	if (cni_delegate_find(call, type, &builtin, err) < 0)
		return -1;
	if (!builtin)
		undo_mark(undo, ipam_del);
	r = cni_delegate(call, type, "ADD", own, err);
	if (r == -2)
		undo_unmark(undo, ipam_del);
	if (r == 0)
		undo_mark(undo, ipam_del);
	return r < 0 ? -1 : 0;
}

/* A route by way of the other family's gateway is none that ADD makes. */
static int check_gateways(const struct cni_result *own, struct cni_err *err)
{
	char gw[IP_STRLEN], net[IP_STRLEN];

	for (size_t i = 0; i < own->n_ips; i++) {
		const struct cni_ip *ip = &own->ips[i];

		if (ip_is_set(&ip->gateway) &&
		    ip->gateway.family != ip->address.addr.family)
			return cni_fail(err, CNI_ECONF, 0,
					"IPAM plugin returned the gateway %s "
					"for %s, which is of the other family",
					ip_format(&ip->gateway, gw),
					ip_net_format(&ip->address, net));
	}
	return 0;
}

int ipam_add(const struct cni_call *call, struct cni_result *own,
	     struct undo *undo, struct cni_err *err)
{
	if (!call->conf.ipam_type)
		return 0;
	if (add(call, own, undo, err) < 0)
		return -1;
	if (own->n_ips == 0)
		return cni_fail(err, CNI_ECONF, 0,
				"IPAM plugin returned missing IP config");
	cni_result_drop_interfaces(own);
	return check_gateways(own, err);
}

int ipam_check(const struct cni_call *call, struct cni_err *err)
{
	return ask(call, "CHECK", err);
}

int ipam_del(const struct cni_call *call, struct cni_err *err)
{
	return ask(call, "DEL", err);
}

int ipam_gc(const struct cni_call *call, struct cni_err *err)
{
	return ask(call, "GC", err);
}

int ipam_status(const struct cni_call *call, struct cni_err *err)
{
	if (ask(call, "STATUS", err) == 0)
		return 0;
	if (err->code == CNI_EDELEGATE)
		err->code = CNI_ENOTREADY;
	return -1;
}
