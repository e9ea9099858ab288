// SPDX-License-Identifier: GPL-2.0-or-later
/* label.c - what the alias of a link says */
#include "attach/label.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* Kubernetes has no longer names. */
#define POD_LEN 254

/* A name, as [text, text + len), if it is one. Returns whether it is. */
static bool take_name(const char *text, size_t len, char ret[POD_LEN])
{
	if (len >= POD_LEN)
		return false;
	memcpy(ret, text, len);
	ret[len] = '\0';
	return cni_name_ok(ret);
}

/* The value of key in CNI_ARGS; what is wrong with them is said elsewhere. */
static bool in_args(const char *args, const char *key, char ret[POD_LEN])
{
	size_t len = strlen(key);

	while (*args) {
		size_t pair = strcspn(args, ";");

		if (strncmp(args, key, len) == 0 && args[len] == '=')
			return take_name(args + len + 1, pair - len - 1, ret);
		args += pair + (args[pair] == ';');
	}
	return false;
}

static bool in_labels(cJSON *labels, const char *key, char ret[POD_LEN])
{
	cJSON *e;

	cJSON_ArrayForEach (e, labels) {
		const char *k = cJSON_GetStringValue(js_get(e, "key"));
		const char *v = cJSON_GetStringValue(js_get(e, "value"));

		if (k && v && strcmp(k, key) == 0)
			return take_name(v, strlen(v), ret);
	}
	return false;
}

static bool find_pod(const struct cni_call *call, char ns[POD_LEN],
		     char pod[POD_LEN])
{
	cJSON *labels = js_get(call->conf.args_cni, "labels");

	if (in_args(call->args, "K8S_POD_NAMESPACE", ns) &&
	    in_args(call->args, "K8S_POD_NAME", pod))
		return true;
	return cJSON_IsArray(labels) &&
	       in_labels(labels, "io.kubernetes.pod.namespace", ns) &&
	       in_labels(labels, "io.kubernetes.pod.name", pod);
}

char *label(const struct cni_call *call, char alias[CNI_OWNER_LEN])
{
	char ns[POD_LEN], pod[POD_LEN];
	size_t len = strlen(cni_owner(&call->att, alias, CNI_OWNER_LEN));
	int room = (int)(CNI_OWNER_LEN - len), n;

	if (!find_pod(call, ns, pod))
		return alias;
	n = snprintf(alias + len, (size_t)room, " %s/%s", ns, pod);
	if (n >= room)
		alias[len] = '\0';
	return alias;
}
