// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - the bridge plugin: its verbs, STATUS, and what they share */
#include "bridge.h"

#include "attach/ipam.h"

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
	{ "ask the IPAM plugin", ipam_status },
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
