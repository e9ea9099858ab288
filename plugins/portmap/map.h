/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map.h - an attachment's mappings, as prevResult and the host tell them */
#ifndef PORTMAP_MAP_H
#define PORTMAP_MAP_H

#include <stdbool.h>

#include "cni/cni.h"
#include "fw/portmap.h"
#include "route/rt.h"

/* p borrows owner, iface and the configuration, so it is not to be moved. */
struct map {
	struct fw_portmap p;
	char owner[CNI_COMMENT_LEN];
	char iface[IFNAMSIZ]; /* by which the container is reached; "": by none
			       */
	struct rt *host;      /* owned */
};

/* Zero-initialise before. Returns 0, or -1 with code 100. */
int map_read(const struct cni_call *call, struct map *m, struct cni_err *err);

static inline void map_auto(struct map *m)
{
	rt_close(m->host);
}

/* Whether the failure of a look-up says that there is no way to an address. */
bool map_is_no_way(int r);

#endif
