// SPDX-License-Identifier: GPL-2.0-or-later
/* result-parse.c - reading results of every version, DNS and routes */
#include "cni/result.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "cni/version.h"

/* A member as an owned string in *ret; absent leaves it NULL. */
static int dup_str(cJSON *obj, const char *key, char **ret, struct cni_err *err)
{
	const char *s = NULL;
	struct js_why why;

	if (js_str(obj, key, &s, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (!s || !*s)
		return 0;
	*ret = strdup(s);
	if (!*ret)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

static int get_int(cJSON *obj, const char *key, int64_t *ret,
		   struct cni_err *err)
{
	struct js_why why;

	if (js_int(obj, key, 0, UINT32_MAX, ret, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	return 0;
}

static int get_ip(cJSON *obj, const char *key, struct ip_addr *ret,
		  struct cni_err *err)
{
	const char *s = NULL;
	struct js_why why;

	if (js_str(obj, key, &s, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (!s || !*s)
		return 0;
	if (ip_parse(s, ret) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "invalid IP address: %s",
				s);
	return 0;
}

static int get_net(cJSON *obj, const char *key, struct ip_net *ret,
		   struct cni_err *err)
{
	const char *s = "";
	struct js_why why;
	struct ip_net n;

	if (js_str(obj, key, &s, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (ip_net_parse(s, &n) < 0 || ip_net_unmap(&n) < 0)
		return cni_fail(err, CNI_EDECODE, 0,
				"invalid CIDR address: %s in \"%s\"", s, key);
	*ret = n;
	return 0;
}

/* An array member whose elements are objects; absent leaves *ret NULL. */
static int get_objects(cJSON *obj, const char *key, cJSON **ret,
		       struct cni_err *err)
{
	struct js_why why;
	const cJSON *e;

	if (js_arr(obj, key, ret, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	cJSON_ArrayForEach (e, *ret) {
		if (!cJSON_IsObject(e))
			return cni_fail(err, CNI_EDECODE, 0,
					"\"%s\": expected objects, got %s", key,
					js_kind(e));
	}
	return 0;
}

static int get_strings(cJSON *obj, const char *key, struct cni_strings *ret,
		       bool *has, struct cni_err *err)
{
	cJSON *arr = NULL;
	struct js_why why;
	const cJSON *e;

	if (js_arr(obj, key, &arr, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	*has = arr != NULL;
	cJSON_ArrayForEach (e, arr) {
		if (!cJSON_IsString(e))
			return cni_fail(err, CNI_EDECODE, 0,
					"\"%s\": expected strings, got %s", key,
					js_kind(e));
		if (cni_strings_add(ret, e->valuestring) < 0)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	}
	return 0;
}

static int parse_dns_members(cJSON *obj, struct cni_dns *dns,
			     struct cni_err *err)
{
	if (get_strings(obj, "nameservers", &dns->nameservers,
			&dns->has_nameservers, err) < 0 ||
	    get_strings(obj, "search", &dns->search, &dns->has_search, err) <
		    0 ||
	    get_strings(obj, "options", &dns->options, &dns->has_options, err) <
		    0)
		return -1;
	return dup_str(obj, "domain", &dns->domain, err);
}

static int parse_route(cJSON *obj, struct cni_result *res, struct cni_err *err)
{
	struct cni_route *rt = cni_add_route(res);

	if (!rt)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (get_net(obj, "dst", &rt->dst, err) < 0 ||
	    get_ip(obj, "gw", &rt->gw, err) < 0 ||
	    get_int(obj, "mtu", &rt->mtu, err) < 0 ||
	    get_int(obj, "advmss", &rt->advmss, err) < 0 ||
	    get_int(obj, "priority", &rt->priority, err) < 0 ||
	    get_int(obj, "table", &rt->table, err) < 0 ||
	    get_int(obj, "scope", &rt->scope, err) < 0)
		return -1;
	if (rt->scope > 255)
		return cni_fail(err, CNI_EDECODE, 0,
				"\"scope\": %lld is not from 0 to 255",
				(long long)rt->scope);
	if (ip_is_set(&rt->gw) && rt->gw.family != rt->dst.addr.family) {
		char d[IP_STRLEN], g[IP_STRLEN];

		return cni_fail(err, CNI_EDECODE, 0,
				"route to %s has gateway %s of another family",
				ip_net_format(&rt->dst, d),
				ip_format(&rt->gw, g));
	}
	return 0;
}

static int parse_routes(cJSON *obj, struct cni_result *res, struct cni_err *err)
{
	cJSON *arr = NULL;
	cJSON *e;

	if (get_objects(obj, "routes", &arr, err) < 0)
		return -1;
	cJSON_ArrayForEach (e, arr) {
		if (parse_route(e, res, err) < 0)
			return -1;
	}
	return 0;
}

static int parse_dns(cJSON *obj, struct cni_dns *ret, struct cni_err *err)
{
	cJSON *dns = NULL;
	struct js_why why;

	if (js_obj(obj, "dns", &dns, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	return dns ? parse_dns_members(dns, ret, err) : 0;
}

/* Where it is the network configuration that is wrong. */
static int of_conf(int r, struct cni_err *err)
{
	if (r < 0 && err->code == CNI_EDECODE)
		err->code = CNI_ECONF;
	return r;
}

int cni_routes_parse(cJSON *obj, struct cni_result *res, struct cni_err *err)
{
	return of_conf(parse_routes(obj, res, err), err);
}

int cni_dns_parse(cJSON *obj, struct cni_dns *ret, struct cni_err *err)
{
	return of_conf(parse_dns(obj, ret, err), err);
}

static int parse_interfaces(cJSON *obj, struct cni_result *res,
			    struct cni_err *err)
{
	cJSON *arr = NULL;
	cJSON *e;

	if (get_objects(obj, "interfaces", &arr, err) < 0)
		return -1;
	cJSON_ArrayForEach (e, arr) {
		struct cni_interface *ifc = cni_add_interface(res);

		if (!ifc)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
		if (dup_str(e, "name", &ifc->name, err) < 0 ||
		    dup_str(e, "mac", &ifc->mac, err) < 0 ||
		    dup_str(e, "sandbox", &ifc->sandbox, err) < 0 ||
		    dup_str(e, "socketPath", &ifc->socket_path, err) < 0 ||
		    dup_str(e, "pciID", &ifc->pci_id, err) < 0 ||
		    get_int(e, "mtu", &ifc->mtu, err) < 0)
			return -1;
	}
	return 0;
}

static int parse_ips(cJSON *obj, struct cni_result *res, struct cni_err *err)
{
	cJSON *arr = NULL;
	cJSON *e;

	if (get_objects(obj, "ips", &arr, err) < 0)
		return -1;
	cJSON_ArrayForEach (e, arr) {
		struct cni_ip *ip = cni_add_ip(res);
		int64_t index = -1;

		if (!ip)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
		if (get_net(e, "address", &ip->address, err) < 0 ||
		    get_ip(e, "gateway", &ip->gateway, err) < 0 ||
		    get_int(e, "interface", &index, err) < 0)
			return -1;
		/* far more than there are; sums with it stay small */
		if (index > UINT16_MAX)
			return cni_fail(err, CNI_EDECODE, 0,
					"\"interface\": %lld is no index",
					(long long)index);
		ip->interface = (int)index;
	}
	return 0;
}

/* 0.1.0 and 0.2.0: "ip4" or "ip6", with its routes inside */
static int parse_family(cJSON *obj, const char *key, struct cni_result *res,
			struct cni_err *err)
{
	cJSON *sub = NULL;
	struct js_why why;
	struct cni_ip *ip;

	if (js_obj(obj, key, &sub, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (!sub)
		return 0;
	ip = cni_add_ip(res);
	if (!ip)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (get_net(sub, "ip", &ip->address, err) < 0 ||
	    get_ip(sub, "gateway", &ip->gateway, err) < 0)
		return -1;
	return parse_routes(sub, res, err);
}

static int parse_body(cJSON *obj, bool old, struct cni_result *res,
		      struct cni_err *err)
{
	if (parse_dns(obj, &res->dns, err) < 0)
		return -1;
	if (old)
		return parse_family(obj, "ip4", res, err) < 0 ||
				       parse_family(obj, "ip6", res, err) < 0
			       ? -1
			       : 0;
	if (parse_interfaces(obj, res, err) < 0 ||
	    parse_ips(obj, res, err) < 0 || parse_routes(obj, res, err) < 0)
		return -1;
	return 0;
}

int cni_result_parse(cJSON *obj, const char *version, struct cni_result *res,
		     struct cni_err *err)
{
	const char *v = NULL;
	struct js_why why;

	if (!cJSON_IsObject(obj))
		return cni_fail(err, CNI_EDECODE, 0,
				"expected a result object, got %s",
				js_kind(obj));
	if (js_str(obj, "cniVersion", &v, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (!v || !*v)
		v = version;
	if (!version_supported(v))
		return cni_fail(err, CNI_EDECODE, 0,
				"unsupported CNI result version \"%s\"", v);
	if (parse_body(obj, version_before(v, "0.3.0"), res, err) < 0) {
		cni_result_done(res);
		return -1;
	}
	return 0;
}
