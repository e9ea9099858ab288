// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * result-print.c - a result in each version, byte for byte. The golden texts
 * were printed by the reference plugins; a ' stands for a ".
 */
#include "result-test.h"

/* bridge, dual stack, isDefaultGateway and a static route */
static const char golden_0_2_0[] = "{\n"
				   "    'cniVersion': '0.2.0',\n"
				   "    'ip4': {\n"
				   "        'ip': '10.9.0.3/24',\n"
				   "        'gateway': '10.9.0.1',\n"
				   "        'routes': [\n"
				   "            {\n"
				   "                'dst': '192.0.2.0/24',\n"
				   "                'gw': '10.9.0.77'\n"
				   "            },\n"
				   "            {\n"
				   "                'dst': '0.0.0.0/0',\n"
				   "                'gw': '10.9.0.1'\n"
				   "            }\n"
				   "        ]\n"
				   "    },\n"
				   "    'ip6': {\n"
				   "        'ip': 'fd09::3/64',\n"
				   "        'gateway': 'fd09::1',\n"
				   "        'routes': [\n"
				   "            {\n"
				   "                'dst': '::/0',\n"
				   "                'gw': 'fd09::1'\n"
				   "            }\n"
				   "        ]\n"
				   "    },\n"
				   "    'dns': {}\n"
				   "}";

static const char golden_0_4_0[] = "{\n"
				   "    'cniVersion': '0.4.0',\n"
				   "    'interfaces': [\n"
				   "        {\n"
				   "            'name': 'br0',\n"
				   "            'mac': '2e:a3:f6:5d:fc:41'\n"
				   "        },\n"
				   "        {\n"
				   "            'name': 'veth0803a322',\n"
				   "            'mac': 'f2:db:c1:c8:d6:5a'\n"
				   "        },\n"
				   "        {\n"
				   "            'name': 'eth0',\n"
				   "            'mac': '9e:c2:8e:17:2d:5b',\n"
				   "            'sandbox': '/run/netns/c1'\n"
				   "        }\n"
				   "    ],\n"
				   "    'ips': [\n"
				   "        {\n"
				   "            'version': '4',\n"
				   "            'interface': 2,\n"
				   "            'address': '10.9.0.5/24',\n"
				   "            'gateway': '10.9.0.1'\n"
				   "        },\n"
				   "        {\n"
				   "            'version': '6',\n"
				   "            'interface': 2,\n"
				   "            'address': 'fd09::5/64',\n"
				   "            'gateway': 'fd09::1'\n"
				   "        }\n"
				   "    ],\n"
				   "    'routes': [\n"
				   "        {\n"
				   "            'dst': '192.0.2.0/24',\n"
				   "            'gw': '10.9.0.77',\n"
				   "            'mtu': 1300,\n"
				   "            'advmss': 1200,\n"
				   "            'priority': 7,\n"
				   "            'table': 100,\n"
				   "            'scope': 0\n"
				   "        },\n"
				   "        {\n"
				   "            'dst': '0.0.0.0/0',\n"
				   "            'gw': '10.9.0.1'\n"
				   "        },\n"
				   "        {\n"
				   "            'dst': '::/0',\n"
				   "            'gw': 'fd09::1'\n"
				   "        }\n"
				   "    ],\n"
				   "    'dns': {}\n"
				   "}";

static const char golden_1_0_0[] = "{\n"
				   "    'cniVersion': '1.0.0',\n"
				   "    'interfaces': [\n"
				   "        {\n"
				   "            'mac': '2e:a3:f6:5d:fc:41',\n"
				   "            'name': 'br0'\n"
				   "        },\n"
				   "        {\n"
				   "            'mac': '62:6a:29:77:3e:34',\n"
				   "            'name': 'veth213ec449'\n"
				   "        },\n"
				   "        {\n"
				   "            'mac': '02:74:d0:42:7e:d5',\n"
				   "            'name': 'eth0',\n"
				   "            'sandbox': '/run/netns/c1'\n"
				   "        }\n"
				   "    ],\n"
				   "    'ips': [\n"
				   "        {\n"
				   "            'address': '10.9.0.6/24',\n"
				   "            'gateway': '10.9.0.1',\n"
				   "            'interface': 2\n"
				   "        },\n"
				   "        {\n"
				   "            'address': 'fd09::6/64',\n"
				   "            'gateway': 'fd09::1',\n"
				   "            'interface': 2\n"
				   "        }\n"
				   "    ],\n"
				   "    'routes': [\n"
				   "        {\n"
				   "            'advmss': 1200,\n"
				   "            'dst': '192.0.2.0/24',\n"
				   "            'gw': '10.9.0.77',\n"
				   "            'mtu': 1300,\n"
				   "            'priority': 7,\n"
				   "            'scope': 0,\n"
				   "            'table': 100\n"
				   "        },\n"
				   "        {\n"
				   "            'dst': '0.0.0.0/0',\n"
				   "            'gw': '10.9.0.1'\n"
				   "        },\n"
				   "        {\n"
				   "            'dst': '::/0',\n"
				   "            'gw': 'fd09::1'\n"
				   "        }\n"
				   "    ]\n"
				   "}";

