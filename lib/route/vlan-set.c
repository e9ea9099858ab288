// SPDX-License-Identifier: GPL-2.0-or-later
/* vlan-set.c - a set of VLAN IDs */
#include "route/vlan-set.h"

#include <string.h>

bool vlan_set_has(const struct vlan_set *s, unsigned vid)
{
	return s->bit[vid / 64] >> vid % 64 & 1;
}

void vlan_set_add(struct vlan_set *s, unsigned vid)
{
	s->bit[vid / 64] |= 1ull << vid % 64;
}

bool vlan_set_empty(const struct vlan_set *s)
{
	static const struct vlan_set none;

	return memcmp(s, &none, sizeof(none)) == 0;
}
