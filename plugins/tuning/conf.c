// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - what the configuration and its arguments want */
#include "conf.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "key.h"

const struct cni_key tuning_keys[] = {
	KEY_OBJ("sysctl", struct tuning, sysctl),
	KEY_PLAIN_MAC(struct tuning, mac),
	KEY_INT("mtu", struct tuning, mtu),
	KEY_BOOL("promisc", struct tuning, promisc),
	KEY_BOOL("allmulti", struct tuning, allmulti),
	KEY_UINT("txQLen", struct tuning, txqlen),
	KEY_STR("dataDir", struct tuning, data_dir),
	{ 0 },
};

const char *tuning_data_dir(const struct cni_call *call)
{
	const char *dir = NULL;
	struct js_why why;

	js_str(call->conf.json, "dataDir", &dir, &why);
	return dir && *dir ? dir : "/run/cni/tuning";
}

/* Those of one object; a key that is written twice is refused, as there. */
static int read_sysctls(const struct cni_call *call, const cJSON *obj,
			struct values *want, struct cni_err *err)
{
	const cJSON *v, *other;

	cJSON_ArrayForEach (v, obj) {
		AUTO(str) char *name = NULL;

		for (other = v->next; other; other = other->next)
			if (strcmp(other->string, v->string) == 0) {
				cni_fail(err, CNI_ECONF, 0,
					 "duplicated sysctl keys are not "
					 "allowed");
				cni_detail(err, "\"%s\"", v->string);
				return -1;
			}
		if (!cJSON_IsString(v))
			return cni_fail(err, CNI_ECONF, 0,
					"failed to load netconf: sysctl "
					"\"%s\": expected a string, got %s",
					v->string, js_kind(v));
		if (!*v->valuestring)
			return cni_fail(err, CNI_ECONF, 0,
					"sysctl \"%s\" has no value",
					v->string);
		if (key_path(v->string, call->att.ifname, &name, err) < 0)
			return -1;
		if (values_put_sysctl(want, name, v->valuestring) < 0)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	}
	return 0;
}

/* CNI_ARGS before runtimeConfig: of those that are not "", the last one. */
static int read_mac(const struct cni_call *call, struct cni_mac *mac,
		    struct cni_err *err)
{
	static const char *const known[] = { "MAC", NULL };
	AUTO(str) char *env = NULL;
	const char *runtime = NULL, *args = NULL;
	struct js_why why;
	int given;

	if (cni_args_get(call->args, known, "MAC", &env, err) < 0)
		return -1;
	given = js_str(call->conf.args_cni, "mac", &args, &why);
	if (given < 0 ||
	    js_str(call->conf.runtime_config, "mac", &runtime, &why) < 0)
		return cni_key_wrong(err, &why);
	if (cni_mac_read(env, mac, err) < 0 ||
	    cni_mac_read(runtime, mac, err) < 0)
		return -1;
	/* unlike the others, "" here means none */
	if (given)
		mac->given = false;
	return cni_mac_read(args, mac, err);
}

/* The arguments args.cni, which override all else, also by false and 0. */
static int read_args(const struct cni_call *call, struct tuning *t,
		     bool *allmulti, bool *txqlen, struct cni_err *err)
{
	cJSON *args = call->conf.args_cni;
	struct js_why why;
	int has_allmulti = js_bool(args, "allmulti", &t->allmulti, &why);
	int has_txqlen = has_allmulti < 0
				 ? -1
				 : js_int(args, "txQLen", 0, UINT32_MAX,
					  &t->txqlen, &why);

	if (has_txqlen < 0 ||
	    js_obj(args, "sysctl", &t->args_sysctl, &why) < 0 ||
	    js_bool(args, "promisc", &t->promisc, &why) < 0 ||
	    js_int(args, "mtu", INT32_MIN, INT32_MAX, &t->mtu, &why) < 0)
		return cni_key_wrong(err, &why);
	*allmulti = has_allmulti || js_get(call->conf.json, "allmulti");
	*txqlen = has_txqlen || js_get(call->conf.json, "txQLen");
	return 0;
}

int tuning_conf(const struct cni_call *call, void *own, struct cni_err *err)
{
	struct tuning *t = own;
	struct values *want = &t->want;
	bool allmulti = false, txqlen = false;

	if (read_args(call, t, &allmulti, &txqlen, err) < 0 ||
	    read_mac(call, &t->mac, err) < 0)
		return -1;
	if (t->mtu < 0)
		return cni_fail(err, CNI_ECONF, 0, "invalid mtu %lld",
				(long long)t->mtu);
	want->mac = t->mac;
	want->mtu = (unsigned)t->mtu;
	if (t->promisc)
		want->mask |= IFF_PROMISC;
	if (allmulti)
		want->mask |= IFF_ALLMULTI;
	want->flags = (t->promisc ? IFF_PROMISC : 0) |
		      (allmulti && t->allmulti ? IFF_ALLMULTI : 0);
	want->has_txqlen = txqlen;
	want->txqlen = (uint32_t)t->txqlen;
	if (read_sysctls(call, t->sysctl, want, err) < 0)
		return -1;
	return read_sysctls(call, t->args_sysctl, want, err);
}

void tuning_conf_done(void *own)
{
	struct tuning *t = own;

	values_done(&t->want);
}
