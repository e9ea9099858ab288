// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - the bridge plugin: its verbs, STATUS, and what they share */
#include "bridge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cni/delegate.h"

void br_done(struct br *br)
{
	rt_close(br->host);
	rt_close(br->cont);
}

int br_fail(struct cni_err *err, const struct rt *rt, int r, const char *fmt,
	    ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cni_fail(err, CNI_EKERNEL, r, "%s", msg);
	if (rt && *rt_reason(rt))
		cni_detail(err, "%s", rt_reason(rt));
	return -1;
}

int fw_fail(struct cni_err *err, const struct fw *fw, int r, const char *step)
{
	cni_fail(err, r == -EAGAIN ? CNI_EAGAIN : CNI_EKERNEL, r, "cannot %s",
		 step);
	if (fw && *fw_reason(fw))
		cni_detail(err, "%s", fw_reason(fw));
	return -1;
}

/* Without nfnetlink there is no socket, and without nf_tables no answer. */
int br_open_rules(struct fw **ret)
{
	int r = fw_open(ret);

	if (r == 0)
		r = fw_usable(*ret);
	if (r == -EPROTONOSUPPORT || r == -EAFNOSUPPORT || r == -EOPNOTSUPP ||
	    r == -EINVAL)
		return 0;
	return r < 0 ? r : 1;
}

int br_open(struct br *br, struct cni_err *err)
{
	int r = rt_open(&br->host);

	if (r == 0)
		r = rt_open_at(br->call->sandbox, &br->cont);
	return r < 0 ? br_fail(err, NULL, r, "cannot open rtnetlink") : 0;
}

/* A runtime knows 50: no ADD would succeed now. */
static int not_ready(struct cni_err *err)
{
	if (err->code == CNI_EDELEGATE)
		err->code = CNI_ENOTREADY;
	return -1;
}

static int status_addresses(const struct cni_call *call, struct cni_err *err)
{
	const char *ipam = call->conf.ipam_type;

	if (ipam && cni_delegate(call, ipam, "STATUS", NULL, err) < 0)
		return not_ready(err);
	return 0;
}

static int status_rules(const struct cni_call *call, struct cni_err *err)
{
	const struct br_conf *conf = call->own;
	/* without addresses there is nothing to masquerade */
	bool masq = conf->ip_masq && call->conf.ipam_type;
	AUTO(fw) struct fw *fw = NULL;
	int r;

	if (!masq && !conf->macspoof)
		return 0;
	r = fw_open(&fw);
	if (r == 0)
		r = fw_usable(fw);
	if (r == 0)
		return 0;
	cni_fail(err, CNI_ENOTREADY, r,
		 "the kernel's nf_tables is not usable, and %s needs it",
		 masq ? "ipMasq" : "macspoofchk");
	return -1;
}

static const struct cni_step status[] = {
	{ "ask the IPAM plugin", status_addresses },
	{ "ask nf_tables", status_rules },
	{ 0 },
};

const struct cni_plugin plugin_bridge = {
	.name = "bridge",
	.help = "bridge connects containers to a Linux bridge on the host.\n"
		"\n"
		"A container runtime runs it with the CNI_ environment\n"
		"variables and a configuration on stdin, such as\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"name\": \"mynet\",\n"
		"        \"type\": \"bridge\",\n"
		"        \"bridge\": \"cni0\",\n"
		"        \"isGateway\": true,\n"
		"        \"ipMasq\": true,\n"
		"        \"ipam\": {\n"
		"            \"type\": \"host-local\",\n"
		"            \"ranges\": [[{ \"subnet\": \"10.88.0.0/16\" }]],\n"
		"            \"routes\": [{ \"dst\": \"0.0.0.0/0\" }]\n"
		"        }\n"
		"    }\n",
	.flags = CNI_SANDBOX,
	.conf_size = sizeof(struct br_conf),
	.keys = br_keys,
	.conf = br_conf_read,
	.add = br_add,
	.del = br_del,
	.check = br_check,
	.gc = br_gc,
	.status = status,
};
