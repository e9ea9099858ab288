/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall.h - the firewall plugin's verbs */
#ifndef FIREWALL_H
#define FIREWALL_H

#include "conf.h"

/* As struct cni_plugin and struct cni_step have them. */
int firewall_add(const struct cni_call *call, struct cni_result *own,
		 struct undo *undo, struct cni_err *err);
int firewall_check(const struct cni_call *call, const struct cni_result *own,
		   struct cni_err *err);
int firewall_remove(const struct cni_call *call, struct cni_err *err);

#endif
