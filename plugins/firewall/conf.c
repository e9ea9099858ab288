// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - the firewall plugin's own configuration */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

/* iptables' own limit of a chain's name (XT_EXTENSION_MAXNAMELEN) */
#define CHAIN_MAX 28

static const char *const backends[] = { "", "iptables", "nftables", "firewalld",
					NULL };
static const char *const policies[] = { "", "open", "same-bridge", "isolated",
					NULL };

const struct cni_key firewall_keys[] = {
	KEY_WORD("backend", struct conf, backend, backends, "backend"),
	KEY_STR("iptablesAdminChainName", struct conf, admin),
	KEY_STR("firewalldZone", struct conf, zone),
	KEY_WORD("ingressPolicy", struct conf, policy_word, policies,
		 "ingress policy:"),
	KEY_LIST("denyTo", struct conf, deny_list),
	KEY_LIST("allowTo", struct conf, allow_list),
	KEY_BOOL("denyHost", struct conf, no_host),
	KEY_BOOL("denyMetadata", struct conf, no_metadata),
	{ 0 },
};

/* Where clouds answer who the machine is, and with what rights. */
static const char *const metadata[] = { "169.254.169.254", "fd00:ec2::254" };

/* --- prefixes --------------------------------------------------------------*/

static bool is_inside(const struct ip_net *a, const struct ip_net *b)
{
	return a->plen >= b->plen && ip_net_contains(b, &a->addr);
}

static int add_prefix(struct prefixes *p, const struct ip_net *net)
{
	if (p->n == p->size) {
		size_t size = p->size ? 2 * p->size : 16;
		struct ip_net *v = reallocarray(p->v, size, sizeof(*v));

		if (!v)
			return -1;
		p->v = v;
		p->size = size;
	}
	p->v[p->n] = *net;
	p->v[p->n++].addr = ip_net_first(net);
	return 0;
}

/* By first address; of those with the same one the largest is first. */
static int compare(const void *x, const void *y)
{
	const struct ip_net *a = x, *b = y;
	int r = ip_cmp(&a->addr, &b->addr);

	return r ? r : (int)a->plen - (int)b->plen;
}

/*
 * Sets of intervals refuse what overlaps. Of two prefixes that do, one is in
 * the other, which is the last before it that is in no other one.
 */
static void drop_inside(struct prefixes *p)
{
	size_t n = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare);
	for (size_t i = 0; i < p->n; i++)
		if (n == 0 || !is_inside(&p->v[i], &p->v[n - 1]))
			p->v[n++] = p->v[i];
	p->n = n;
}

/* A prefix, or an address alone. */
static bool parse(const char *text, struct ip_net *ret)
{
	if (ip_net_parse(text, ret) == 0)
		return !ip_is_mapped(&ret->addr);
	if (ip_parse(text, &ret->addr) < 0)
		return false;
	ret->plen = (uint8_t)ip_bits(ret->addr.family);
	return true;
}

static int read_prefixes(cJSON *list, const char *key, struct prefixes *ret,
			 struct cni_err *err)
{
	struct ip_net net;
	cJSON *e;

	cJSON_ArrayForEach (e, list) {
		if (!cJSON_IsString(e) || !parse(e->valuestring, &net))
			return cni_fail(err, CNI_ECONF, 0,
					"%s: not an address or prefix: %s", key,
					cJSON_IsString(e) ? e->valuestring
							  : "no string");
		if (add_prefix(ret, &net) < 0)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	}
	return 0;
}

static int add_metadata(struct prefixes *deny, struct cni_err *err)
{
	struct ip_net net;

	for (size_t i = 0; i < ARRAY_SIZE(metadata); i++)
		if (!parse(metadata[i], &net) || add_prefix(deny, &net) < 0)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	return 0;
}

/* --- all of it -------------------------------------------------------------*/

/* iptables has to print it, and to take it. */
static bool is_chain_name(const char *name)
{
	static const char *const taken[] = { "INPUT",	   "FORWARD", "OUTPUT",
					     "ACCEPT",	   "DROP",    "RETURN",
					     "CNI-FORWARD" };

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return false;
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return false;
	return *name && *name != '-' && *name != '!';
}

int firewall_conf_read(const struct cni_call *call, void *own,
		       struct cni_err *err)
{
	struct conf *conf = own;

	(void)call;
	if (!conf->admin || !*conf->admin)
		conf->admin = "CNI-ADMIN";
	if (!conf->zone || !*conf->zone)
		conf->zone = "trusted";
	if (conf->policy_word > 1)
		conf->policy =
			conf->policy_word == 2 ? FW_SAME_BRIDGE : FW_ISOLATED;
	if (strlen(conf->admin) > CHAIN_MAX)
		return cni_fail(err, CNI_ECONF, 0,
				"invalid iptablesAdminChainName \"%s\": more "
				"than %d characters",
				conf->admin, CHAIN_MAX);
	if (!is_chain_name(conf->admin))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid iptablesAdminChainName \"%s\"",
				conf->admin);
	if (read_prefixes(conf->deny_list, "denyTo", &conf->deny, err) < 0 ||
	    read_prefixes(conf->allow_list, "allowTo", &conf->allow, err) < 0)
		return -1;
	if (conf->no_metadata && add_metadata(&conf->deny, err) < 0)
		return -1;
	drop_inside(&conf->deny);
	drop_inside(&conf->allow);
	return 0;
}

void firewall_conf_done(void *own)
{
	struct conf *conf = own;

	free(conf->deny.v);
	free(conf->allow.v);
}

bool firewall_conf_guards(const struct conf *conf)
{
	return conf->deny.n > 0 || conf->no_host || conf->allow_list;
}
