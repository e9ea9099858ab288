// SPDX-License-Identifier: GPL-2.0-or-later
/* result-parse.c - reading results of every version, and refusing others */
#include "result-test.h"

#include <sys/socket.h>

/* a result of the kind 1.0.0 with everything in it */
static const char everything[] =
	"{'cniVersion':'1.1.0','interfaces':[{'name':'eth0','mac':'m',"
	"'sandbox':'s','socketPath':'p','pciID':'i','mtu':1500},{}],"
	"'ips':[{'address':'10.0.0.2/24','gateway':'10.0.0.1','interface':0},"
	"{'address':'fd00::2/64'}],'routes':[{'dst':'0.0.0.0/0',"
	"'gw':'10.0.0.1','mtu':1,'advmss':2,'priority':3,'table':4,'scope':5},"
	"{'dst':'::/0'}],'dns':{'nameservers':['n1','n2'],'domain':'d',"
	"'search':[],'options':['o']},'unknown':[null]}";

static void interfaces_and_addresses(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result r = { 0 };
	struct cni_err err = { 0 };
	char buf[IP_STRLEN];

	EQ_INT(read_result(everything, "0.1.0", &r, &err), 0);
	OK(!err.set);
	EQ_INT(r.n_interfaces, 2);
	EQ_STR(r.interfaces[0].name, "eth0");
	EQ_STR(r.interfaces[0].mac, "m");
	EQ_STR(r.interfaces[0].sandbox, "s");
	EQ_STR(r.interfaces[0].socket_path, "p");
	EQ_STR(r.interfaces[0].pci_id, "i");
	EQ_INT(r.interfaces[0].mtu, 1500);
	OK(!r.interfaces[1].name && !r.interfaces[1].mac);
	EQ_INT(r.interfaces[1].mtu, 0);
	EQ_INT(r.n_ips, 2);
	EQ_STR(ip_net_format(&r.ips[0].address, buf), "10.0.0.2/24");
	EQ_STR(ip_format(&r.ips[0].gateway, buf), "10.0.0.1");
	EQ_INT(r.ips[0].interface, 0);
	EQ_STR(ip_net_format(&r.ips[1].address, buf), "fd00::2/64");
	OK(!ip_is_set(&r.ips[1].gateway));
	EQ_INT(r.ips[1].interface, -1);
}

static void routes_and_dns(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result r = { 0 };
	struct cni_err err = { 0 };
	char buf[IP_STRLEN];

	EQ_INT(read_result(everything, "0.1.0", &r, &err), 0);
	EQ_INT(r.n_routes, 2);
	EQ_STR(ip_net_format(&r.routes[0].dst, buf), "0.0.0.0/0");
	EQ_STR(ip_format(&r.routes[0].gw, buf), "10.0.0.1");
	EQ_INT(r.routes[0].mtu, 1);
	EQ_INT(r.routes[0].advmss, 2);
	EQ_INT(r.routes[0].priority, 3);
	EQ_INT(r.routes[0].table, 4);
	EQ_INT(r.routes[0].scope, 5);
	OK(!ip_is_set(&r.routes[1].gw));
	EQ_INT(r.routes[1].mtu, 0);
	EQ_INT(r.routes[1].table, -1);
	EQ_INT(r.routes[1].scope, -1);
	EQ_INT(r.dns.nameservers.n, 2);
	EQ_STR(r.dns.nameservers.v[1], "n2");
	EQ_STR(r.dns.domain, "d");
	EQ_INT(r.dns.search.n, 0);
	OK(r.dns.has_search && r.dns.has_nameservers && r.dns.has_options);
	OK(cni_dns_given(&r.dns));
}

static void old_results_have_one_address_a_family(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result r = { 0 };
	struct cni_err err = { 0 };
	char buf[IP_STRLEN];

	EQ_INT(read_result("{'ip6':{'ip':'fd00::2/64','routes':[{'dst':'::/0',"
			   "'gw':'fd00::1'}]},'ip4':{'ip':'10.0.0.2/24',"
			   "'gateway':'10.0.0.1','routes':[{'dst':'0.0.0.0/0'}"
			   "]},'ips':'ignored','dns':{'search':['x']}}",
			   "0.2.0", &r, &err),
	       0);
	EQ_INT(r.n_interfaces, 0);
	EQ_INT(r.n_ips, 2);
	EQ_STR(ip_net_format(&r.ips[0].address, buf), "10.0.0.2/24");
	EQ_STR(ip_format(&r.ips[0].gateway, buf), "10.0.0.1");
	EQ_STR(ip_net_format(&r.ips[1].address, buf), "fd00::2/64");
	EQ_INT(r.ips[1].interface, -1);
	EQ_INT(r.n_routes, 2);
	EQ_INT(r.routes[0].dst.addr.family, AF_INET);
	EQ_INT(r.routes[1].dst.addr.family, AF_INET6);
	EQ_STR(r.dns.search.v[0], "x");
}

