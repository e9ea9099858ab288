/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - what the configuration and its arguments want */
#ifndef TUNING_CONF_H
#define TUNING_CONF_H

#include "cni/keys.h"
#include "values.h"

struct tuning {
	/* as the keys are written; the arguments' sysctls are after args.cni */
	cJSON *sysctl, *args_sysctl;
	const char *data_dir;
	struct cni_mac mac;
	bool promisc, allmulti;
	int64_t mtu, txqlen;
	struct values want; /* all of it, arguments too */
};

extern const struct cni_key tuning_keys[];

/* cni_plugin's conf() and conf_done() of struct tuning. */
int tuning_conf(const struct cni_call *call, void *own, struct cni_err *err);
void tuning_conf_done(void *own);

/* The folder of the backups, also where the configuration makes no sense:
   DEL and GC need it. */
const char *tuning_data_dir(const struct cni_call *call);

#endif
