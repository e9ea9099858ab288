// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf.c - the addresses of "ipam" and those that the runtime asks for. Which
 * of several faults is told is as in the reference.
 */
#include "conf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/json.h"
#include "cni/ipam-conf.h"

static int fail_memory(struct cni_err *err)
{
	return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

/* "address/prefix". Returns 0, or -EINVAL. */
static int parse(const char *text, struct ip_net *ret)
{
	int r = ip_net_parse(text, ret);

	return r < 0 ? r : ip_net_unmap(ret);
}

/* The gateway may be unset. */
static int add_address(const struct ip_net *net, const struct ip_addr *gateway,
		       struct cni_result *res, struct cni_err *err)
{
	struct cni_ip *ip = cni_add_ip(res);

	if (!ip)
		return fail_memory(err);
	ip->address = *net;
	ip->gateway = *gateway;
	return 0;
}

/* --- "addresses" --------------------------------------------------------- */

static int read_entry(cJSON *obj, const char **text, struct ip_addr *gateway,
		      struct cni_err *err)
{
	struct js_why why;

	*text = "";
	*gateway = (struct ip_addr){ 0 };
	if (!cJSON_IsObject(obj))
		return cni_fail(err, CNI_ECONF, 0,
				"\"addresses\": expected objects, got %s",
				js_kind(obj));
	if (js_str(obj, "address", text, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "%s", why.text);
	return cni_ipam_ip(obj, "gateway", gateway, err);
}

/*
 * Appends the addresses to res. Without it only the rest is looked at: what is
 * wrong with the addresses themselves is told where they count, which is not
 * where the runtime has others.
 */
static int read_entries(cJSON *list, struct cni_result *res,
			struct cni_err *err)
{
	struct ip_addr gateway;
	struct ip_net net;
	const char *text;
	cJSON *e;

	cJSON_ArrayForEach (e, list) {
		if (read_entry(e, &text, &gateway, err) < 0)
			return -1;
		if (!res)
			continue;
		if (parse(text, &net) < 0)
			return cni_fail(err, CNI_ECONF, 0,
					"the 'address' field is expected to be "
					"in CIDR notation, got: '%s'",
					text);
		if (add_address(&net, &gateway, res, err) < 0)
			return -1;
	}
	return 0;
}

/* --- CNI_ARGS ------------------------------------------------------------ */

/* Cuts white space off both ends. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static int add_arg(char *text, struct cni_result *res, struct cni_err *err)
{
	const struct ip_addr none = { 0 };
	struct ip_net net;

	text = trim(text);
	if (parse(text, &net) < 0)
		return cni_fail(err, CNI_EENV, 0,
				"the 'ip' field is expected to be in CIDR "
				"notation, got: '%s'",
				text);
	return add_address(&net, &none, res, err);
}

/* A gateway is that of each address of CNI_ARGS whose network it is in. */
static int set_gateway(char *text, struct cni_result *res, struct cni_err *err)
{
	AUTO(str) char *copy = strdup(text);
	struct ip_addr gateway;

	if (!copy)
		return fail_memory(err);
	if (ip_parse(trim(copy), &gateway) < 0)
		return cni_fail(err, CNI_EENV, 0, "invalid gateway address: %s",
				text);
	for (size_t i = 0; i < res->n_ips; i++)
		if (ip_net_contains(&res->ips[i].address, &gateway))
			res->ips[i].gateway = gateway;
	return 0;
}

/* Each item of the value of key, a list with commas. */
static int each_arg(const char *args, const char *key,
		    int (*fn)(char *text, struct cni_result *res,
			      struct cni_err *err),
		    struct cni_result *res, struct cni_err *err)
{
	static const char *const known[] = { "IP", "GATEWAY", NULL };
	AUTO(str) char *list = NULL;
	char *rest;
	int r = cni_args_get(args, known, key, &list, err);

	if (r <= 0)
		return r;
	for (rest = list; rest;)
		if (fn(strsep(&rest, ","), res, err) < 0)
			return -1;
	return 0;
}

/* --- args.cni and runtimeConfig ------------------------------------------ */

static int add_ip(const char *text, void *arg, struct cni_err *err)
{
	const struct ip_addr none = { 0 };
	struct ip_net net;

	if (parse(text, &net) < 0)
		return cni_fail(err, CNI_ECONF, 0,
				"an entry in the 'ips' field is NOT in CIDR "
				"notation, got: '%s'",
				text);
	return add_address(&net, &none, arg, err);
}

/* ------------------------------------------------------------------------- */

static int read_addresses(const struct cni_call *call, cJSON *list,
			  struct cni_result *res, struct cni_err *err)
{
	AUTO(result) struct cni_result args = { 0 };
	AUTO(result) struct cni_result cni = { 0 };
	AUTO(result) struct cni_result runtime = { 0 };
	const struct cni_result *last = &args;

	if (each_arg(call->args, "IP", add_arg, &args, err) < 0 ||
	    each_arg(call->args, "GATEWAY", set_gateway, &args, err) < 0 ||
	    cni_ipam_each_ip(call->conf.args_cni, add_ip, &cni, err) < 0 ||
	    cni_ipam_each_ip(call->conf.runtime_config, add_ip, &runtime, err) <
		    0)
		return -1;
	if (runtime.n_ips)
		last = &runtime;
	else if (cni.n_ips)
		last = &cni;
	else if (read_entries(list, res, err) < 0)
		return -1;
	return cni_result_append(res, last) < 0 ? fail_memory(err) : 0;
}

static int check_families(const struct cni_call *call,
			  const struct cni_result *res, struct cni_err *err)
{
	size_t v4 = 0;

	for (size_t i = 0; i < res->n_ips; i++)
		v4 += res->ips[i].address.addr.family == AF_INET;
	return cni_ipam_check_families(call, v4, res->n_ips - v4, err);
}

int static_read(const struct cni_call *call, struct cni_result *res,
		struct cni_err *err)
{
	cJSON *list = NULL;
	struct js_why why;

	if (cni_ipam_routes(call, res, err) < 0 ||
	    cni_dns_parse(call->conf.ipam, &res->dns, err) < 0)
		return -1;
	if (js_arr(call->conf.ipam, "addresses", &list, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "%s", why.text);
	if (read_entries(list, NULL, err) < 0 ||
	    read_addresses(call, list, res, err) < 0)
		return -1;
	return check_families(call, res, err);
}
