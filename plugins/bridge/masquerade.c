// SPDX-License-Identifier: GPL-2.0-or-later
/* masquerade.c - masquerade of what leaves the network */
#include "bridge.h"

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

struct fw_masq *br_masq_list(const struct cni_ip *ips, size_t n,
			     const char *iif)
{
	struct fw_masq *m = calloc(n ? n : 1, sizeof(*m));

	if (!m)
		return NULL;
	for (size_t i = 0; i < n; i++)
		m[i] = (struct fw_masq){ iif, ips[i].address };
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
	m = br_masq_list(br->own->ips, n, iif);
	if (!m)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	undo_mark(br->undo, br_del_masq);
	r = fw_open(&fw);
	if (r == 0)
		r = fw_masq_add(fw, &br->s.call->att, m, n);
	return r < 0 ? fw_fail(err, fw, r, "set up masquerade") : 0;
}
