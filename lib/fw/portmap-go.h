/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap-go.h - mapped ports that the Go reference plugin left behind */
#ifndef CNI_FW_PORTMAP_GO_H
#define CNI_FW_PORTMAP_GO_H

#include <stddef.h>

#include "base/name.h"
#include "fw/portmap.h"

/*
 * Both of its backends: iptables, in the form that nf_tables has of it, and
 * nftables. Its rules bear no interface, and those of nftables no network: all
 * of the container's are meant, as by its own DEL, unless an address tells
 * more. What containers share stays. These rules are read and removed here, and
 * never made.
 */

/*
 * CHECK: whether it has mapped these ports for the container, all of them.
 * Returns 1, 0 or -errno.
 */
int fw_portmap_go_has(struct fw *fw, const struct cni_attachment *att,
		      const struct fw_port *v, size_t n);

/*
 * ADD: whether it has mapped one of these ports for another container: its
 * rules come before ours. Returns 1 and fills *ret, with their comment as the
 * owner and no link; 0 or -errno.
 */
int fw_portmap_go_holder(struct fw *fw, const struct cni_attachment *att,
			 const struct fw_port *v, size_t n,
			 struct fw_port_holder *ret);

/*
 * Removes what it left for the container; of nftables, with n > 0, what leads
 * to one of these addresses. Finding nothing costs ten small requests and no
 * commit. Returns 1 if it removed something, 0 or -errno.
 */
int fw_portmap_go_del(struct fw *fw, const struct cni_attachment *att,
		      const struct ip_addr *ips, size_t n);

/*
 * GC: the same for the network's containers that are not among the n valid
 * ones, as far as the rules tell the network: those of the iptables backend.
 * Returns the number of chains removed, or -errno.
 */
int fw_portmap_go_gc(struct fw *fw, const char *network,
		     const struct cni_attachment *valid, size_t n);

#endif
