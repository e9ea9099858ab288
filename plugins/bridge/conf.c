// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - the bridge plugin's own configuration keys */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cni/version.h"

static int wrong(struct cni_err *err, const struct js_why *why)
{
	return cni_fail(err, CNI_ECONF, 0, "failed to load netconf: %s",
			why->text);
}

static int read_flags(cJSON *json, struct br_conf *conf, struct cni_err *err)
{
	const struct {
		const char *key;
		bool *flag;
	} flags[] = {
		{ "isGateway", &conf->is_gateway },
		{ "isDefaultGateway", &conf->is_default_gateway },
		{ "forceAddress", &conf->force_address },
		{ "ipMasq", &conf->ip_masq },
		{ "hairpinMode", &conf->hairpin },
		{ "promiscMode", &conf->promisc },
		{ "portIsolation", &conf->isolated },
		{ "macspoofchk", &conf->macspoof },
		{ "enabledad", &conf->dad },
		{ "disableContainerInterface", &conf->no_container_interface },
		{ "preserveDefaultVlan", &conf->keep_default_vlan },
	};
	struct js_why why;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (js_bool(json, flags[i].key, flags[i].flag, &why) < 0)
			return wrong(err, &why);
	if (conf->is_default_gateway)
		conf->is_gateway = true;
	return 0;
}

static int read_bridge(cJSON *json, struct br_conf *conf, struct cni_err *err)
{
	struct js_why why;
	int64_t mtu = 0;

	conf->bridge = "cni0";
	if (js_str(json, "bridge", &conf->bridge, &why) < 0 ||
	    js_int(json, "mtu", INT32_MIN, INT32_MAX, &mtu, &why) < 0)
		return wrong(err, &why);
	if (cni_ifname_problem(conf->bridge))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid bridge name \"%s\": %s", conf->bridge,
				cni_ifname_problem(conf->bridge));
	/* what veth and IPv4 can do; 0 and less mean the kernel's default */
	if (mtu > 0 && (mtu < 68 || mtu > 65535))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid mtu %lld (must be between 68 and "
				"65535, or 0 for the kernel's default)",
				(long long)mtu);
	conf->mtu = mtu > 0 ? (unsigned)mtu : 0;
	return 0;
}

/* Both values mean the same native rules: doc/compat.md says so. */
static int read_backend(cJSON *json, struct cni_err *err)
{
	const char *backend = "nftables";
	struct js_why why;

	if (js_str(json, "ipMasqBackend", &backend, &why) < 0)
		return wrong(err, &why);
	if (strcmp(backend, "nftables") != 0 &&
	    strcmp(backend, "iptables") != 0)
		return cni_fail(err, CNI_ECONF, 0,
				"unknown ipmasq backend \"%s\"", backend);
	return 0;
}

static bool vid_ok(int64_t vid)
{
	return vid >= 1 && vid <= VLAN_MAX;
}

static int bad_trunk(struct cni_err *err, const char *msg)
{
	return cni_fail(err, CNI_ECONF, 0, "%s", msg);
}

/* One { "id" } or { "minID", "maxID" }, or both in one. */
static int read_trunk(cJSON *e, struct vlan_set *set, struct cni_err *err)
{
	int64_t id = 0, min = 0, max = 0;
	struct js_why why;
	int has_min, has_max, has_id;

	if (!cJSON_IsObject(e))
		return cni_fail(err, CNI_ECONF, 0,
				"vlanTrunk: expected objects, got %s",
				js_kind(e));
	has_min = js_int(e, "minID", INT32_MIN, INT32_MAX, &min, &why);
	if (has_min < 0)
		return wrong(err, &why);
	has_max = js_int(e, "maxID", INT32_MIN, INT32_MAX, &max, &why);
	if (has_max < 0)
		return wrong(err, &why);
	has_id = js_int(e, "id", INT32_MIN, INT32_MAX, &id, &why);
	if (has_id < 0)
		return wrong(err, &why);
	if (has_min && has_max) {
		if (!vid_ok(min))
			return bad_trunk(err,
					 "incorrect trunk minID parameter");
		if (!vid_ok(max))
			return bad_trunk(err,
					 "incorrect trunk maxID parameter");
		if (max < min)
			return bad_trunk(err, "minID is greater than maxID in "
					      "trunk parameter");
		for (int64_t v = min; v <= max; v++)
			vlan_set_add(set, (unsigned)v);
	} else if (has_max) {
		return bad_trunk(err, "minID and maxID should be configured "
				      "simultaneously, minID is missing");
	} else if (has_min) {
		return bad_trunk(err, "minID and maxID should be configured "
				      "simultaneously, maxID is missing");
	}
	if (has_id && !vid_ok(id))
		return bad_trunk(err, "incorrect trunk id parameter");
	if (has_id)
		vlan_set_add(set, (unsigned)id);
	return 0;
}

