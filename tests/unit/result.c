// SPDX-License-Identifier: GPL-2.0-or-later
/* result.c - the lists of a result: append, copy, free */
#include "result-test.h"

static const char text[] =
	"{'interfaces':[{'name':'a','mac':'m','sandbox':'s','socketPath':'p',"
	"'pciID':'i','mtu':9},{'name':'b'}],'ips':[{'address':'10.0.0.2/8',"
	"'gateway':'10.0.0.1','interface':1},{'address':'fd00::2/64'}],"
	"'routes':[{'dst':'::/0','table':0}],'dns':{'nameservers':['n'],"
	"'domain':'d','search':['s','t'],'options':[]}}";

static void new_elements_are_empty(void)
{
	struct cni_result r = { 0 };

	for (int i = 0; i < 100; i++) {
		struct cni_interface *ifc = cni_add_interface(&r);
		struct cni_ip *ip = cni_add_ip(&r);
		struct cni_route *rt = cni_add_route(&r);

		OK(!ifc->name && !ifc->mac && !ifc->sandbox &&
		   !ifc->socket_path && !ifc->pci_id && ifc->mtu == 0);
		OK(!ip_is_set(&ip->address.addr) && !ip_is_set(&ip->gateway));
		EQ_INT(ip->interface, -1);
		OK(!ip_is_set(&rt->dst.addr) && rt->mtu == 0);
		EQ_INT(rt->table, -1);
		EQ_INT(rt->scope, -1);
		ip->interface = i;
	}
	EQ_INT(r.n_interfaces, 100);
	EQ_INT(r.ips[57].interface, 57);
	cni_result_done(&r);
	EQ_INT(r.n_ips + r.n_routes + r.n_interfaces, 0);
	OK(!r.ips && !r.routes && !r.interfaces);
	cni_result_done(&r);
}

/* the result in version 1.0.0; good until the next call */
static const char *print(const struct cni_result *r)
{
	static char buf[8192];
	struct cni_err err = { 0 };
	AUTO(str) char *out = cni_result_print(r, "1.0.0", &err);

	if (!out)
		abort();
	snprintf(buf, sizeof(buf), "%s", out);
	return buf;
}

static void append_to_nothing_is_a_copy(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result copy = { 0 };
	struct cni_result from = { 0 };
	struct cni_err err = { 0 };
	char before[8192];

	EQ_INT(read_result(text, "1.0.0", &from, &err), 0);
	snprintf(before, sizeof(before), "%s", print(&from));
	EQ_INT(cni_result_append(&copy, &from), 0);
	cni_result_done(&from);
	EQ_STR(print(&copy), before);
	OK(copy.dns.has_options);
}

static void append_moves_the_indices(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result to = { 0 };
	__attribute__((cleanup(result_auto))) struct cni_result from = { 0 };
	struct cni_err err = { 0 };

	EQ_INT(read_result(text, "1.0.0", &from, &err), 0);
	EQ_INT(read_result("{'interfaces':[{},{},{}],"
			   "'ips':[{'address':'10.9.0.2/8','interface':2}],"
			   "'dns':{'domain':'mine'}}",
			   "1.0.0", &to, &err),
	       0);
	EQ_INT(cni_result_append(&to, &from), 0);
	EQ_INT(to.n_interfaces, 5);
	EQ_STR(to.interfaces[3].name, "a");
	EQ_STR(to.interfaces[3].pci_id, "i");
	EQ_INT(to.interfaces[3].mtu, 9);
	OK(!to.interfaces[4].mac);
	EQ_INT(to.n_ips, 3);
	EQ_INT(to.ips[0].interface, 2);
	EQ_INT(to.ips[1].interface, 4);
	EQ_INT(to.ips[2].interface, -1);
	EQ_INT(to.n_routes, 1);
	EQ_INT(to.routes[0].table, 0);
	/* dns that is there stays */
	EQ_STR(to.dns.domain, "mine");
	EQ_INT(to.dns.search.n, 0);
}

static void append_of_nothing_changes_nothing(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result to = { 0 };
	struct cni_result none = { 0 };
	struct cni_err err = { 0 };
	char before[8192];

	EQ_INT(read_result(text, "1.0.0", &to, &err), 0);
	snprintf(before, sizeof(before), "%s", print(&to));
	EQ_INT(cni_result_append(&to, &none), 0);
	EQ_STR(print(&to), before);
}

static void dns_is_given_by_any_member(void)
{
	static const struct {
		const char *text;
		bool given;
	} t[] = {
		{ "{}", false },
		{ "{'dns':{}}", false },
		{ "{'dns':{'domain':''}}", false },
		{ "{'dns':{'search':null}}", false },
		{ "{'dns':{'domain':'d'}}", true },
		{ "{'dns':{'nameservers':[]}}", true },
		{ "{'dns':{'search':[]}}", true },
		{ "{'dns':{'options':['x']}}", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct cni_result r = { 0 };
		struct cni_err err = { 0 };

		EQ_INT(read_result(t[i].text, "1.0.0", &r, &err), 0);
		EQ_INT(cni_dns_given(&r.dns), t[i].given);
		cni_result_done(&r);
	}
}

static void dns_copies_replace(void)
{
	__attribute__((cleanup(result_auto))) struct cni_result from = { 0 };
	struct cni_err err = { 0 };
	struct cni_dns to = { 0 };

	EQ_INT(read_result(text, "1.0.0", &from, &err), 0);
	for (int i = 0; i < 2; i++) {
		EQ_INT(cni_dns_copy(&to, &from.dns), 0);
		EQ_STR(to.domain, "d");
		EQ_INT(to.nameservers.n, 1);
		EQ_INT(to.search.n, 2);
		EQ_STR(to.search.v[1], "t");
		OK(to.has_options && to.options.n == 0);
		OK(to.search.v != from.dns.search.v);
	}
	EQ_INT(cni_dns_copy(&to, &(struct cni_dns){ 0 }), 0);
	OK(!to.domain && !to.has_search && to.search.n == 0);
	cni_dns_done(&to);
}

static void string_lists_own_copies(void)
{
	struct cni_dns d = { 0 };
	char word[] = "one";

	EQ_INT(cni_strings_add(&d.search, word), 0);
	word[0] = '0';
	EQ_INT(cni_strings_add(&d.search, ""), 0);
	EQ_INT(d.search.n, 2);
	EQ_STR(d.search.v[0], "one");
	EQ_STR(d.search.v[1], "");
	cni_dns_done(&d);
	OK(!d.search.v);
}

TAP_MAIN(TEST(new_elements_are_empty), TEST(append_to_nothing_is_a_copy),
	 TEST(append_moves_the_indices),
	 TEST(append_of_nothing_changes_nothing),
	 TEST(dns_is_given_by_any_member), TEST(dns_copies_replace),
	 TEST(string_lists_own_copies))
