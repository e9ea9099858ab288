// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ranges.c - ranges and requested addresses: whatever the configuration, an
 * address that is handed out lies in its range, is not the gateway of it, and
 * nobody else has it
 *
 * The first byte is how many containers are attached. Then CNI_ARGS, a byte
 * 0xff, and the configuration of host-local.
 *
 * fuzz: tests/fuzz/plugin.c
 * plugin: host-local
 */
#include "../../plugins/host-local/range.h"

#include "../../plugins/host-local/conf.h"
#include "base/json.h"
#include "cni/conf.h"
#include "cni/version.h"
#include "fuzz.h"
#include "plugin.h"
#include "sandbox.h"

#define WALK_MAX 300
#define GIVEN_MAX 256

/* Not by the functions that are tested. */
static bool between(const struct ip_addr *low, const struct ip_addr *ip,
		    const struct ip_addr *high)
{
	return low->family == ip->family && high->family == ip->family &&
	       memcmp(low->b, ip->b, sizeof(ip->b)) <= 0 &&
	       memcmp(ip->b, high->b, sizeof(ip->b)) <= 0;
}

static bool same(const struct ip_addr *a, const struct ip_addr *b)
{
	return a->family == b->family && memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/* The range of the set that ip is in; there must be one, and no other. */
static const struct range *range_of(const struct range_set *set,
				    const struct ip_addr *ip)
{
	const struct range *found = NULL;

	for (size_t i = 0; i < set->n; i++) {
		if (!between(&set->v[i].start, ip, &set->v[i].end))
			continue;
		MUST(!found);
		found = &set->v[i];
	}
	MUST(found);
	return found;
}

/* Walks a small set to its end, each address once, and begins a large one. */
static void walk(const struct range_set *set, const struct ip_addr *last)
{
	uint64_t size = range_set_size(set);
	const struct range *r;
	struct range_walk w;
	struct ip_addr ip, first = { 0 };
	uint64_t n = 0;

	range_walk_start(&w, set, last);
	while (n < WALK_MAX && (r = range_walk_next(&w, &ip))) {
		MUST(r == range_of(set, &ip));
		MUST(!same(&ip, &r->gateway));
		MUST(range_set_offers(set, &ip));
		MUST(n == 0 || !same(&ip, &first));
		if (n++ == 0)
			first = ip;
	}
	MUST(n == (size < WALK_MAX ? size : WALK_MAX));
}

static void check_set(const struct range_set *set)
{
	static const struct ip_addr none;

	MUST(set->n > 0);
	walk(set, &none);
	for (size_t i = 0; i < set->n; i++) {
		const struct range *r = &set->v[i];
		struct ip_addr low = ip_net_first(&r->subnet);
		struct ip_addr high = ip_net_last(&r->subnet);

		MUST(between(&low, &r->start, &high));
		MUST(between(&r->start, &r->end, &high));
		walk(set, &r->start);
		walk(set, &r->end);
		walk(set, &r->gateway);
	}
}

/* --- what was handed out ---------------------------------------------------
 */

static struct ip_addr given[GIVEN_MAX];
static size_t n_given;

static void check_result(const struct ipam *ipam, const struct cni_result *res)
{
	MUST(res->n_ips == ipam->n_sets);
	for (size_t i = 0; i < res->n_ips; i++) {
		const struct cni_ip *ip = &res->ips[i];
		const struct range *r =
			range_of(&ipam->sets[i], &ip->address.addr);

		MUST(ip->address.plen == r->subnet.plen);
		MUST(same(&ip->gateway, &r->gateway));
		MUST(!same(&ip->address.addr, &r->gateway));
		for (size_t k = 0; k < n_given; k++)
			MUST(!same(&given[k], &ip->address.addr));
		if (n_given < GIVEN_MAX)
			given[n_given++] = ip->address.addr;
	}
}

static void attach(const struct ipam *ipam, unsigned i, char *cni_args,
		   const char *conf, size_t len)
{
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };
	AUTO(json) cJSON *obj = NULL;
	const struct outcome *o;
	struct cni_err err = { 0 };
	char id[32], why[128];
	char *env[] = { (char[]){ "CNI_COMMAND=ADD" },
			(char[]){ "CNI_IFNAME=eth0" },
			(char[]){ "CNI_NETNS=/fix/netns" },
			(char[]){ "CNI_PATH=/fix/bin" },
			id,
			cni_args,
			NULL };

	snprintf(id, sizeof(id), "CNI_CONTAINERID=c%u", i);
	o = plugin_call(env, conf, len);
	if (o->status != 0)
		return;
	obj = js_parse(o->out, strlen(o->out), why, sizeof(why));
	MUST(obj && cni_result_parse(obj, "1.0.0", &res, &err) == 0);
	check_result(ipam, &res);
}

/* The configuration as the plugin itself reads it. */
static bool read_conf(struct cni_call *call, struct ipam *ipam,
		      const char *conf, size_t len)
{
	struct cni_err err = { 0 };

	return conf_read(&call->conf, conf, len, &err) == 0 &&
	       conf_read_version(&call->conf, &err) == 0 &&
	       /* older ones tell IPv4 first, in whatever order the sets are */
	       !version_before(call->conf.version, "0.3.0") &&
	       conf_read_members(&call->conf, true, &err) == 0 &&
	       ipam_read(call, ipam, &err) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned n = input_byte(&in) % 8;
	AUTO(str) char *text = input_part(&in, NULL);
	AUTO(str) char *conf = copy_of(in.p, in.n);
	AUTO(str) char *cni_args = NULL;
	struct cni_call call = { .args = text };
	struct ipam ipam = { 0 };

	if (asprintf(&cni_args, "CNI_ARGS=%s", text) < 0)
		abort();
	sandbox_begin();
	sandbox_clear();
	n_given = 0;
	if (read_conf(&call, &ipam, conf, in.n)) {
		for (size_t i = 0; i < ipam.n_sets; i++)
			check_set(&ipam.sets[i]);
		for (unsigned i = 0; i < n; i++)
			attach(&ipam, i, cni_args, conf, in.n);
	}
	sandbox_end();
	ipam_done(&ipam);
	conf_done(&call.conf);
	return 0;
}
