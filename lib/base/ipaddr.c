// SPDX-License-Identifier: GPL-2.0-or-later
/* ipaddr.c - IPv4 and IPv6 addresses, prefixes and their arithmetic */
#include "base/ipaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

unsigned ip_bytes(unsigned family)
{
	switch (family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	}
	return 0;
}

unsigned ip_bits(unsigned family)
{
	return 8 * ip_bytes(family);
}

bool ip_is_set(const struct ip_addr *a)
{
	return a->family != 0;
}

bool ip_is_mapped(const struct ip_addr *a)
{
	return a->family == AF_INET6 &&
	       memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

bool ip_is_zero(const struct ip_addr *a)
{
	static const uint8_t zero[16];

	return a->family != 0 && memcmp(a->b, zero, ip_bytes(a->family)) == 0;
}

bool ip_is_loopback(const struct ip_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->b[0] == 127;
	return a->family == AF_INET6 && memcmp(a->b, one, 16) == 0;
}

bool ip_is_link_local(const struct ip_addr *a)
{
	if (a->family == AF_INET)
		return a->b[0] == 169 && a->b[1] == 254;
	return a->family == AF_INET6 && a->b[0] == 0xfe &&
	       (a->b[1] & 0xc0) == 0x80;
}

static int parse_any(const char *s, struct ip_addr *ret)
{
	struct ip_addr a = { 0 };

	a.family = strchr(s, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, s, a.b) != 1)
		return -EINVAL;
	*ret = a;
	return 0;
}

static void unmap(struct ip_addr *a)
{
	a->family = AF_INET;
	memcpy(a->b, a->b + 12, 4);
	memset(a->b + 4, 0, 12);
}

int ip_parse(const char *s, struct ip_addr *ret)
{
	struct ip_addr a;
	int r = parse_any(s, &a);

	if (r < 0)
		return r;
	if (ip_is_mapped(&a))
		unmap(&a);
	*ret = a;
	return 0;
}

int ip_net_unmap(struct ip_net *n)
{
	if (!ip_is_mapped(&n->addr))
		return 0;
	if (n->plen < 96)
		return -EINVAL;
	unmap(&n->addr);
	n->plen -= 96;
	return 0;
}

int ip_net_parse(const char *s, struct ip_net *ret)
{
	const char *slash = strchr(s, '/');
	struct ip_net n = { 0 };
	char buf[IP_STRLEN];
	unsigned plen = 0;
	size_t len;
	int r;

	if (!slash)
		return -EINVAL;
	len = (size_t)(slash - s);
	if (len >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	r = parse_any(buf, &n.addr);
	if (r < 0)
		return r;
	if (!slash[1])
		return -EINVAL;
	for (const char *p = slash + 1; *p; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		plen = plen * 10 + (unsigned)(*p - '0');
		if (plen > ip_bits(n.addr.family))
			return -EINVAL;
	}
	n.plen = (uint8_t)plen;
	*ret = n;
	return 0;
}

const char *ip_format(const struct ip_addr *a, char buf[IP_STRLEN])
{
	static const uint8_t zero[12];

	buf[0] = '\0';
	if (!ip_is_set(a))
		return buf;
	/* libc writes ::1:2 as ::0.1.0.2; the store's file names must not */
	if (a->family == AF_INET6 && memcmp(a->b, zero, 12) == 0 &&
	    (a->b[12] || a->b[13])) {
		snprintf(buf, IP_STRLEN, "::%x:%x", a->b[12] << 8 | a->b[13],
			 a->b[14] << 8 | a->b[15]);
		return buf;
	}
	inet_ntop(a->family, a->b, buf, IP_STRLEN);
	return buf;
}

const char *ip_net_format(const struct ip_net *n, char buf[IP_STRLEN])
{
	size_t len;

	ip_format(&n->addr, buf);
	len = strlen(buf);
	if (len)
		snprintf(buf + len, IP_STRLEN - len, "/%u", n->plen);
	return buf;
}

int ip_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return ip_bits(a->family) < ip_bits(b->family) ? -1 : 1;
	return memcmp(a->b, b->b, ip_bytes(a->family));
}

bool ip_net_equal(const struct ip_net *a, const struct ip_net *b)
{
	return a->plen == b->plen && ip_cmp(&a->addr, &b->addr) == 0;
}

struct ip_addr ip_next(struct ip_addr a)
{
	for (unsigned i = ip_bytes(a.family); i-- > 0;)
		if (++a.b[i])
			break;
	return a;
}

struct ip_addr ip_prev(struct ip_addr a)
{
	for (unsigned i = ip_bytes(a.family); i-- > 0;)
		if (a.b[i]--)
			break;
	return a;
}

/* the address with every host bit cleared or, with set, set */
static struct ip_addr host_bits(const struct ip_net *n, bool set)
{
	struct ip_addr a = n->addr;

	for (unsigned i = 0; i < ip_bytes(a.family); i++) {
		unsigned bits = n->plen > 8 * i ? n->plen - 8 * i : 0;
		uint8_t host = bits >= 8 ? 0 : (uint8_t)(0xff >> bits);

		a.b[i] = set ? a.b[i] | host : a.b[i] & (uint8_t)~host;
	}
	return a;
}

struct ip_addr ip_net_first(const struct ip_net *n)
{
	return host_bits(n, false);
}

struct ip_addr ip_net_last(const struct ip_net *n)
{
	return host_bits(n, true);
}

bool ip_net_contains(const struct ip_net *n, const struct ip_addr *a)
{
	struct ip_net of_a = { *a, n->plen };
	struct ip_addr x, y;

	if (a->family != n->addr.family || !ip_is_set(a))
		return false;
	x = ip_net_first(n);
	y = ip_net_first(&of_a);
	return ip_cmp(&x, &y) == 0;
}

bool ip_net_overlaps(const struct ip_net *a, const struct ip_net *b)
{
	return a->plen <= b->plen ? ip_net_contains(a, &b->addr)
				  : ip_net_contains(b, &a->addr);
}