static int read_vlans(cJSON *json, struct br_conf *conf, struct cni_err *err)
{
	cJSON *trunk = NULL;
	struct js_why why;
	int64_t vlan = 0;
	cJSON *e;

	if (js_int(json, "vlan", INT32_MIN, INT32_MAX, &vlan, &why) < 0)
		return wrong(err, &why);
	if (vlan != 0 && !vid_ok(vlan))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid VLAN ID %lld (must be between 0 and "
				"%d)",
				(long long)vlan, VLAN_MAX);
	conf->vlan = (unsigned)vlan;
	if (js_arr(json, "vlanTrunk", &trunk, &why) < 0)
		return wrong(err, &why);
	conf->has_trunk = trunk != NULL;
	cJSON_ArrayForEach (e, trunk)
		if (read_trunk(e, &conf->trunk, err) < 0)
			return -1;
	return 0;
}

/* From CNI_ARGS, overridden by args.cni, overridden by runtimeConfig. */
static int read_mac(const struct cni_call *call, struct br_conf *conf,
		    struct cni_err *err)
{
	static const char *const known[] = { "MAC", NULL };
	AUTO(str) char *env = NULL;
	const char *mac = NULL;
	struct js_why why;

	if (cni_args_get(call->args, known, "MAC", &env, err) < 0)
		return -1;
	mac = env;
	if (js_str(call->conf.args_cni, "mac", &mac, &why) < 0)
		return wrong(err, &why);
	if (js_str(call->conf.runtime_config, "mac", &mac, &why) < 0)
		return wrong(err, &why);
	if (!mac || !*mac)
		return 0;
	if (mac_parse(mac, conf->mac) < 0 || mac_is_zero(conf->mac) ||
	    conf->mac[0] & 1)
		return cni_fail(err, CNI_ECONF, 0,
				"address %s: invalid MAC address", mac);
	conf->has_mac = true;
	return 0;
}

static int check_combination(const struct cni_call *call,
			     const struct br_conf *conf, struct cni_err *err)
{
	char name[IFNAMSIZ];

	if (call->conf.ipam_type && conf->no_container_interface)
		return cni_fail(err, CNI_ECONF, 0,
				"cannot use IPAM when "
				"DisableContainerInterface flag is set");
	if (conf->hairpin && conf->promisc)
		return cni_fail(err, CNI_ECONF, 0,
				"cannot set hairpin mode and promiscuous mode "
				"at the same time");
	if (conf->vlan && conf->is_gateway && call->conf.ipam_type &&
	    !br_conf_vlan_interface(conf, name))
		return cni_fail(err, CNI_ECONF, 0,
				"the name of the VLAN's gateway interface, "
				"%s.%u, is too long",
				conf->bridge, conf->vlan);
	return 0;
}

int br_conf_read(const struct cni_call *call, struct br_conf *ret,
		 struct cni_err *err)
{
	struct br_conf conf = { 0 };
	cJSON *json = call->conf.json;

	if (read_flags(json, &conf, err) < 0 ||
	    read_bridge(json, &conf, err) < 0 || read_backend(json, err) < 0 ||
	    read_vlans(json, &conf, err) < 0 ||
	    read_mac(call, &conf, err) < 0 ||
	    check_combination(call, &conf, err) < 0)
		return -1;
	*ret = conf;
	return 0;
}

bool br_conf_vlan_interface(const struct br_conf *conf, char name[IFNAMSIZ])
{
	char full[2 * IFNAMSIZ];
	int n = snprintf(full, sizeof(full), "%s.%u", conf->bridge, conf->vlan);

	if (n >= IFNAMSIZ)
		return false;
	memcpy(name, full, (size_t)n + 1);
	return true;
}

bool br_conf_vlans(const struct br_conf *conf)
{
	return conf->vlan != 0 || !vlan_set_empty(&conf->trunk);
}
