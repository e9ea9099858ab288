// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * addr.c - IP and Ethernet addresses: what is read and printed is read again
 * as the same; the arithmetic of prefixes agrees with itself
 *
 * The input is text, up to the first NUL.
 */
#include <arpa/inet.h>

#include "base/auto.h"
#include "base/ipaddr.h"
#include "fuzz.h"
#include "route/link.h"

static void one_address(const char *text)
{
	struct ip_addr a = { 0 }, b = { 0 };
	char once[IP_STRLEN], twice[IP_STRLEN];
	uint8_t raw[16];
	bool good = inet_pton(AF_INET, text, raw) == 1 ||
		    inet_pton(AF_INET6, text, raw) == 1;

	MUST((ip_parse(text, &a) == 0) == good);
	if (!good) {
		MUST(!ip_is_set(&a));
		return;
	}
	ip_format(&a, once);
	MUST(ip_parse(once, &b) == 0 && ip_cmp(&a, &b) == 0);
	MUST(strcmp(once, ip_format(&b, twice)) == 0);
	MUST(!ip_is_mapped(&a));
	b = ip_prev(ip_next(a));
	MUST(ip_cmp(&a, &b) == 0);
	b = ip_next(a);
	MUST(ip_is_zero(&b) || ip_cmp(&a, &b) < 0);
}

/* what the prefix says of the address must be what its two ends say */
static void ends(const struct ip_net *n)
{
	struct ip_addr first = ip_net_first(n), last = ip_net_last(n);
	struct ip_addr before = ip_prev(first), after = ip_next(last);
	struct ip_net smaller = { last, n->plen }, all = { first, 0 };

	MUST(ip_cmp(&first, &n->addr) <= 0 && ip_cmp(&n->addr, &last) <= 0);
	MUST(ip_net_contains(n, &first) && ip_net_contains(n, &last));
	MUST(ip_net_contains(n, &n->addr));
	if (n->plen > 0)
		MUST(!ip_net_contains(n, &before) &&
		     !ip_net_contains(n, &after));
	if (smaller.plen < ip_bits(n->addr.family))
		smaller.plen++;
	MUST(ip_net_overlaps(n, &smaller) && ip_net_overlaps(&smaller, n));
	MUST(ip_net_overlaps(n, &all) && ip_net_overlaps(&all, n));
}

static void one_prefix(const char *text)
{
	struct ip_net n = { 0 }, again = { 0 };
	char once[IP_STRLEN];

	if (ip_net_parse(text, &n) < 0) {
		MUST(!ip_is_set(&n.addr));
		return;
	}
	MUST(n.plen <= ip_bits(n.addr.family));
	ends(&n);
	ip_net_format(&n, once);
	/* ::ffff:a.b.c.d/n is kept to be refused, and printed as IPv4 */
	if (!ip_is_mapped(&n.addr))
		MUST(ip_net_parse(once, &again) == 0 &&
		     ip_net_equal(&n, &again));
}

static void one_mac(const char *text)
{
	uint8_t mac[MAC_LEN] = { 0 }, again[MAC_LEN];
	char once[MAC_STRLEN];

	if (mac_parse(text, mac) < 0) {
		MUST(mac_is_zero(mac));
		return;
	}
	MUST(strlen(text) == 17 || strlen(text) == 14);
	mac_format(mac, once);
	MUST(mac_parse(once, again) == 0 && memcmp(mac, again, MAC_LEN) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	AUTO(str) char *text = input_until(&in, '\0', NULL);
	/* of no byte more than it has */
	AUTO(str) char *tight = strdup(text);

	one_address(tight);
	one_prefix(tight);
	one_mac(tight);
	return 0;
}
