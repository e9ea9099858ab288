/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mac.h - Ethernet addresses: their text, and where they come from */
#ifndef CNI_MAC_H
#define CNI_MAC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define MAC_LEN 6
#define MAC_STRLEN 18

/* "0a:..." or, with -EINVAL, what no Ethernet address of 6 bytes is */
int mac_parse(const char *s, uint8_t ret[MAC_LEN]);
const char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_STRLEN]);
bool mac_is_zero(const uint8_t mac[MAC_LEN]);
/*
 * The MAC of whoever has that address: 0a:58 and, of IPv4, its four bytes. Of
 * IPv6 it is the last four bytes plus a hash of the others: two addresses of a
 * subnet have never the same one, and those of two subnets hardly ever.
 */
void mac_of_ip(const struct ip_addr *ip, uint8_t ret[MAC_LEN]);
/* A random, locally administered unicast address. Returns 0 or -errno. */
int mac_random(uint8_t ret[MAC_LEN]);

#endif
