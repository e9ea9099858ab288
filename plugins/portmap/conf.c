// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - the portmap plugin's own configuration */
#include "conf.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "conditions.h"

const struct cni_key portmap_keys[] = {
	KEY_STR("backend", struct conf, backend),
	KEY_BOOL("snat", struct conf, snat),
	KEY_BOOL("masqAll", struct conf, masq_all),
	KEY_INT("markMasqBit", struct conf, mark_bit),
	KEY_STR("externalSetMarkChain", struct conf, mark_chain),
	KEY_LIST("conditionsV4", struct conf, conditions[0]),
	KEY_LIST("conditionsV6", struct conf, conditions[1]),
	{ 0 },
};

/* --- the keys --------------------------------------------------------------*/

static const char *const condition_keys[] = { "conditionsV4", "conditionsV6" };

static int refuse_keys(const struct conf *conf, const char *kind,
		       const char *first, const bool also[2],
		       struct cni_err *err)
{
	char list[80];
	size_t len = (size_t)snprintf(list, sizeof(list), "%s", first);

	for (int i = 0; i < 2; i++)
		if (also[i])
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						"%s%s", len ? " " : "",
						condition_keys[i]);
	return cni_fail(err, CNI_ECONF, 0,
			"%s backend was requested but configuration contains "
			"%s-specific options [%s]",
			conf->backend, kind, list);
}

/* Whatever is of that kind alone, where another one was asked for. */
static int check_kind(const struct conf *conf, bool nft, struct cni_err *err)
{
	const char *kind = nft ? "nftables" : "iptables";
	const char *first =
		!nft && conf->mark_chain ? "externalSetMarkChain" : "";
	bool of[2];

	if (strcmp(conf->backend, kind) == 0)
		return 0;
	for (int i = 0; i < 2; i++)
		of[i] = conf->conditions[i] &&
			cJSON_GetArraySize(conf->conditions[i]) > 0 &&
			conditions_of_iptables(conf->conditions[i]) != nft;
	if (*first || of[0] || of[1])
		return refuse_keys(conf, kind, first, of, err);
	return 0;
}

/* Those that a backend which was asked for does not have, as the reference. */
static int check_backend(const struct conf *conf, struct cni_err *err)
{
	if (!conf->backend)
		return 0;
	if (check_kind(conf, false, err) < 0 || check_kind(conf, true, err) < 0)
		return -1;
	if (strcmp(conf->backend, "iptables") != 0 &&
	    strcmp(conf->backend, "nftables") != 0)
		return cni_fail(err, CNI_ECONF, 0,
				"unrecognized backend \"%s\"", conf->backend);
	return 0;
}

static int read_conditions(struct conf *conf, struct cni_err *err)
{
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++)
		if (conf->conditions[i])
			r = conditions_read(conf->conditions[i],
					    condition_keys[i],
					    i ? AF_INET6 : AF_INET,
					    &conf->only[i], &conf->n_only[i],
					    err);
	return r;
}

static int check_keys(const struct cni_call *call, struct conf *conf,
		      struct cni_err *err)
{
	cJSON *json = call->conf.json;

	if (!js_get(json, "snat"))
		conf->snat = true;
	if (conf->mark_chain && js_get(json, "markMasqBit"))
		return cni_fail(err, CNI_ECONF, 0,
				"Cannot specify externalSetMarkChain and "
				"markMasqBit");
	if (conf->mark_bit < 0 || conf->mark_bit > 31)
		return cni_fail(err, CNI_ECONF, 0,
				"MasqMarkBit must be between 0 and 31");
	if (check_backend(conf, err) < 0)
		return -1;
	return read_conditions(conf, err);
}

/* --- mappings --------------------------------------------------------------*/

static int read_port(cJSON *obj, const char *key, const char *what,
		     uint16_t *ret, struct cni_err *err)
{
	struct js_why why;
	int64_t n = 0;

	if (js_int(obj, key, INT64_MIN, INT64_MAX, &n, &why) < 0)
		return cni_key_wrong(err, &why);
	if (n < 1 || n > 65535)
		return cni_fail(err, CNI_ECONF, 0,
				"Invalid %s port number: %lld", what,
				(long long)n);
	*ret = (uint16_t)n;
	return 0;
}

static int read_proto(cJSON *obj, uint8_t *ret, struct cni_err *err)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} known[] = { { "tcp", IPPROTO_TCP },
		      { "udp", IPPROTO_UDP },
		      { "sctp", IPPROTO_SCTP } };
	const char *name = "";
	struct js_why why;

	if (js_str(obj, "protocol", &name, &why) < 0)
		return cni_key_wrong(err, &why);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcasecmp(name, known[i].name) != 0)
			continue;
		*ret = known[i].proto;
		return 0;
	}
	return cni_fail(err, CNI_ECONF, 0,
			"invalid protocol \"%s\" of a port mapping (tcp, udp "
			"or sctp)",
			name);
}

