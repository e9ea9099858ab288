// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - the bridge plugin: its verbs, STATUS, and what they share */
#include "bridge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cni/delegate.h"
#include "base/netns.h"

void br_done(struct br *br)
{
	rt_close(br->host);
	rt_close(br->cont);
	fd_auto(&br->netns);
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
	const char *path = br->call->netns;
	int r = ns_open(path, &br->netns);

	if (r < 0) {
		cni_fail(err, CNI_ENETNS, r, "failed to open netns \"%s\"",
			 path);
		if (r == -EINVAL)
			cni_detail(err, "it is not a network namespace");
		return -1;
	}
	r = rt_open(&br->host);
	if (r == 0)
		r = rt_open_at(br->netns, &br->cont);
	return r < 0 ? br_fail(err, NULL, r, "cannot open rtnetlink") : 0;
}

/* A runtime knows 50: no ADD would succeed now. */
static int not_ready(struct cni_err *err)
{
	if (err->code == CNI_EDELEGATE)
		err->code = CNI_ENOTREADY;
	return -1;
}

static int status(const struct cni_call *call, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	struct br_conf conf;
	int r;

	if (br_conf_read(call, &conf, err) < 0)
		return -1;
	if (call->conf.ipam_type &&
	    cni_delegate(call, call->conf.ipam_type, "STATUS", NULL, err) < 0)
		return not_ready(err);
	if (!call->conf.ipam_type) /* nothing to masquerade */
		conf.ip_masq = false;
	if (!conf.ip_masq && !conf.macspoof)
		return 0;
	r = fw_open(&fw);
	if (r == 0)
		r = fw_usable(fw);
	if (r == 0)
		return 0;
	cni_fail(err, CNI_ENOTREADY, r,
		 "the kernel's nf_tables is not usable, and %s needs it",
		 conf.ip_masq ? "ipMasq" : "macspoofchk");
	return -1;
}

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
	.add = br_add,
	.del = br_del,
	.check = br_check,
	.gc = br_gc,
	.status = status,
};
