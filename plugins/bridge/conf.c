// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - the bridge plugin's own configuration keys */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/masq.h"
#include "base/json.h"
#include "cni/version.h"

const struct cni_key br_keys[] = {
	KEY_BOOL("isGateway", struct br_conf, is_gateway),
	KEY_BOOL("isDefaultGateway", struct br_conf, is_default_gateway),
	KEY_BOOL("forceAddress", struct br_conf, force_address),
	KEY_BOOL("ipMasq", struct br_conf, ip_masq),
	KEY_BOOL("hairpinMode", struct br_conf, hairpin),
	KEY_BOOL("promiscMode", struct br_conf, promisc),
	KEY_BOOL("portIsolation", struct br_conf, isolated),
	KEY_BOOL("macspoofchk", struct br_conf, macspoof),
	KEY_BOOL("enabledad", struct br_conf, dad),
	KEY_BOOL("disableContainerInterface", struct br_conf,
		 no_container_interface),
	KEY_BOOL("preserveDefaultVlan", struct br_conf, keep_default_vlan),
	KEY_IFNAME("bridge", struct br_conf, bridge),
	KEY_MTU("mtu", struct br_conf, mtu),
	KEY_MASQ_BACKEND(struct br_conf, backend),
	KEY_INT("vlan", struct br_conf, vlan_id),
	KEY_LIST("vlanTrunk", struct br_conf, trunk_list),
	KEY_MAC(struct br_conf, mac),
	{ 0 },
};

static bool vid_ok(int64_t vid)
{
	return vid >= 1 && vid <= VLAN_MAX;
}

static int bad_trunk(struct cni_err *err, const char *msg)
{
	return cni_fail(err, CNI_ECONF, 0, "%s", msg);
}

/* An item of vlanTrunk: { "id" } or { "minID", "maxID" }, or both in one. */
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
		return cni_key_wrong(err, &why);
	has_max = js_int(e, "maxID", INT32_MIN, INT32_MAX, &max, &why);
	if (has_max < 0)
		return cni_key_wrong(err, &why);
	has_id = js_int(e, "id", INT32_MIN, INT32_MAX, &id, &why);
	if (has_id < 0)
		return cni_key_wrong(err, &why);
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

static int read_vlans(struct br_conf *conf, struct cni_err *err)
{
	cJSON *e;

	if (conf->vlan_id != 0 && !vid_ok(conf->vlan_id))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid VLAN ID %lld (must be between 0 and "
				"%d)",
				(long long)conf->vlan_id, VLAN_MAX);
	conf->vlan = (unsigned)conf->vlan_id;
	cJSON_ArrayForEach (e, conf->trunk_list)
		if (read_trunk(e, &conf->trunk, err) < 0)
			return -1;
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

int br_conf_read(const struct cni_call *call, void *own, struct cni_err *err)
{
	struct br_conf *conf = own;

	if (!conf->bridge)
		conf->bridge = BRIDGE_DEFAULT;
	if (conf->is_default_gateway)
		conf->is_gateway = true;
	if (read_vlans(conf, err) < 0)
		return -1;
	return check_combination(call, conf, err);
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
