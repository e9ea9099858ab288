/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vlan.h - VLANs of a bridge (needs CONFIG_BRIDGE_VLAN_FILTERING) */
#ifndef CNI_VLAN_H
#define CNI_VLAN_H

#include <stdint.h>

#include "route/rt.h"
#include "route/vlan-set.h"

/*
 * Adds the port to VLANs first..last; pvid also makes it the one VLAN of
 * untagged frames, in both directions. Returns 0 or -errno.
 */
int rt_vlan_add(struct rt *rt, int index, unsigned first, unsigned last,
		bool pvid);
int rt_vlan_del(struct rt *rt, int index, unsigned first, unsigned last);

/*
 * The host's own interface in a VLAN: rt_vlan_add_self() lets the bridge of
 * that index receive and send in it, tagged, and rt_vlan_link_add() makes a
 * link, down, that has these frames without the tag. The kernel deletes it
 * with the bridge. Return 0 or -errno; the latter -EEXIST where the name is
 * taken or the VLAN has such a link already, whatever its name.
 */
int rt_vlan_add_self(struct rt *rt, int bridge, unsigned vid);
int rt_vlan_link_add(struct rt *rt, const char *name, int bridge, unsigned vid);

/* VLANs of a port, or the bridge's own */
struct rt_vlans {
	struct vlan_set all;
	struct vlan_set untagged; /* of them: sent without the tag */
	unsigned pvid;		  /* of what comes without one; 0: dropped */
};

/* Returns 0 or -errno. */
int rt_vlan_list(struct rt *rt, int index, struct rt_vlans *ret);

#endif
