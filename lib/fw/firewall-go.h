/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall-go.h - rules of the Go plugins' firewall, by iptables-nft */
#ifndef CNI_FW_FIREWALL_GO_H
#define CNI_FW_FIREWALL_GO_H

#include "base/names.h"
#include "fw/firewall.h"

/*
 * In table filter of family ip and ip6:
 *	-A CNI-FORWARD -d <ip>/32 -m conntrack --ctstate RELATED,ESTABLISHED \
 *		-j ACCEPT
 *	-A CNI-FORWARD -s <ip>/32 -j ACCEPT
 *	-A CNI-ISOLATION-STAGE-1 -i <bridge> ! -o <bridge> \
 *		-j CNI-ISOLATION-STAGE-2
 *	-A CNI-ISOLATION-STAGE-1 -i <bridge> -o <bridge> -j DROP
 *	-A CNI-ISOLATION-STAGE-2 -o <bridge> -j DROP
 *
 * The last but one is that of an isolated bridge. None of them says whose it
 * is. We read and delete them and never make any.
 */

/*
 * CHECK: whether these are all there for the n addresses and the bridge, the
 * last three where the policy has them. Returns 1, 0 or -errno.
 */
int fw_firewall_go_has(struct fw *fw, const struct ip_addr *ips, size_t n,
		       const char *bridge, enum fw_policy policy);

/*
 * Within a look or a plan: adds the names of the bridges that the first stage
 * has. Returns 0 or -errno.
 */
int fw_firewall_go_bridges(struct fw *fw, struct names *ret);

/* Whether there are any chains of their isolation. Returns 1, 0 or -errno. */
int fw_firewall_go_isolates(struct fw *fw);

/*
 * Removes the rules of the n addresses and, unless it is NULL, of the bridge;
 * chains stay. Commits only if there are any. Returns how many, or -errno.
 */
int fw_firewall_go_del(struct fw *fw, const struct ip_addr *ips, size_t n,
		       const char *bridge);

#endif
