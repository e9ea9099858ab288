// SPDX-License-Identifier: GPL-2.0-or-later
/* listing.c - what an ADD tells of its interfaces */
#include "attach/listing.h"

#include <errno.h>
#include <string.h>

#include "cni/version.h"

int list_check_version(const struct cni_call *call, struct cni_err *err)
{
	if (call->conf.ipam_type || call->conf.prev.n_ips > 0 ||
	    !version_before(call->conf.version, "0.3.0"))
		return 0;
	cni_fail(err, CNI_EVERSION, 0, "cannot convert: no valid IP addresses");
	cni_detail(err, "without ipam, cniVersion must be 0.3.0 or later");
	return -1;
}

int list_interface(struct cni_result *own, const char *name,
		   const uint8_t mac[MAC_LEN], const char *sandbox)
{
	struct cni_interface *ifc = cni_add_interface(own);
	char text[MAC_STRLEN];

	if (!ifc)
		return -ENOMEM;
	ifc->name = strdup(name);
	ifc->mac = strdup(mac_format(mac, text));
	if (sandbox)
		ifc->sandbox = strdup(sandbox);
	return ifc->name && ifc->mac && (!sandbox || ifc->sandbox) ? 0
								   : -ENOMEM;
}

int list_pair(const struct cni_call *call, const struct veth *veth,
	      struct cni_result *own)
{
	int r = list_interface(own, veth->host.name, veth->host.mac, NULL);

	if (r < 0)
		return r;
	return list_interface(own, call->att.ifname, veth->mac, call->netns);
}

int list_own(const struct cni_call *call, int index, struct cni_result *own)
{
	for (size_t i = 0; i < own->n_ips; i++)
		own->ips[i].interface = index;
	if (!cni_dns_given(&call->conf.dns))
		return 0;
	return cni_dns_copy(&own->dns, &call->conf.dns);
}
