/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mac.h - the MAC of the sandbox's link follows from its address, so that
 * whoever knew the address before still has the right one
 */
#ifndef CNI_ATTACH_MAC_H
#define CNI_ATTACH_MAC_H

#include "attach/sandbox.h"
#include "cni/keys.h"

/*
 * The MAC for a link with own's addresses: the one that was asked for; or that
 * of the first IPv4 address (see mac_of_ip()), or else of the first IPv6 one.
 * Not given where there is no address either: then it may be any.
 */
struct cni_mac mac_choose(const struct cni_mac *asked,
			  const struct cni_result *own);

/*
 * Gives that MAC to a link of the sandbox that was made before its addresses
 * were known, and is down. One that is up has been used by who gave the
 * addresses, as a DHCP client does, and keeps its own. *mac is what it has,
 * before and after. Returns 0, or -1 with code 100.
 */
int mac_follow(const struct sandbox *s, int index, const struct cni_mac *asked,
	       const struct cni_result *own, uint8_t mac[MAC_LEN],
	       struct cni_err *err);

#endif
