// SPDX-License-Identifier: GPL-2.0-or-later
/* static.c - addresses as they are configured, of which nothing is kept */
#include "cni/cni.h"
#include "conf.h"

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	(void)undo; /* nothing is made */
	if (cni_result_append(own, call->own) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/*
 * As the reference: an address that prevResult lacks is no fault, since the
 * configuration may have changed, or the runtime asked for it when it called
 * ADD alone.
 */
static int check_address(const struct cni_call *call, const struct cni_ip *want,
			 struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	char text[IP_STRLEN];

	for (size_t i = 0; i < prev->n_ips; i++) {
		const struct cni_ip *have = &prev->ips[i];

		if (ip_cmp(&want->address.addr, &have->address.addr) != 0)
			continue;
		if (!ip_is_set(&want->gateway) ||
		    ip_cmp(&want->gateway, &have->gateway) == 0)
			return 0;
		return cni_differs(
			err, "static: Failed to match addr %s on interface %s",
			ip_format(&have->address.addr, text), call->att.ifname);
	}
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct cni_result *want = call->own;

	(void)own; /* whatever interface the addresses are of */
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	for (size_t i = 0; i < want->n_ips; i++)
		if (check_address(call, &want->ips[i], err) < 0)
			return -1;
	return 0;
}

static int read_conf(const struct cni_call *call, void *own,
		     struct cni_err *err)
{
	return static_read(call, own, err);
}

static void conf_done(void *own)
{
	cni_result_done(own);
}

/* There is nothing that DEL or GC could find, and STATUS is good where the
   configuration is. */
const struct cni_plugin plugin_static = {
	.name = "static",
	.help = "static gives the IP addresses that the configuration names, and\n"
		"keeps no track of them. It is called by another plugin, whose\n"
		"configuration names it as \"ipam\":\n"
		"\n"
		"{\n"
		"  \"cniVersion\": \"1.1.0\",\n"
		"  \"name\": \"mynet\",\n"
		"  \"type\": \"bridge\",\n"
		"  \"ipam\": {\n"
		"    \"type\": \"static\",\n"
		"    \"addresses\": [\n"
		"      { \"address\": \"10.22.0.5/16\", \"gateway\": "
		"\"10.22.0.1\" },\n"
		"      { \"address\": \"fd00:22::5/64\" }\n"
		"    ],\n"
		"    \"routes\": [{ \"dst\": \"0.0.0.0/0\" }],\n"
		"    \"dns\": { \"nameservers\": [\"10.22.0.1\"] }\n"
		"  }\n"
		"}\n",
	.flags = CNI_IPAM,
	.conf_size = sizeof(struct cni_result),
	.conf = read_conf,
	.conf_done = conf_done,
	.add = add,
	.check = check,
};
