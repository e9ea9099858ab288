// SPDX-License-Identifier: GPL-2.0-or-later
/* ips.c - the addresses of a result, alone */
#include "ips.h"

struct ip_addr *ips_of(const struct cni_result *res)
{
	struct ip_addr *ips = calloc(res->n_ips + 1, sizeof(*ips));

	for (size_t i = 0; ips && i < res->n_ips; i++)
		ips[i] = res->ips[i].address.addr;
	return ips;
}
