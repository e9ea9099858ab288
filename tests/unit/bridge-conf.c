// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bridge-conf.c - the configuration of bridge, at the bounds of what is taken
 *
 * unit: plugins/bridge
 */
#include "bridge-ipam.h"

/* The exit status of STATUS, which reads a whole configuration and makes
   nothing. */
static int status_of(const char *keys, const char *ipam)
{
	char conf[1024];

	snprintf(conf, sizeof(conf),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\"%s%s%s}",
		 *keys ? "," : "", keys, ipam);
	return run("STATUS", conf);
}

#define IPAM ",\"ipam\":{\"type\":\"static\"}"

static void what_is_wrong_in_a_trunk_is_named(void)
{
	static const struct {
		const char *trunk, *names; /* NULL: nothing is wrong */
	} t[] = {
		{ "", NULL },
		{ "{}", NULL },
		{ "{\"id\":1}", NULL },
		{ "{\"id\":4094}", NULL },
		{ "{\"minID\":1,\"maxID\":4094}", NULL },
		{ "{\"minID\":7,\"maxID\":7}", NULL },
		{ "{\"minID\":7,\"maxID\":8,\"id\":9}", NULL },
		{ "{\"id\":0}", "trunk id" },
		{ "{\"id\":4095}", "trunk id" },
		{ "{\"minID\":7,\"maxID\":8,\"id\":0}", "trunk id" },
		{ "{\"id\":\"7\"}", "\\\"id\\\": expected" },
		{ "{\"minID\":\"7\",\"maxID\":8}", "\\\"minID\\\": expected" },
		{ "{\"minID\":7,\"maxID\":\"8\"}", "\\\"maxID\\\": expected" },
		{ "{\"minID\":\"7\"}", "\\\"minID\\\": expected" },
		{ "{\"maxID\":\"8\"}", "\\\"maxID\\\": expected" },
		{ "{\"minID\":0,\"maxID\":8}", "trunk minID" },
		{ "{\"minID\":7,\"maxID\":4095}", "trunk maxID" },
		{ "{\"minID\":8,\"maxID\":7}", "minID is greater" },
		{ "{\"minID\":7}", "maxID is missing" },
		{ "{\"maxID\":8}", "minID is missing" },
		{ "{\"id\":7},7", "vlanTrunk: expected objects" },
	};

	ipam_set_up();
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char keys[256];
		int r;

		snprintf(keys, sizeof(keys), "\"vlanTrunk\":[%s]", t[i].trunk);
		r = status_of(keys, "");
		EQ_INT(r, t[i].names != NULL);
		if (t[i].names && !strstr(out, t[i].names)) {
			OK(!"it is named");
			printf("# %s: %s\n", keys, out);
		}
	}
}

static void a_vlan_is_one_of_4094_or_none(void)
{
	ipam_set_up();
	EQ_INT(status_of("\"vlan\":0", ""), 0);
	EQ_INT(status_of("\"vlan\":1", ""), 0);
	EQ_INT(status_of("\"vlan\":4094", ""), 0);
	EQ_INT(status_of("\"vlan\":4095", ""), 1);
	OK(strstr(out, "invalid VLAN ID 4095"));
	EQ_INT(status_of("\"vlan\":-1", ""), 1);
	OK(strstr(out, "invalid VLAN ID -1"));
}

/* The VLAN interface has a name of its own only where it is made. */
static void the_gateway_of_a_vlan_has_a_name_that_fits(void)
{
	const char *fits = "\"bridge\":\"ten-letter\",\"isGateway\":true,"
			   "\"vlan\":4094";
	const char *long_one = "\"bridge\":\"eleven-lett\","
			       "\"isGateway\":true,\"vlan\":4094";

	ipam_set_up();
	EQ_INT(status_of(fits, IPAM), 0);
	EQ_INT(status_of(long_one, IPAM), 1);
	OK(strstr(out, "eleven-lett.4094, is too long"));
	EQ_INT(status_of(long_one, ""), 0);
	EQ_INT(status_of("\"bridge\":\"eleven-lett\",\"vlan\":4094", IPAM), 0);
	EQ_INT(status_of("\"bridge\":\"eleven-lett\",\"isGateway\":true", IPAM),
	       0);
}

static void a_mac_is_one_that_an_interface_can_have(void)
{
	static const struct {
		const char *mac;
		bool good;
	} t[] = {
		{ "", true },
		{ "02:00:00:00:00:01", true },
		{ "00:00:00:00:00:01", true },
		{ "fe:ff:ff:ff:ff:ff", true },
		{ "00:00:00:00:00:00", false },
		{ "01:00:00:00:00:01", false },
		{ "ff:ff:ff:ff:ff:ff", false },
		{ "02:00:00:00:00", false },
		{ "02:00:00:00:00:0g", false },
	};

	ipam_set_up();
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char keys[256], named[128];

		snprintf(keys, sizeof(keys),
			 "\"runtimeConfig\":{\"mac\":\"%s\"}", t[i].mac);
		snprintf(named, sizeof(named),
			 "invalid args %s for MAC addr: address %s: "
			 "invalid MAC address",
			 t[i].mac, t[i].mac);
		EQ_INT(status_of(keys, ""), !t[i].good);
		OK(t[i].good || strstr(out, named));
	}
}

TAP_MAIN(TEST(what_is_wrong_in_a_trunk_is_named),
	 TEST(a_vlan_is_one_of_4094_or_none),
	 TEST(the_gateway_of_a_vlan_has_a_name_that_fits),
	 TEST(a_mac_is_one_that_an_interface_can_have))
