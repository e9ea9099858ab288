// SPDX-License-Identifier: GPL-2.0-or-later
/* bridge.c - the bridge plugin: its verbs, STATUS, and what they share */
#include "bridge.h"

#include "attach/ipam.h"
#include "attach/rules.h"

static int status_rules(const struct cni_call *call, struct cni_err *err)
{
	const struct br_conf *conf = call->own;

	/* without addresses there is nothing to masquerade */
	if (conf->ip_masq && call->conf.ipam_type)
		return rules_status("ipMasq", err);
	return conf->macspoof ? rules_status("macspoofchk", err) : 0;
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
	.living = br_living,
	.status = status,
};