/* host-local */
static const char golden_ipam[] = "{\n"
				  "    'cniVersion': '1.0.0',\n"
				  "    'ips': [\n"
				  "        {\n"
				  "            'address': '10.1.2.2/24',\n"
				  "            'gateway': '10.1.2.1'\n"
				  "        }\n"
				  "    ]\n"
				  "}";

/* text with its first "from" replaced; good until the next call */
static const char *instead(const char *text, const char *from, const char *to)
{
	static char buf[8192];
	const char *at = strstr(text, from);

	if (!at)
		abort();
	snprintf(buf, sizeof(buf), "%.*s%s%s", (int)(at - text), text, to,
		 at + strlen(from));
	return buf;
}

static void golden_texts_come_back_as_they_are(void)
{
	EQ_STR(convert(golden_0_2_0, "0.2.0"), quoted(golden_0_2_0));
	EQ_STR(convert(golden_0_4_0, "0.4.0"), quoted(golden_0_4_0));
	EQ_STR(convert(golden_1_0_0, "1.0.0"), quoted(golden_1_0_0));
	EQ_STR(convert(golden_ipam, "1.0.0"), quoted(golden_ipam));
}

static void only_the_version_tells_relatives_apart(void)
{
	EQ_STR(convert(golden_0_2_0, "0.1.0"),
	       quoted(instead(golden_0_2_0, "0.2.0", "0.1.0")));
	EQ_STR(convert(golden_0_4_0, "0.3.0"),
	       quoted(instead(golden_0_4_0, "0.4.0", "0.3.0")));
	EQ_STR(convert(golden_0_4_0, "0.3.1"),
	       quoted(instead(golden_0_4_0, "0.4.0", "0.3.1")));
	EQ_STR(convert(golden_1_0_0, "1.1.0"),
	       quoted(instead(golden_1_0_0, "1.0.0", "1.1.0")));
}

#define V4                                                                     \
	"'cniVersion':'1.1.0','interfaces':[{'name':'eth0','mtu':9,"           \
	"'mac':'m','sandbox':'s','socketPath':'p','pciID':'i'}]"

static void sorted_keys_from_1_0_0_on(void)
{
	EQ_STR(convert("{" V4 ",'dns':{'search':['s'],'options':['o'],"
		       "'nameservers':['n'],'domain':'d'}}",
		       "1.0.0"),
	       quoted("{\n"
		      "    'cniVersion': '1.0.0',\n"
		      "    'dns': {\n"
		      "        'domain': 'd',\n"
		      "        'nameservers': [\n"
		      "            'n'\n"
		      "        ],\n"
		      "        'options': [\n"
		      "            'o'\n"
		      "        ],\n"
		      "        'search': [\n"
		      "            's'\n"
		      "        ]\n"
		      "    },\n"
		      "    'interfaces': [\n"
		      "        {\n"
		      "            'mac': 'm',\n"
		      "            'mtu': 9,\n"
		      "            'name': 'eth0',\n"
		      "            'pciID': 'i',\n"
		      "            'sandbox': 's',\n"
		      "            'socketPath': 'p'\n"
		      "        }\n"
		      "    ]\n"
		      "}"));
}

static void older_versions_have_less_and_always_dns(void)
{
	EQ_STR(convert("{" V4 ",'dns':{'search':['s'],'options':['o'],"
		       "'nameservers':['n'],'domain':'d'}}",
		       "0.4.0"),
	       quoted("{\n"
		      "    'cniVersion': '0.4.0',\n"
		      "    'interfaces': [\n"
		      "        {\n"
		      "            'name': 'eth0',\n"
		      "            'mac': 'm',\n"
		      "            'sandbox': 's'\n"
		      "        }\n"
		      "    ],\n"
		      "    'dns': {\n"
		      "        'nameservers': [\n"
		      "            'n'\n"
		      "        ],\n"
		      "        'domain': 'd',\n"
		      "        'search': [\n"
		      "            's'\n"
		      "        ],\n"
		      "        'options': [\n"
		      "            'o'\n"
		      "        ]\n"
		      "    }\n"
		      "}"));
}

static void what_is_empty_is_left_out(void)
{
	EQ_STR(convert("{'ips':[],'routes':[],'interfaces':[],'dns':{}}",
		       "1.1.0"),
	       quoted("{\n    'cniVersion': '1.1.0'\n}"));
	EQ_STR(convert("{'dns':{'nameservers':[],'domain':'','search':[]}}",
		       "1.0.0"),
	       quoted("{\n    'cniVersion': '1.0.0'\n}"));
	EQ_STR(convert("{}", "0.3.1"),
	       quoted("{\n    'cniVersion': '0.3.1',\n    'dns': {}\n}"));
	/* an interface's name is always there */
	EQ_STR(convert("{'interfaces':[{'mac':''}]}", "1.0.0"),
	       quoted("{\n"
		      "    'cniVersion': '1.0.0',\n"
		      "    'interfaces': [\n"
		      "        {\n"
		      "            'name': ''\n"
		      "        }\n"
		      "    ]\n"
		      "}"));
}

