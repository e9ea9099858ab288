/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vlan-set.h - a set of VLAN IDs */
#ifndef CNI_VLAN_SET_H
#define CNI_VLAN_SET_H

#include <stdbool.h>
#include <stdint.h>

#define VLAN_MAX 4094

/* A set of VLAN IDs 1..4094. */
struct vlan_set {
	uint64_t bit[64];
};

bool vlan_set_has(const struct vlan_set *s, unsigned vid);
void vlan_set_add(struct vlan_set *s, unsigned vid);
bool vlan_set_empty(const struct vlan_set *s);

#endif
