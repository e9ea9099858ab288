/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.h - connections of UDP that do not go where a port is mapped to */
#ifndef PORTMAP_FLOWS_H
#define PORTMAP_FLOWS_H

#include "fw/portmap.h"

struct rt;

/*
 * Forgets what was sent to the mapped ports and goes elsewhere, so that its
 * next packet goes to the container: after ADD. What only has the port in
 * common, to an address that is not the host's, stays. Returns 0 or -errno.
 */
int flows_redirect(struct fw *fw, struct rt *host, const struct fw_port *v,
		   size_t n);

/*
 * Forgets what goes to the container by these mappings, but not what does so by
 * those that are kept: after DEL, or an ADD that replaced them.
 */
int flows_end(struct fw *fw, const struct fw_port *v, size_t n,
	      const struct fw_port *kept, size_t n_kept);

#endif
