// SPDX-License-Identifier: GPL-2.0-or-later
/* masquerade.c - masquerade of what leaves the network, or its end */
#include "bridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int br_find_masq_iif(struct br *br, char iif[IFNAMSIZ], struct cni_err *err)
{
	struct rt_link master = { 0 };
	int r = 0;

	memcpy(iif, br->gw.name, IFNAMSIZ);
	if (br->gw.master)
		r = rt_link_get_index(br->s.host, br->gw.master, &master);
	if (r < 0)
		return rt_fail(err, br->s.host, r,
			       "could not look up what %s is a part of",
			       br->gw.name);
	if (strcmp(master.kind, "vrf") == 0)
		memcpy(iif, master.name, IFNAMSIZ);
	return 0;
}

struct fw_masq *br_masq_rules(const struct br *br, const struct cni_ip *ips,
			      size_t n, const char *iif)
{
	struct fw_masq *m = calloc(n ? n : 1, sizeof(*m));

	if (!m)
		return NULL;
	for (size_t i = 0; i < n; i++)
		m[i] = (struct fw_masq){ .network = br->s.call->att.network,
					 .iif = iif,
					 .subnet = ips[i].address,
					 .owner = &br->s.call->att };
	return m;
}

int br_masquerade(struct br *br, struct cni_err *err)
{
	size_t n = br->own->n_ips;
	AUTO(masq) struct fw_masq *m = NULL;
	AUTO(fw) struct fw *fw = NULL;
	char iif[IFNAMSIZ];
	int r;

	if (br_find_masq_iif(br, iif, err) < 0)
		return -1;
	m = br_masq_rules(br, br->own->ips, n, iif);
	if (!m)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	undo_mark(br->undo, br_del_masq);
	r = fw_open(&fw);
	if (r == 0)
		r = fw_masq_ensure(fw, m, n);
	return r < 0 ? fw_fail(err, fw, r, "set up masquerade") : 0;
}

/* With vlan or isGateway it was another interface of the bridge, maybe. */
static int end(struct br *br, struct cni_err *err)
{
	char now[IFNAMSIZ];
	const char *const iif[] = { br->bridge.name, now };
	AUTO(fw) struct fw *fw = NULL;
	int r;

	if (br_find_masq_iif(br, now, err) < 0)
		return -1;
	r = fw_open_any(&fw);
	if (r > 0)
		r = fw_masq_end(fw, br->s.call->att.network, iif,
				ARRAY_SIZE(iif));
	return r < 0 ? fw_fail(err, fw, r, "end masquerade") : 0;
}

void br_end_masquerade(struct br *br)
{
	struct cni_err err = { 0 };

	if (end(br, &err) < 0)
		dprintf(br->s.call->err_fd, "bridge: %s: %s\n", err.msg,
			err.details);
}