static void an_empty_one_is_a_result(void)
{
	static const char *const versions[] = { "0.1.0", "0.2.0", "0.3.0",
						"0.3.1", "0.4.0", "1.0.0",
						"1.1.0" };

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct cni_result r = { 0 };
		struct cni_err err = { 0 };

		EQ_INT(read_result("{}", versions[i], &r, &err), 0);
		EQ_INT(read_result("{'ips':null,'dns':null,'routes':null,"
				   "'interfaces':null,'ip4':null}",
				   versions[i], &r, &err),
		       0);
		EQ_INT(r.n_ips + r.n_routes + r.n_interfaces, 0);
		OK(!cni_dns_given(&r.dns));
		cni_result_done(&r);
	}
}

static void its_own_version_wins(void)
{
	struct cni_result r = { 0 };
	struct cni_err err = { 0 };

	EQ_INT(read_result("{'CNIVERSION':'0.2.0','ip4':{'ip':'10.0.0.2/8'},"
			   "'ips':[7]}",
			   "1.0.0", &r, &err),
	       0);
	EQ_INT(r.n_ips, 1);
	cni_result_done(&r);
	/* an empty one is none */
	EQ_INT(read_result("{'cniVersion':'','ip4':{'ip':'10.0.0.2/8'}}",
			   "1.0.0", &r, &err),
	       0);
	EQ_INT(r.n_ips, 0);
	cni_result_done(&r);
}

static void an_index_has_a_limit(void)
{
	struct cni_result r = { 0 };
	struct cni_err err = { 0 };

	/* and need not be one of an interface: who uses it has to look */
	EQ_INT(read_result("{'ips':[{'address':'10.0.0.2/8',"
			   "'interface':65535}]}",
			   "1.0.0", &r, &err),
	       0);
	EQ_INT(r.ips[0].interface, 65535);
	cni_result_done(&r);
}

static void mapped_addresses_are_ipv4(void)
{
	struct cni_result r = { 0 };
	struct cni_err err = { 0 };
	char buf[IP_STRLEN];

	EQ_INT(read_result("{'ips':[{'address':'::ffff:10.0.0.2/120',"
			   "'gateway':'::ffff:10.0.0.1'}]}",
			   "1.0.0", &r, &err),
	       0);
	EQ_STR(ip_net_format(&r.ips[0].address, buf), "10.0.0.2/24");
	EQ_STR(ip_format(&r.ips[0].gateway, buf), "10.0.0.1");
	cni_result_done(&r);
	EQ_INT(read_result("{'routes':[{'dst':'::ffff:0.0.0.0/96'}]}", "1.0.0",
			   &r, &err),
	       0);
	EQ_STR(ip_net_format(&r.routes[0].dst, buf), "0.0.0.0/0");
	cni_result_done(&r);
}

/* the message, and nothing is left in the result */
static const char *refusal(const char *text, const char *version)
{
	static struct cni_err err;
	struct cni_result r = { 0 };

	err = (struct cni_err){ 0 };
	EQ_INT(read_result(text, version, &r, &err), -1);
	EQ_INT(err.code, CNI_EDECODE);
	EQ_STR(err.details, "");
	OK(!r.interfaces && !r.ips && !r.routes && !cni_dns_given(&r.dns));
	EQ_INT(r.n_interfaces + r.n_ips + r.n_routes, 0);
	return err.msg;
}

static void refuses_other_things(void)
{
	EQ_STR(refusal("[]", "1.0.0"),
	       "expected a result object, got an array");
	EQ_STR(refusal("null", "1.0.0"), "expected a result object, got null");
	EQ_STR(refusal("{'cniVersion':1}", "1.0.0"),
	       "\"cniVersion\": expected a string, got a number");
	EQ_STR(refusal("{'cniVersion':'1.2.0'}", "1.0.0"),
	       "unsupported CNI result version \"1.2.0\"");
	EQ_STR(refusal("{}", "7"), "unsupported CNI result version \"7\"");
}

