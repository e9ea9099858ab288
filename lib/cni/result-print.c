// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * result-print.c - a result as text of each spec version. The key order is
 * the reference's: sorted from 1.0.0 on, by its structs' order before.
 */
#include "cni/result.h"

#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "cni/version.h"

/* The functions put_... skip what is absent; false means out of memory. */
static bool put_str(cJSON *obj, const char *key, const char *s)
{
	return !s || !*s || cJSON_AddStringToObject(obj, key, s);
}

static bool put_num(cJSON *obj, const char *key, int64_t v, int64_t absent)
{
	return v == absent || cJSON_AddNumberToObject(obj, key, (double)v);
}

static bool put_ip(cJSON *obj, const char *key, const struct ip_addr *a)
{
	char buf[IP_STRLEN];

	return put_str(obj, key, ip_format(a, buf));
}

static bool put_net(cJSON *obj, const char *key, const struct ip_net *n)
{
	char buf[IP_STRLEN];

	return put_str(obj, key, ip_net_format(n, buf));
}

static bool put_strings(cJSON *obj, const char *key,
			const struct cni_strings *list)
{
	cJSON *arr;

	if (list->n == 0)
		return true;
	arr = cJSON_AddArrayToObject(obj, key);
	if (!arr)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (!cJSON_AddItemToArray(arr, cJSON_CreateString(list->v[i])))
			return false;
	return true;
}

/* A new object at the end of arr, or NULL. */
static cJSON *new_element(cJSON *arr)
{
	cJSON *obj = cJSON_CreateObject();

	if (cJSON_AddItemToArray(arr, obj))
		return obj;
	cJSON_Delete(obj);
	return NULL;
}

static bool put_dns(cJSON *top, const struct cni_dns *dns, bool sorted)
{
	bool empty = dns->nameservers.n == 0 && dns->search.n == 0 &&
		     dns->options.n == 0 && !(dns->domain && *dns->domain);
	cJSON *obj;

	if (sorted && empty)
		return true;
	obj = cJSON_AddObjectToObject(top, "dns");
	if (sorted)
		return obj && put_str(obj, "domain", dns->domain) &&
		       put_strings(obj, "nameservers", &dns->nameservers) &&
		       put_strings(obj, "options", &dns->options) &&
		       put_strings(obj, "search", &dns->search);
	return obj && put_strings(obj, "nameservers", &dns->nameservers) &&
	       put_str(obj, "domain", dns->domain) &&
	       put_strings(obj, "search", &dns->search) &&
	       put_strings(obj, "options", &dns->options);
}

static bool put_interface(cJSON *obj, const struct cni_interface *ifc,
			  bool sorted)
{
	const char *name = ifc->name ? ifc->name : "";

	if (!sorted)
		return cJSON_AddStringToObject(obj, "name", name) &&
		       put_str(obj, "mac", ifc->mac) &&
		       put_str(obj, "sandbox", ifc->sandbox);
	return put_str(obj, "mac", ifc->mac) &&
	       put_num(obj, "mtu", ifc->mtu, 0) &&
	       cJSON_AddStringToObject(obj, "name", name) &&
	       put_str(obj, "pciID", ifc->pci_id) &&
	       put_str(obj, "sandbox", ifc->sandbox) &&
	       put_str(obj, "socketPath", ifc->socket_path);
}

static bool put_interfaces(cJSON *top, const struct cni_result *res,
			   bool sorted)
{
	cJSON *arr;

	if (res->n_interfaces == 0)
		return true;
	arr = cJSON_AddArrayToObject(top, "interfaces");
	for (size_t i = 0; i < res->n_interfaces; i++) {
		cJSON *obj = new_element(arr);

		if (!obj || !put_interface(obj, &res->interfaces[i], sorted))
			return false;
	}
	return true;
}

static bool put_ips(cJSON *top, const struct cni_result *res, bool sorted)
{
	cJSON *arr;

	if (res->n_ips == 0)
		return true;
	arr = cJSON_AddArrayToObject(top, "ips");
	for (size_t i = 0; i < res->n_ips; i++) {
		const struct cni_ip *ip = &res->ips[i];
		const char *v = ip->address.addr.family == AF_INET ? "4" : "6";
		cJSON *obj = new_element(arr);
		bool ok = obj;

		if (!sorted)
			ok = ok && put_str(obj, "version", v) &&
			     put_num(obj, "interface", ip->interface, -1) &&
			     put_net(obj, "address", &ip->address) &&
			     put_ip(obj, "gateway", &ip->gateway);
		else
			ok = ok && put_net(obj, "address", &ip->address) &&
			     put_ip(obj, "gateway", &ip->gateway) &&
			     put_num(obj, "interface", ip->interface, -1);
		if (!ok)
			return false;
	}
	return true;
}