static void any_member_makes_a_dns(void)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "'domain':'d'", "        'domain': 'd'\n" },
		{ "'nameservers':['n']", "        'nameservers': [\n"
					 "            'n'\n        ]\n" },
		{ "'search':['s']", "        'search': [\n"
				    "            's'\n        ]\n" },
		{ "'options':['o']", "        'options': [\n"
				     "            'o'\n        ]\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char text[128], expect[256];

		snprintf(text, sizeof(text), "{'dns':{%s}}", t[i].in);
		snprintf(expect, sizeof(expect),
			 "{\n    'cniVersion': '1.0.0',\n    'dns': {\n"
			 "%s    }\n}",
			 t[i].out);
		EQ_STR(convert(text, "1.0.0"), quoted(expect));
	}
}

static void zero_is_a_table_a_scope_and_an_index(void)
{
	static const char text[] =
		"{'interfaces':[{'name':'e'}],'ips':[{'address':'10.0.0.2/8',"
		"'interface':0}],'routes':[{'dst':'10.0.0.0/8','mtu':0,"
		"'advmss':0,'priority':0,'table':0,'scope':0}]}";

	OK(strstr(convert(text, "1.0.0"), quoted("'interface': 0\n")));
	OK(strstr(convert(text, "1.0.0"),
		  quoted("            'dst': '10.0.0.0/8',\n"
			 "            'scope': 0,\n"
			 "            'table': 0\n")));
	OK(strstr(convert(text, "0.3.0"),
		  quoted("            'dst': '10.0.0.0/8',\n"
			 "            'table': 0,\n"
			 "            'scope': 0\n")));
}

static void down_to_one_address_a_family(void)
{
	EQ_STR(convert("{'interfaces':[{'name':'e'}],"
		       "'ips':[{'address':'10.0.0.2/8','interface':0},"
		       "{'address':'10.0.0.3/8','gateway':'10.0.0.1'}],"
		       "'routes':[{'dst':'::/0'},{'dst':'10.1.0.0/16',"
		       "'mtu':5,'table':7}],'dns':{'domain':'d'}}",
		       "0.2.0"),
	       quoted("{\n"
		      "    'cniVersion': '0.2.0',\n"
		      "    'ip4': {\n"
		      "        'ip': '10.0.0.2/8',\n"
		      "        'routes': [\n"
		      "            {\n"
		      "                'dst': '10.1.0.0/16'\n"
		      "            }\n"
		      "        ]\n"
		      "    },\n"
		      "    'dns': {\n"
		      "        'domain': 'd'\n"
		      "    }\n"
		      "}"));
}

static void no_address_cannot_go_down(void)
{
	EQ_STR(convert("{'interfaces':[{'name':'e'}]}", "0.2.0"),
	       "cannot convert: no valid IP addresses");
	EQ_STR(convert("{}", "0.1.0"), "cannot convert: no valid IP addresses");
	EQ_STR(convert("{}", "0.3.0"),
	       quoted("{\n    'cniVersion': '0.3.0',\n    'dns': {}\n}"));
}

static void up_from_the_oldest(void)
{
	EQ_STR(convert("{'cniVersion':'0.1.0','ip6':{'ip':'fd00::2/64'},"
		       "'ip4':{'ip':'10.0.0.2/8','gateway':'10.0.0.1'},"
		       "'dns':{}}",
		       "1.1.0"),
	       quoted("{\n"
		      "    'cniVersion': '1.1.0',\n"
		      "    'ips': [\n"
		      "        {\n"
		      "            'address': '10.0.0.2/8',\n"
		      "            'gateway': '10.0.0.1'\n"
		      "        },\n"
		      "        {\n"
		      "            'address': 'fd00::2/64'\n"
		      "        }\n"
		      "    ]\n"
		      "}"));
}

static void up_from_0_4_0_drops_the_family(void)
{
	const char *text = convert(golden_0_4_0, "1.0.0");

	OK(!strstr(text, "\"version\""));
	OK(!strstr(text, "\"dns\""));
	OK(strstr(text, "\"table\": 100"));
}

TAP_MAIN(TEST(golden_texts_come_back_as_they_are),
	 TEST(only_the_version_tells_relatives_apart),
	 TEST(sorted_keys_from_1_0_0_on),
	 TEST(older_versions_have_less_and_always_dns),
	 TEST(what_is_empty_is_left_out), TEST(any_member_makes_a_dns),
	 TEST(zero_is_a_table_a_scope_and_an_index),
	 TEST(down_to_one_address_a_family), TEST(no_address_cannot_go_down),
	 TEST(up_from_the_oldest), TEST(up_from_0_4_0_drops_the_family))