/* Unset where it is not given. */
static int read_host(cJSON *obj, struct ip_addr *ret, struct cni_err *err)
{
	const char *text = "";
	struct js_why why;

	if (js_str(obj, "hostIP", &text, &why) < 0)
		return cni_key_wrong(err, &why);
	if (*text && ip_parse(text, ret) < 0)
		return cni_fail(err, CNI_ECONF, 0,
				"invalid hostIP \"%s\" of a port mapping",
				text);
	return 0;
}

/* The first address of each family that prevResult has for the interface. */
static void find_addresses(const struct cni_call *call, struct ip_addr to[2])
{
	const struct cni_result *prev = &call->conf.prev;

	for (size_t i = prev->n_ips; i-- > 0;) {
		const struct cni_ip *ip = &prev->ips[i];
		const struct cni_interface *ifc = NULL;

		if (ip->interface >= 0 &&
		    (size_t)ip->interface < prev->n_interfaces)
			ifc = &prev->interfaces[ip->interface];
		if (ifc && (!ifc->name || !ifc->sandbox || !*ifc->sandbox ||
			    strcmp(ifc->name, call->att.ifname) != 0))
			continue;
		to[ip->address.addr.family == AF_INET6] = ip->address.addr;
	}
}

/*
 * A mapping in each family that it is for and the container has an address of;
 * as the reference, that there is none of them is no error.
 */
static void add_mapping(struct conf *conf, struct fw_port p,
			const struct ip_addr *host, const struct ip_addr to[2])
{
	for (int v6 = 0; v6 < 2; v6++) {
		if (!ip_is_set(&to[v6]) ||
		    (ip_is_set(host) && host->family != to[v6].family))
			continue;
		p.to = to[v6];
		p.host = *host;
		if (!ip_is_set(host))
			p.host = (struct ip_addr){ .family = to[v6].family };
		conf->local |=
			!v6 && (ip_is_zero(&p.host) || ip_is_loopback(&p.host));
		conf->v[conf->n++] = p;
	}
}

static int by_host(const void *a, const void *b)
{
	const struct fw_port *p = a, *q = b;
	int r = ip_cmp(&p->host, &q->host);

	if (r == 0)
		r = p->proto - q->proto;
	return r ? r : p->port - q->port;
}

/* The first one counts, as with the reference. */
static void drop_repeated(struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n; i++)
		if (n == 0 || by_host(&conf->v[n - 1], &conf->v[i]) != 0)
			conf->v[n++] = conf->v[i];
	conf->n = n;
}

/* Stable, for the sake of the first one. */
static int sort(struct conf *conf)
{
	struct fw_port *from = conf->v, *to;
	struct fw_port *other = calloc(conf->n + 1, sizeof(*other));

	if (!other)
		return -1;
	to = other;
	for (size_t step = 1; step < conf->n; step *= 2) {
		for (size_t at = 0; at < conf->n; at += 2 * step) {
			size_t mid = at + step < conf->n ? at + step : conf->n;
			size_t end =
				mid + step < conf->n ? mid + step : conf->n;
			size_t a = at, b = mid, k = at;

			while (k < end)
				if (b == end ||
				    (a < mid &&
				     by_host(&from[a], &from[b]) <= 0))
					to[k++] = from[a++];
				else
					to[k++] = from[b++];
		}
		conf->v = to;
		to = from;
		from = conf->v;
	}
	free(to);
	conf->v = from;
	return 0;
}

static int read_mappings(const struct cni_call *call, struct conf *conf,
			 struct cni_err *err)
{
	struct ip_addr to[2] = { { 0 }, { 0 } };
	cJSON *list = NULL, *obj;
	struct js_why why;

	if (js_arr(call->conf.runtime_config, "portMappings", &list, &why) < 0)
		return cni_key_wrong(err, &why);
	if (!list)
		return 0;
	conf->v = calloc(2 * (size_t)cJSON_GetArraySize(list) + 1,
			 sizeof(*conf->v));
	if (!conf->v)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	find_addresses(call, to);
	cJSON_ArrayForEach (obj, list) {
		struct fw_port p = { 0 };
		struct ip_addr host = { 0 };

		if (!cJSON_IsObject(obj))
			return cni_fail(err, CNI_ECONF, 0,
					"portMappings: expected objects, got "
					"%s",
					js_kind(obj));
		if (read_port(obj, "containerPort", "container", &p.to_port,
			      err) < 0 ||
		    read_port(obj, "hostPort", "host", &p.port, err) < 0 ||
		    read_proto(obj, &p.proto, err) < 0 ||
		    read_host(obj, &host, err) < 0)
			return -1;
		add_mapping(conf, p, &host, to);
	}
	if (sort(conf) < 0)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	drop_repeated(conf);
	return 0;
}

int portmap_conf_read(const struct cni_call *call, void *own,
		      struct cni_err *err)
{
	struct conf *conf = own;

	if (check_keys(call, conf, err) < 0)
		return -1;
	return read_mappings(call, conf, err);
}

void portmap_conf_done(void *own)
{
	struct conf *conf = own;

	free(conf->v);
	free(conf->only[0]);
	free(conf->only[1]);
}
