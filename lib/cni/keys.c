// SPDX-License-Identifier: GPL-2.0-or-later
/* keys.c - a plugin's configuration as a table of keys */
#include "cni/keys.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"

int cni_key_wrong(struct cni_err *err, const struct js_why *why)
{
	return cni_fail(err, CNI_ECONF, 0, "failed to load netconf: %s",
			why->text);
}

static int read_ifname(cJSON *json, const struct cni_key *key, const char **ret,
		       struct cni_err *err)
{
	const char *problem;
	struct js_why why;
	int r = js_str(json, key->name, ret, &why);

	if (r < 0)
		return cni_key_wrong(err, &why);
	if (r > 0 && key->or_empty && !**ret) {
		*ret = NULL;
		return 0;
	}
	problem = r > 0 ? cni_ifname_problem(*ret) : NULL;
	if (problem)
		return cni_fail(err, CNI_ECONF, 0, "invalid %s name \"%s\": %s",
				key->name, *ret, problem);
	return 0;
}

static int read_mtu(cJSON *json, const struct cni_key *key, unsigned *ret,
		    struct cni_err *err)
{
	struct js_why why;
	int64_t mtu = 0;

	if (js_int(json, key->name, INT32_MIN, INT32_MAX, &mtu, &why) < 0)
		return cni_key_wrong(err, &why);
	if (mtu > 0 && (mtu < 68 || mtu > 65535))
		return cni_fail(err, CNI_ECONF, 0,
				"invalid %s %lld (must be between 68 and "
				"65535, or 0 for the kernel's default)",
				key->name, (long long)mtu);
	*ret = mtu > 0 ? (unsigned)mtu : 0;
	return 0;
}

static int read_word(cJSON *json, const struct cni_key *key, unsigned *ret,
		     struct cni_err *err)
{
	const char *word = NULL;
	struct js_why why;

	if (js_str(json, key->name, &word, &why) < 0)
		return cni_key_wrong(err, &why);
	for (unsigned i = 0; word && key->words[i]; i++) {
		if (strcmp(word, key->words[i]) != 0)
			continue;
		*ret = i;
		return 0;
	}
	if (!word)
		return 0;
	return cni_fail(err, CNI_ECONF, 0, "unknown %s \"%s\"", key->what,
			word);
}

int cni_mac_read(const char *text, struct cni_mac *ret, struct cni_err *err)
{
	if (!text || !*text)
		return 0;
	if (mac_parse(text, ret->b) < 0 || mac_is_zero(ret->b) || ret->b[0] & 1)
		return cni_fail(err, CNI_ECONF, 0,
				"invalid args %s for MAC addr: address %s: "
				"invalid MAC address",
				text, text);
	ret->given = true;
	return 0;
}

static int read_mac(const struct cni_call *call, const struct cni_key *key,
		    struct cni_mac *ret, struct cni_err *err)
{
	static const char *const known[] = { "MAC", NULL };
	AUTO(str) char *env = NULL;
	const char *mac = NULL;
	struct js_why why;

	if (cni_args_get(call->args, known, "MAC", &env, err) < 0)
		return -1;
	mac = env;
	if (js_str(call->conf.args_cni, key->name, &mac, &why) < 0 ||
	    js_str(call->conf.runtime_config, key->name, &mac, &why) < 0)
		return cni_key_wrong(err, &why);
	return cni_mac_read(mac, ret, err);
}

static int read_plain_mac(cJSON *json, const struct cni_key *key,
			  struct cni_mac *ret, struct cni_err *err)
{
	const char *mac = NULL;
	struct js_why why;

	if (js_str(json, key->name, &mac, &why) < 0)
		return cni_key_wrong(err, &why);
	return cni_mac_read(mac, ret, err);
}

static int read_key(const struct cni_key *key, const struct cni_call *call,
		    void *to, struct cni_err *err)
{
	cJSON *json = call->conf.json;
	struct js_why why;
	int r = 0;

	switch (key->type) {
	case KEY_TYPE_BOOL:
		r = js_bool(json, key->name, to, &why);
		break;
	case KEY_TYPE_STR:
		r = js_str(json, key->name, to, &why);
		break;
	case KEY_TYPE_INT:
		r = js_int(json, key->name, INT32_MIN, INT32_MAX, to, &why);
		break;
	case KEY_TYPE_UINT:
		r = js_int(json, key->name, 0, UINT32_MAX, to, &why);
		break;
	case KEY_TYPE_LIST:
		r = js_arr(json, key->name, to, &why);
		break;
	case KEY_TYPE_OBJ:
		r = js_obj(json, key->name, to, &why);
		break;
	case KEY_TYPE_IFNAME:
		return read_ifname(json, key, to, err);
	case KEY_TYPE_MTU:
		return read_mtu(json, key, to, err);
	case KEY_TYPE_WORD:
		return read_word(json, key, to, err);
	case KEY_TYPE_PLAIN_MAC:
		return read_plain_mac(json, key, to, err);
	case KEY_TYPE_MAC:
		return read_mac(call, key, to, err);
	case KEY_TYPE_NONE:
		break;
	}
	return r < 0 ? cni_key_wrong(err, &why) : 0;
}

int cni_keys_read(const struct cni_key *keys, const struct cni_call *call,
		  void *own, struct cni_err *err)
{
	for (; keys && keys->type; keys++)
		if (read_key(keys, call, (char *)own + keys->offset, err) < 0)
			return -1;
	return 0;
}

const char *cni_key_json_type(const struct cni_key *key)
{
	switch (key->type) {
	case KEY_TYPE_BOOL:
		return "boolean";
	case KEY_TYPE_MTU:
	case KEY_TYPE_INT:
	case KEY_TYPE_UINT:
		return "number";
	case KEY_TYPE_LIST:
		return "array";
	case KEY_TYPE_OBJ:
		return "object";
	default:
		return "string";
	}
}
