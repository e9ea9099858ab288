// SPDX-License-Identifier: GPL-2.0-or-later
/* mac.c - Ethernet addresses: their text, and where they come from */
#include "base/mac.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/sha512.h"

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* aa:bb:cc:dd:ee:ff, with '-' too, or aabb.ccdd.eeff, as the reference */
int mac_parse(const char *s, uint8_t ret[MAC_LEN])
{
	size_t len = strlen(s);
	char sep = len == 14 ? '.' : s[0] && s[1] ? s[2] : '\0';
	size_t group = len == 14 ? 2 : 1;
	uint8_t mac[MAC_LEN];

	if ((len != 17 || (sep != ':' && sep != '-')) && len != 14)
		return -EINVAL;
	for (size_t i = 0; i < MAC_LEN; i++) {
		int high, low;

		if (i && i % group == 0 && *s++ != sep)
			return -EINVAL;
		high = nibble(s[0]);
		low = high < 0 ? -1 : nibble(s[1]);
		if (low < 0)
			return -EINVAL;
		mac[i] = (uint8_t)(high << 4 | low);
		s += 2;
	}
	memcpy(ret, mac, MAC_LEN);
	return 0;
}

const char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_STRLEN])
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

bool mac_is_zero(const uint8_t mac[MAC_LEN])
{
	static const uint8_t zero[MAC_LEN];

	return memcmp(mac, zero, MAC_LEN) == 0;
}

static uint32_t number(const uint8_t b[4])
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

static uint32_t hash(const uint8_t *b, size_t len)
{
	char hex[SHA512_HEXLEN];

	sha512_hex(b, len, hex);
	hex[8] = '\0';
	return (uint32_t)strtoul(hex, NULL, 16);
}

void mac_of_ip(const struct ip_addr *ip, uint8_t ret[MAC_LEN])
{
	uint32_t n;

	if (ip->family == AF_INET)
		n = number(ip->b);
	else
		n = number(ip->b + 12) + hash(ip->b, 12);
	ret[0] = 0x0a;
	ret[1] = 0x58;
	for (int i = 0; i < 4; i++)
		ret[2 + i] = (uint8_t)(n >> (24 - 8 * i));
}

int mac_random(uint8_t ret[MAC_LEN])
{
	ssize_t n;

	do
		n = getrandom(ret, MAC_LEN, 0);
	while (n < 0 && errno == EINTR);
	if (n != MAC_LEN)
		return n < 0 ? -errno : -EIO;
	ret[0] = (uint8_t)((ret[0] & 0xfc) | 0x02);
	return 0;
}