static void refuses_wrong_kinds(void)
{
	static const struct {
		const char *version, *text, *why;
	} t[] = {
		{ "1.0.0", "{'ips':{}}",
		  "\"ips\": expected an array, got an object" },
		{ "1.0.0", "{'ips':[null]}", "\"ips\": null in an array" },
		{ "1.0.0", "{'ips':[{'address':'10.0.0.2/8'},7]}",
		  "\"ips\": expected objects, got a number" },
		{ "0.4.0", "{'interfaces':[null]}",
		  "\"interfaces\": null in an array" },
		{ "1.0.0", "{'interfaces':[[]]}",
		  "\"interfaces\": expected objects, got an array" },
		{ "1.0.0", "{'interfaces':[{'name':7}]}",
		  "\"name\": expected a string, got a number" },
		{ "1.0.0", "{'interfaces':[{'name':'x','mac':true}]}",
		  "\"mac\": expected a string, got a boolean" },
		{ "1.0.0", "{'interfaces':[{'mtu':-1}]}",
		  "\"mtu\": expected a whole number from 0 to 4294967295, got "
		  "-1" },
		{ "1.0.0", "{'ips':[{'address':7}]}",
		  "\"address\": expected a string, got a number" },
		{ "1.0.0", "{'ips':[{'address':'10.0.0.2/8','gateway':7}]}",
		  "\"gateway\": expected a string, got a number" },
		{ "1.0.0", "{'routes':[null]}",
		  "\"routes\": null in an array" },
		{ "1.0.0", "{'dns':[]}",
		  "\"dns\": expected an object, got an array" },
		{ "1.0.0", "{'dns':{'search':['x',null]}}",
		  "\"search\": null in an array" },
		{ "1.0.0", "{'dns':{'nameservers':['x',{}]}}",
		  "\"nameservers\": expected strings, got an object" },
		{ "0.2.0", "{'ip4':[]}",
		  "\"ip4\": expected an object, got an array" },
		{ "0.1.0", "{'ip6':{'ip':'fd00::1/64','routes':[null]}}",
		  "\"routes\": null in an array" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		EQ_STR(refusal(t[i].text, t[i].version), t[i].why);
}

static void refuses_wrong_values(void)
{
	static const struct {
		const char *version, *text, *why;
	} t[] = {
		{ "1.0.0", "{'ips':[{}]}",
		  "invalid CIDR address:  in \"address\"" },
		{ "1.0.0", "{'ips':[{'address':'10.0.0.2'}]}",
		  "invalid CIDR address: 10.0.0.2 in \"address\"" },
		{ "1.0.0", "{'ips':[{'address':'::ffff:10.0.0.2/95'}]}",
		  "invalid CIDR address: ::ffff:10.0.0.2/95 in \"address\"" },
		{ "1.0.0", "{'ips':[{'address':'10.0.0.2/8','gateway':'x'}]}",
		  "invalid IP address: x" },
		{ "1.0.0", "{'ips':[{'address':'10.0.0.2/8','interface':-1}]}",
		  "\"interface\": expected a whole number from 0 to "
		  "4294967295, got -1" },
		{ "1.0.0",
		  "{'ips':[{'address':'10.0.0.2/8','interface':65536}]}",
		  "\"interface\": 65536 is no index" },
		{ "0.2.0", "{'ip4':{}}", "invalid CIDR address:  in \"ip\"" },
		{ "0.2.0", "{'ip4':{'ip':'10.0.0.2/8','gateway':'10.0.0/8'}}",
		  "invalid IP address: 10.0.0/8" },
		{ "1.0.0", "{'routes':[{'gw':'10.0.0.1'}]}",
		  "invalid CIDR address:  in \"dst\"" },
		{ "1.0.0", "{'routes':[{'dst':'10.0.0.0/8','gw':'fd00::1'}]}",
		  "route to 10.0.0.0/8 has gateway fd00::1 of another family" },
		{ "1.0.0", "{'routes':[{'dst':'10.0.0.0/8','scope':256}]}",
		  "\"scope\": 256 is not from 0 to 255" },
		{ "1.0.0", "{'routes':[{'dst':'10.0.0.0/8','table':'x'}]}",
		  "\"table\": expected a whole number, got a string" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		EQ_STR(refusal(t[i].text, t[i].version), t[i].why);
}

static void routes_of_a_configuration(void)
{
	static const char good[] = "{\"routes\":[{\"dst\":\"10.0.0.0/8\"}]}";
	static const char bad[] = "{\"routes\":[{\"dst\":\"10.0.0.0\"}]}";
	AUTO(json) cJSON *g = cJSON_Parse(good);
	AUTO(json) cJSON *b = cJSON_Parse(bad);
	__attribute__((cleanup(result_auto))) struct cni_result r = { 0 };
	struct cni_err err = { 0 };

	EQ_INT(cni_routes_parse(NULL, &r, &err), 0);
	EQ_INT(cni_routes_parse(g, &r, &err), 0);
	EQ_INT(cni_routes_parse(g, &r, &err), 0);
	EQ_INT(r.n_routes, 2);
	EQ_INT(cni_routes_parse(b, &r, &err), -1);
	EQ_INT(err.code, CNI_ECONF);
	EQ_STR(err.msg, "invalid CIDR address: 10.0.0.0 in \"dst\"");
}

TAP_MAIN(TEST(interfaces_and_addresses), TEST(routes_and_dns),
	 TEST(old_results_have_one_address_a_family),
	 TEST(an_empty_one_is_a_result), TEST(its_own_version_wins),
	 TEST(an_index_has_a_limit), TEST(mapped_addresses_are_ipv4),
	 TEST(refuses_other_things), TEST(refuses_wrong_kinds),
	 TEST(refuses_wrong_values), TEST(routes_of_a_configuration))
