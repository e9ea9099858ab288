// SPDX-License-Identifier: GPL-2.0-or-later
/* ipam-conf.c - what the configurations of IPAM plugins have in common */
#include "cni/ipam-conf.h"

#include "base/json.h"
#include "cni/version.h"

int cni_ipam_routes(const struct cni_call *call, struct cni_result *res,
		    struct cni_err *err)
{
	if (!call->conf.ipam)
		return cni_fail(err, CNI_ECONF, 0,
				"IPAM config missing 'ipam' key");
	return cni_routes_parse(call->conf.ipam, res, err);
}

int cni_ipam_ip(cJSON *obj, const char *key, struct ip_addr *ret,
		struct cni_err *err)
{
	const char *s = "";
	struct js_why why;

	if (js_str(obj, key, &s, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "%s", why.text);
	if (*s && ip_parse(s, ret) < 0)
		return cni_fail(err, CNI_ECONF, 0, "invalid IP address: %s", s);
	return 0;
}

int cni_ipam_each_ip(cJSON *obj,
		     int (*fn)(const char *text, void *arg,
			       struct cni_err *err),
		     void *arg, struct cni_err *err)
{
	cJSON *ips = NULL, *e;
	struct js_why why;

	if (js_arr(obj, "ips", &ips, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "%s", why.text);
	cJSON_ArrayForEach (e, ips) {
		if (!cJSON_IsString(e))
			return cni_fail(err, CNI_ECONF, 0,
					"\"ips\": expected strings, got %s",
					js_kind(e));
		if (fn(e->valuestring, arg, err) < 0)
			return -1;
	}
	return 0;
}

int cni_ipam_check_families(const struct cni_call *call, size_t v4, size_t v6,
			    struct cni_err *err)
{
	const char *given = "";
	struct js_why why;

	if ((v4 <= 1 && v6 <= 1) ||
	    !version_before(call->conf.version, "0.3.0"))
		return 0;
	js_str(call->conf.json, "cniVersion", &given, &why);
	return cni_fail(err, CNI_ECONF, 0,
			"CNI version %s does not support more than 1 address "
			"per family",
			given);
}
