/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipaddr.h - IPv4 and IPv6 addresses, prefixes and their arithmetic */
#ifndef CNI_IPADDR_H
#define CNI_IPADDR_H

#include <stdbool.h>
#include <stdint.h>

/* room for "ffff:...:ffff/128" and the NUL */
#define IP_STRLEN 52

/* family AF_INET: b[0..3]; AF_INET6: b[0..15]; 0: unset, the rest is zero */
struct ip_addr {
	uint8_t family;
	uint8_t b[16];
};

/* an address with its prefix length; host bits may be set */
struct ip_net {
	struct ip_addr addr;
	uint8_t plen;
};

/*
 * Reads one address without prefix: a dotted quad without leading zeros or
 * RFC 4291 text without zone. An IPv4-mapped IPv6 address becomes IPv4.
 * Returns 0, or -EINVAL and leaves *ret alone.
 */
int ip_parse(const char *s, struct ip_addr *ret);

/*
 * Reads "address/prefix". Unlike ip_parse(), an IPv4-mapped address stays
 * AF_INET6, so that the caller can refuse it: its prefix counts from the
 * other end. Returns 0, or -EINVAL and leaves *ret alone.
 */
int ip_net_parse(const char *s, struct ip_net *ret);

/*
 * An IPv4-mapped address with its prefix becomes IPv4, whose prefix is 96 less;
 * any other is left as it is. Returns 0, or -EINVAL where the prefix says less
 * than that it is a mapped one, and leaves *n alone.
 */
int ip_net_unmap(struct ip_net *n);

/*
 * Canonical text as the reference plugins write it (file names of the
 * host-local store depend on it). Returns buf. An unset address gives "".
 */
const char *ip_format(const struct ip_addr *a, char buf[IP_STRLEN]);
const char *ip_net_format(const struct ip_net *n, char buf[IP_STRLEN]);

bool ip_is_set(const struct ip_addr *a);
bool ip_is_mapped(const struct ip_addr *a); /* ::ffff:a.b.c.d kept as IPv6 */
bool ip_is_loopback(const struct ip_addr *a);
bool ip_is_link_local(const struct ip_addr *a);
bool ip_is_zero(const struct ip_addr *a); /* 0.0.0.0 or :: */

/* bytes and bits of an address of this family: 4/32 or 16/128, else 0 */
unsigned ip_bytes(unsigned family);
unsigned ip_bits(unsigned family);

/* <0, 0, >0; IPv4 sorts before IPv6 */
int ip_cmp(const struct ip_addr *a, const struct ip_addr *b);
bool ip_net_equal(const struct ip_net *a, const struct ip_net *b);

/* the next or previous address, wrapping at the ends of the family */
struct ip_addr ip_next(struct ip_addr a);
struct ip_addr ip_prev(struct ip_addr a);

/* first (network) and last (broadcast, all ones) address of the prefix */
struct ip_addr ip_net_first(const struct ip_net *n);
struct ip_addr ip_net_last(const struct ip_net *n);

/* false for another family */
bool ip_net_contains(const struct ip_net *n, const struct ip_addr *a);
bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b);

#endif