static bool put_route(cJSON *obj, const struct cni_route *rt, bool sorted)
{
	if (!sorted)
		return put_net(obj, "dst", &rt->dst) &&
		       put_ip(obj, "gw", &rt->gw) &&
		       put_num(obj, "mtu", rt->mtu, 0) &&
		       put_num(obj, "advmss", rt->advmss, 0) &&
		       put_num(obj, "priority", rt->priority, 0) &&
		       put_num(obj, "table", rt->table, -1) &&
		       put_num(obj, "scope", rt->scope, -1);
	return put_num(obj, "advmss", rt->advmss, 0) &&
	       put_net(obj, "dst", &rt->dst) && put_ip(obj, "gw", &rt->gw) &&
	       put_num(obj, "mtu", rt->mtu, 0) &&
	       put_num(obj, "priority", rt->priority, 0) &&
	       put_num(obj, "scope", rt->scope, -1) &&
	       put_num(obj, "table", rt->table, -1);
}

static bool put_routes(cJSON *top, const struct cni_result *res, bool sorted)
{
	cJSON *arr;

	if (res->n_routes == 0)
		return true;
	arr = cJSON_AddArrayToObject(top, "routes");
	for (size_t i = 0; i < res->n_routes; i++) {
		cJSON *obj = new_element(arr);

		if (!obj || !put_route(obj, &res->routes[i], sorted))
			return false;
	}
	return true;
}

/* 0.1.0 and 0.2.0: the first address of a family, its routes' dst and gw */
static bool put_family(cJSON *top, const char *key,
		       const struct cni_result *res, unsigned family)
{
	const struct cni_ip *ip = NULL;
	cJSON *arr = NULL;
	cJSON *obj, *e;

	for (size_t i = 0; i < res->n_ips && !ip; i++)
		if (res->ips[i].address.addr.family == family)
			ip = &res->ips[i];
	if (!ip)
		return true;
	obj = cJSON_AddObjectToObject(top, key);
	if (!obj || !put_net(obj, "ip", &ip->address) ||
	    !put_ip(obj, "gateway", &ip->gateway))
		return false;
	for (size_t i = 0; i < res->n_routes; i++) {
		const struct cni_route *rt = &res->routes[i];

		if (rt->dst.addr.family != family)
			continue;
		if (!arr)
			arr = cJSON_AddArrayToObject(obj, "routes");
		e = new_element(arr);
		if (!e || !put_net(e, "dst", &rt->dst) ||
		    !put_ip(e, "gw", &rt->gw))
			return false;
	}
	return true;
}

static bool put_result(cJSON *top, const struct cni_result *res,
		       const char *version)
{
	bool sorted = !version_before(version, "1.0.0");

	if (!cJSON_AddStringToObject(top, "cniVersion", version))
		return false;
	if (version_before(version, "0.3.0"))
		return put_family(top, "ip4", res, AF_INET) &&
		       put_family(top, "ip6", res, AF_INET6) &&
		       put_dns(top, &res->dns, false);
	if (sorted && !put_dns(top, &res->dns, true))
		return false;
	return put_interfaces(top, res, sorted) && put_ips(top, res, sorted) &&
	       put_routes(top, res, sorted) &&
	       (sorted || put_dns(top, &res->dns, false));
}

int cni_result_fits(const struct cni_result *res, const char *version,
		    struct cni_err *err)
{
	if (!version_before(version, "0.3.0") || res->n_ips > 0)
		return 0;
	cni_fail(err, CNI_EVERSION, 0, "cannot convert: no valid IP addresses");
	cni_detail(err,
		   "cniVersion %s cannot express a result without addresses; "
		   "use 0.3.0 or later",
		   version);
	return -1;
}

char *cni_result_print(const struct cni_result *res, const char *version,
		       struct cni_err *err)
{
	AUTO(json) cJSON *top = cJSON_CreateObject();
	char *text;

	text = top && put_result(top, res, version) ? js_print(top) : NULL;
	if (!text)
		cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return text;
}
