// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - reading and validating the "ipam" part and what else counts */
#include "conf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/json.h"
#include "cni/ipam-conf.h"

#define DATA_DIR "/var/lib/cni/networks"

void ipam_done(struct ipam *c)
{
	for (size_t i = 0; i < c->n_sets; i++)
		range_set_done(&c->sets[i]);
	free(c->sets);
	ip_list_done(&c->wanted);
	cni_result_done(&c->fixed);
	*c = (struct ipam){ 0 };
}

static int fail_memory(struct cni_err *err)
{
	return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

static int fail_why(struct cni_err *err, const struct js_why *why)
{
	return cni_fail(err, CNI_ECONF, 0, "%s", why->text);
}

/* "address[/prefix]"; the prefix must be one, and is ignored */
static int parse_wanted(const char *s, struct ip_addr *ret)
{
	struct ip_net n;
	char plain[IP_STRLEN];

	if (ip_parse(s, ret) == 0)
		return 0;
	if (ip_net_parse(s, &n) < 0)
		return -1;
	/* by its text, so that an IPv4-mapped address becomes IPv4 here too */
	return ip_parse(ip_format(&n.addr, plain), ret);
}

int ipam_read_args(const char *cni_args, struct ip_addr *ret,
		   struct cni_err *err)
{
	static const char *const known[] = { "IP", NULL };
	AUTO(str) char *ip = NULL;
	int r = cni_args_get(cni_args, known, "IP", &ip, err);

	if (r <= 0)
		return r;
	if (parse_wanted(ip, ret) < 0)
		return cni_fail(err, CNI_EENV, 0,
				"ARGS: error parsing value of pair \"IP=%s\": "
				"invalid IP address %s",
				ip, ip);
	return 0;
}

static int add_wanted(struct ipam *c, const struct ip_addr *ip,
		      struct cni_err *err)
{
	for (size_t i = 0; i < c->wanted.n; i++)
		if (ip_cmp(&c->wanted.v[i], ip) == 0)
			return 0;
	return ip_list_add(&c->wanted, ip) < 0 ? fail_memory(err) : 0;
}

static int read_wanted_ip(const char *text, void *arg, struct cni_err *err)
{
	struct ip_addr ip;

	if (!*text)
		return cni_fail(err, CNI_ECONF, 0,
				"cannot understand ip: IP <nil> not v4 nor v6");
	if (parse_wanted(text, &ip) < 0)
		return cni_fail(err, CNI_ECONF, 0, "invalid IP address %s",
				text);
	return add_wanted(arg, &ip, err);
}

static int read_wanted(const struct cni_call *call, struct ipam *c,
		       struct cni_err *err)
{
	struct ip_addr ip = { 0 };

	if (ipam_read_args(call->args, &ip, err) < 0)
		return -1;
	if (ip_is_set(&ip) && add_wanted(c, &ip, err) < 0)
		return -1;
	if (cni_ipam_each_ip(call->conf.args_cni, read_wanted_ip, c, err) < 0)
		return -1;
	return cni_ipam_each_ip(call->conf.runtime_config, read_wanted_ip, c,
				err);
}

/* one range as it stands in the configuration; what is absent is unset */
static int read_range(cJSON *obj, struct range *ret, struct cni_err *err)
{
	const char *s = NULL;
	struct js_why why;

	if (js_str(obj, "subnet", &s, &why) < 0)
		return fail_why(err, &why);
	if (s && ip_net_parse(s, &ret->subnet) < 0)
		return cni_fail(err, CNI_ECONF, 0, "invalid CIDR address: %s",
				s);
	if (cni_ipam_ip(obj, "rangeStart", &ret->start, err) < 0 ||
	    cni_ipam_ip(obj, "rangeEnd", &ret->end, err) < 0 ||
	    cni_ipam_ip(obj, "gateway", &ret->gateway, err) < 0)
		return -1;
	return 0;
}

/* Appends an empty set; NULL after reporting. */
static struct range_set *add_set(struct ipam *c, struct cni_err *err)
{
	struct range_set *v = realloc(c->sets, (c->n_sets + 1) * sizeof(*v));

	if (!v) {
		fail_memory(err);
		return NULL;
	}
	c->sets = v;
	v += c->n_sets++;
	*v = (struct range_set){ 0 };
	return v;
}

static int read_set(struct ipam *c, cJSON *ranges, const char *key,
		    struct cni_err *err)
{
	struct range_set *set = add_set(c, err);
	cJSON *e;

	if (!set)
		return -1;
	if (!cJSON_IsArray(ranges))
		return cni_fail(err, CNI_ECONF, 0,
				"\"%s\": expected a list of lists, got %s in "
				"it",
				key, js_kind(ranges));
	cJSON_ArrayForEach (e, ranges) {
		struct range r = { 0 };

		if (!cJSON_IsObject(e))
			return cni_fail(err, CNI_ECONF, 0,
					"\"%s\": expected ranges as objects, "
					"got %s",
					key, js_kind(e));
		if (read_range(e, &r, err) < 0)
			return -1;
		if (range_set_add(set, &r) < 0)
			return fail_memory(err);
	}
	return 0;
}

static int read_sets(struct ipam *c, cJSON *obj, const char *key,
		     struct cni_err *err)
{
	cJSON *sets = NULL, *e;
	struct js_why why;

	if (js_arr(obj, key, &sets, &why) < 0)
		return fail_why(err, &why);
	cJSON_ArrayForEach (e, sets)
		if (read_set(c, e, key, err) < 0)
			return -1;
	return 0;
}

/* the single range of old configurations, which counts if it has a subnet */
static int read_old_range(struct ipam *c, cJSON *ipam, struct cni_err *err)
{
	struct range r = { 0 };
	struct range_set *set;

	if (read_range(ipam, &r, err) < 0)
		return -1;
	if (!ip_is_set(&r.subnet.addr))
		return 0;
	set = add_set(c, err);
	if (!set)
		return -1;
	return range_set_add(set, &r) < 0 ? fail_memory(err) : 0;
}

/* Fills in the defaults of set i and validates it. */
static int complete_set(struct range_set *set, size_t i, struct cni_err *err)
{
	struct cni_err why = { 0 };

	for (size_t j = 0; j < set->n; j++)
		if (range_complete(&set->v[j], &why) < 0)
			break;
	if (why.set || range_set_check(set, &why) < 0)
		return cni_fail(err, why.code, 0, "invalid range set %zu: %s",
				i, why.msg);
	return 0;
}

static int check_families(const struct cni_call *call, const struct ipam *c,
			  struct cni_err *err)
{
	size_t v4 = 0;

	for (size_t i = 0; i < c->n_sets; i++)
		v4 += c->sets[i].v[0].start.family == AF_INET;
	return cni_ipam_check_families(call, v4, c->n_sets - v4, err);
}

static int check_sets(const struct cni_call *call, struct ipam *c,
		      struct cni_err *err)
{
	if (c->n_sets == 0)
		return cni_fail(err, CNI_ECONF, 0, "no IP ranges specified");
	for (size_t i = 0; i < c->n_sets; i++)
		if (complete_set(&c->sets[i], i, err) < 0)
			return -1;
	if (check_families(call, c, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n_sets; i++)
		for (size_t j = i + 1; j < c->n_sets; j++)
			if (range_set_overlaps(&c->sets[i], &c->sets[j]))
				return cni_fail(err, CNI_ECONF, 0,
						"range set %zu overlaps with "
						"%zu",
						i, j);
	return 0;
}

int ipam_read_store(const struct cni_call *call, struct store_conf *conf,
		    struct cni_err *err)
{
	cJSON *ipam = call->conf.ipam;
	struct js_why why;

	*conf = (struct store_conf){ .data_dir = "",
				     .network = call->conf.name,
				     .reclaim = true };
	if (js_str(ipam, "dataDir", &conf->data_dir, &why) < 0 ||
	    js_bool(ipam, "reclaimOnReboot", &conf->reclaim, &why) < 0)
		return fail_why(err, &why);
	if (!*conf->data_dir)
		conf->data_dir = DATA_DIR;
	return 0;
}

int ipam_read(const struct cni_call *call, struct ipam *c, struct cni_err *err)
{
	cJSON *ipam = call->conf.ipam;
	const char *resolv_conf = "";
	struct js_why why;

	if (cni_ipam_routes(call, &c->fixed, err) < 0)
		return -1;
	if (ipam_read_store(call, &c->store, err) < 0)
		return -1;
	if (js_str(ipam, "resolvConf", &resolv_conf, &why) < 0)
		return fail_why(err, &why);
	c->resolv_conf = *resolv_conf ? resolv_conf : NULL;
	if (read_wanted(call, c, err) < 0)
		return -1;
	/* the order in which sets are allocated and addresses returned */
	if (read_sets(c, call->conf.runtime_config, "ipRanges", err) < 0 ||
	    read_old_range(c, ipam, err) < 0 ||
	    read_sets(c, ipam, "ranges", err) < 0)
		return -1;
	return check_sets(call, c, err);
}
