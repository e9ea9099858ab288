/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap-go-names.h - inside lib/fw: what the Go plugin calls its chains */
#ifndef CNI_FW_PORTMAP_GO_NAMES_H
#define CNI_FW_PORTMAP_GO_NAMES_H

#include <stdint.h>

#include <linux/netfilter.h>

#include "base/sha512.h"

/*
 * The iptables backend, in table nat of family ip and ip6, any number of
 *	-A CNI-HOSTPORT-DNAT -m comment --comment C ... -j CNI-DN-<hash>
 * and the chain CNI-DN-<hash>, where C begins: dnat name: "<network>" id:
 * "<id>". Older versions had CNI-HOSTPORT-SNAT and CNI-SN-<hash> as well.
 */
#define GO_CHAIN_LEN 28
static const char *const go_kinds[][2] = {
	{ "CNI-HOSTPORT-DNAT", "CNI-DN-" },
	{ "CNI-HOSTPORT-SNAT", "CNI-SN-" },
};
static const uint8_t go_families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

/* The nftables backend: rules whose comment is the container's ID. The first
 * two chains have the mappings. */
#define GO_NFT_TABLE "cni_hostport"
static const char *const go_nft_chains[] = { "hostports", "hostip_hostports",
					     "masquerading" };

/* What chains of iptables are named by. Returns 0 or -ENOMEM. */
int portmap_go_hash(const char *network, const char *id,
		    char hex[SHA512_HEXLEN]);

#endif
