// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mac.c - MAC addresses: text, made up, and of an IP address; sets of VLANs
 */
#include <errno.h>

#include "base/auto.h"
#include "base/ipaddr.h"
#include "base/mac.h"
#include "route/vlan-set.h"
#include "tap.h"

static void mac_text(void)
{
	static const struct {
		const char *text, *mac; /* mac NULL: none */
	} t[] = {
		{ "02:00:00:00:00:01", "02:00:00:00:00:01" },
		{ "0A:1b:Cd:eF:90:ff", "0a:1b:cd:ef:90:ff" },
		{ "0a-1b-cd-ef-90-ff", "0a:1b:cd:ef:90:ff" },
		{ "0a1b.cdef.90FF", "0a:1b:cd:ef:90:ff" },
		{ "00:00:00:00:00:00", "00:00:00:00:00:00" },
		{ "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff" },
		{ "", NULL },
		{ "0", NULL },
		{ "02", NULL },
		{ "02:00:00:00:00", NULL },
		{ "02:00:00:00:00:0", NULL },
		{ "02:00:00:00:00:01:", NULL },
		{ "02:00:00:00:00:001", NULL },
		{ "2:00:00:00:00:0001", NULL },
		{ "02:00:00:00:00:01:02:03", NULL },
		{ "02:00:00:00:00-01", NULL },
		{ "02-00:00:00:00:01", NULL },
		{ "02.00.00.00.00.01", NULL },
		{ "02 00 00 00 00 01", NULL },
		{ "0g:00:00:00:00:01", NULL },
		{ "02:00:00:00:00:@1", NULL },
		{ "02:00:00:00:00:0\xc1", NULL },
		{ "020000000001", NULL },
		{ "0a1b:cdef:90ff", NULL },
		{ "0a1.bcde.f90ff", NULL },
		{ "0a1b.cdef.90f", NULL },
		{ "0a1bc.def.90ff", NULL },
		{ " 2:00:00:00:00:01", NULL },
		{ "+2:00:00:00:00:01", NULL },
	};
	char text[MAC_STRLEN];

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		uint8_t mac[MAC_LEN] = { 7, 7, 7, 7, 7, 7 };
		int r = mac_parse(t[i].text, mac);

		EQ_INT(r, t[i].mac ? 0 : -EINVAL);
		if (r != (t[i].mac ? 0 : -EINVAL))
			printf("# of \"%s\"\n", t[i].text);
		EQ_STR(mac_format(mac, text),
		       t[i].mac ? t[i].mac : "07:07:07:07:07:07");
	}
}

static void random_macs_are_local_and_differ(void)
{
	uint8_t last[MAC_LEN] = { 0 };

	OK(mac_is_zero(last));
	for (int i = 0; i < 100; i++) {
		uint8_t mac[MAC_LEN] = { 0 };

		EQ_INT(mac_random(mac), 0);
		OK(!mac_is_zero(mac));
		EQ_INT(mac[0] & 3, 2); /* local, and not of a group */
		OK(memcmp(mac, last, MAC_LEN) != 0);
		memcpy(last, mac, MAC_LEN);
	}
	OK(!mac_is_zero((uint8_t[MAC_LEN]){ 0, 0, 0, 0, 0, 1 }));
}

static const char *mac_of(const char *ip)
{
	static char text[MAC_STRLEN];
	struct ip_addr a;
	uint8_t mac[MAC_LEN];

	EQ_INT(ip_parse(ip, &a), 0);
	mac_of_ip(&a, mac);
	return mac_format(mac, text);
}

/* An address has the same MAC for ever: its last link's neighbours know it. */
static void a_mac_follows_from_an_address(void)
{
	EQ_STR(mac_of("10.9.0.2"), "0a:58:0a:09:00:02");
	EQ_STR(mac_of("255.254.253.252"), "0a:58:ff:fe:fd:fc");
	/* the hash of the first twelve bytes, and the others */
	EQ_STR(mac_of("fd09::"), "0a:58:a0:76:10:2c");
	EQ_STR(mac_of("fd09::2"), "0a:58:a0:76:10:2e");
	EQ_STR(mac_of("fd09::ffff:ffff"), "0a:58:a0:76:10:2b");
	EQ_STR(mac_of("fd08::2"), "0a:58:69:d0:14:42");
}

static void sets_of_vlans(void)
{
	static const unsigned ids[] = { 1, 63, 64, 127, 128, 4094 };
	struct vlan_set s = { { 0 } };
	unsigned n = 0;

	OK(vlan_set_empty(&s));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		vlan_set_add(&s, ids[i]);
	vlan_set_add(&s, 64);
	OK(!vlan_set_empty(&s));
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		OK(vlan_set_has(&s, ids[i]));
	for (unsigned vid = 0; vid <= VLAN_MAX; vid++)
		n += vlan_set_has(&s, vid);
	EQ_INT(n, ARRAY_SIZE(ids));
}

TAP_MAIN(TEST(mac_text), TEST(random_macs_are_local_and_differ),
	 TEST(a_mac_follows_from_an_address), TEST(sets_of_vlans))
