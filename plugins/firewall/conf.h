/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - the firewall plugin's own configuration */
#ifndef FIREWALL_CONF_H
#define FIREWALL_CONF_H

#include "cni/keys.h"
#include "fw/firewall.h"

enum backend {
	BACKEND_AUTO,
	BACKEND_IPTABLES,
	BACKEND_NFTABLES,
	BACKEND_FIREWALLD
};

struct prefixes {
	struct ip_net *v; /* owned; none inside another one */
	size_t n, size;
};

struct conf {
	unsigned backend, policy_word;
	enum fw_policy policy;
	const char *admin, *zone;
	cJSON *deny_list, *allow_list;
	struct prefixes deny, allow;
	bool no_host, no_metadata;
};

extern const struct cni_key firewall_keys[];

/* As struct cni_plugin has them. */
int firewall_conf_read(const struct cni_call *call, void *own,
		       struct cni_err *err);
void firewall_conf_done(void *own);

/* Whether there is anything that containers may not reach. */
bool firewall_conf_guards(const struct conf *conf);

#endif
