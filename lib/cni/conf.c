// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - the members every network configuration has */
#include "cni/conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "cni/keys.h"
#include "cni/version.h"

#define VALID "cni.dev/valid-attachments"

int conf_read(struct cni_conf *conf, const char *raw, size_t len,
	      struct cni_err *err)
{
	struct js_why why;
	char text[128];

	conf->raw = raw;
	conf->raw_len = len;
	conf->version = VERSION_NEWEST;
	conf->name = "";
	conf->json = js_parse(raw, len, text, sizeof(text));
	if (!conf->json)
		return cni_fail(err, CNI_EDECODE, 0,
				"error unmarshall network config: %s", text);
	if (!cJSON_IsObject(conf->json) && !cJSON_IsNull(conf->json))
		return cni_fail(err, CNI_EDECODE, 0,
				"error unmarshall network config: expected an "
				"object, got %s",
				js_kind(conf->json));
	if (js_str(conf->json, "name", &conf->name, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0,
				"error unmarshall network config: %s",
				why.text);
	if (!*conf->name)
		return cni_fail(err, CNI_ECONF, 0, "missing network name");
	if (!cni_name_ok(conf->name)) {
		cni_fail(err, CNI_ECONF, 0,
			 "invalid characters found in network name");
		cni_detail(err, "%s", conf->name);
		return -1;
	}
	return 0;
}

int conf_read_version(struct cni_conf *conf, struct cni_err *err)
{
	const char *v = "";
	struct js_why why;

	if (js_str(conf->json, "cniVersion", &v, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0,
				"decoding version from network config: %s",
				why.text);
	conf->version = *v ? v : version_list[0];
	return 0;
}

static int read_ipam(struct cni_conf *conf, struct cni_err *err)
{
	struct js_why why;

	if (js_obj(conf->json, "ipam", &conf->ipam, &why) < 0 ||
	    js_str(conf->ipam, "type", &conf->ipam_type, &why) < 0)
		return cni_key_wrong(err, &why);
	if (conf->ipam_type && !*conf->ipam_type)
		conf->ipam_type = NULL;
	return 0;
}

static int read_type(struct cni_conf *conf, struct cni_err *err)
{
	struct js_why why;

	if (js_str(conf->json, "type", &conf->type, &why) < 0)
		return cni_key_wrong(err, &why);
	return 0;
}

static int read_runtime_config(struct cni_conf *conf, struct cni_err *err)
{
	struct js_why why;

	if (js_obj(conf->json, "runtimeConfig", &conf->runtime_config, &why) <
	    0)
		return cni_key_wrong(err, &why);
	return 0;
}

static int read_args(struct cni_conf *conf, struct cni_err *err)
{
	cJSON *args = NULL;
	struct js_why why;

	if (js_obj(conf->json, "args", &args, &why) < 0 ||
	    js_obj(args, "cni", &conf->args_cni, &why) < 0)
		return cni_key_wrong(err, &why);
	return 0;
}

static int read_dns(struct cni_conf *conf, struct cni_err *err)
{
	struct cni_err why = { 0 };

	if (cni_dns_parse(conf->json, &conf->dns, &why) == 0)
		return 0;
	cni_dns_done(&conf->dns);
	return cni_fail(err, why.code, 0, "failed to load netconf: %s",
			why.msg);
}

/* 0 for 0.1.0 and 0.2.0, 1 for 0.3.0 to 0.4.0, 2 from 1.0.0 on */
static int kind(const char *version)
{
	return !version_before(version, "0.3.0") +
	       !version_before(version, "1.0.0");
}

/* A runtime passes a result on in the version of the configuration. */
static int check_kind(cJSON *prev, const char *version, struct cni_err *err)
{
	const char *v = "";
	struct js_why why;

	if (js_str(prev, "cniVersion", &v, &why) < 0)
		return cni_fail(err, CNI_EDECODE, 0, "%s", why.text);
	if (!*v || !version_supported(v) || kind(v) == kind(version))
		return 0;
	return cni_fail(err, CNI_EDECODE, 0,
			"a result of cniVersion \"%s\" in a configuration of "
			"\"%s\"",
			v, version);
}

static int read_prev(struct cni_conf *conf, struct cni_err *err)
{
	cJSON *obj = js_get(conf->json, "prevResult");
	struct cni_err why = { 0 };

	if (!obj)
		return 0;
	if (check_kind(obj, conf->version, &why) < 0 ||
	    cni_result_parse(obj, conf->version, &conf->prev, &why) < 0)
		return cni_fail(err, why.code, 0,
				"could not parse prevResult: %s", why.msg);
	conf->has_prev = true;
	return 0;
}

int conf_read_members(struct cni_conf *conf, bool strict, struct cni_err *err)
{
	static int (*const member[])(struct cni_conf *, struct cni_err *) = {
		read_ipam, read_type, read_runtime_config,
		read_args, read_dns,  read_prev,
	};

	for (size_t i = 0; i < ARRAY_SIZE(member); i++) {
		struct cni_err ignored = { 0 };

		if (member[i](conf, strict ? err : &ignored) < 0 && strict)
			return -1;
	}
	return 0;
}

static int read_attachment(cJSON *obj, const char *network,
			   struct cni_attachment *ret, struct cni_err *err)
{
	const char *id = "", *ifname = "";
	struct js_why why;

	if (!cJSON_IsObject(obj))
		return cni_fail(err, CNI_ECONF, 0,
				"valid-attachments: expected objects, got %s",
				js_kind(obj));
	if (js_str(obj, "containerID", &id, &why) < 0 ||
	    js_str(obj, "ifname", &ifname, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "valid-attachments: %s",
				why.text);
	if (!cni_name_ok(id))
		return cni_fail(err, CNI_ECONF, 0,
				"valid-attachments: invalid containerID \"%s\"",
				id);
	if (cni_ifname_problem(ifname))
		return cni_fail(err, CNI_ECONF, 0,
				"valid-attachments: \"%s\": %s", ifname,
				cni_ifname_problem(ifname));
	*ret = (struct cni_attachment){ network, id, ifname };
	return 0;
}

bool conf_valid_is_null(const struct cni_conf *conf)
{
	cJSON *e;

	if (js_get(conf->json, VALID))
		return false;
	cJSON_ArrayForEach (e, conf->json)
		if (strcasecmp(e->string, VALID) == 0)
			return true;
	return false;
}

int conf_replace_valid(struct cni_call *call, cJSON *list, struct cni_err *err)
{
	struct cni_conf *conf = &call->conf;

	/* the last one of a name wins */
	if (!cJSON_AddItemToObject(conf->json, VALID, list)) {
		cJSON_Delete(list);
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	}
	conf->edited = js_print(conf->json);
	if (!conf->edited)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	conf->raw = conf->edited;
	conf->raw_len = strlen(conf->edited);
	return conf_read_valid(call, err);
}

int conf_read_valid(struct cni_call *call, struct cni_err *err)
{
	cJSON *arr = NULL;
	struct js_why why;
	cJSON *e;

	if (js_arr(call->conf.json, VALID, &arr, &why) < 0)
		return cni_fail(err, CNI_ECONF, 0, "%s", why.text);
	if (!arr)
		return 0;
	call->valid = calloc((size_t)cJSON_GetArraySize(arr) + 1,
			     sizeof(*call->valid));
	if (!call->valid)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	cJSON_ArrayForEach (e, arr) {
		struct cni_attachment *a = &call->valid[call->n_valid++];

		if (read_attachment(e, call->conf.name, a, err) < 0)
			return -1;
	}
	call->has_valid = true;
	return 0;
}

void conf_done(struct cni_conf *conf)
{
	cni_dns_done(&conf->dns);
	cni_result_done(&conf->prev);
	free(conf->edited);
	cJSON_Delete(conf->json);
	*conf = (struct cni_conf){ 0 };
}

bool cni_is_valid(const struct cni_call *call, const char *id,
		  const char *ifname)
{
	for (size_t i = 0; i < call->n_valid; i++)
		if (strcmp(call->valid[i].id, id) == 0 &&
		    strcmp(call->valid[i].ifname, ifname) == 0)
			return true;
	return false;
}
