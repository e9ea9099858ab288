/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipfield.h - inside lib/fw: where the addresses are in a packet */
#ifndef CNI_FW_IPFIELD_H
#define CNI_FW_IPFIELD_H

/* offsets in the IPv4 (RFC 791), IPv6 (RFC 8200) and Ethernet header */
#define IP4_SADDR 12
#define IP4_DADDR 16
#define IP6_SADDR 8
#define IP6_DADDR 24
#define ETHER_SADDR 6

#endif
