/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - what the parts of CHECK share */
#ifndef BRIDGE_CHECK_H
#define BRIDGE_CHECK_H

#include "attach/check.h"
#include "bridge.h"

/*
 * check-vlan.c: the port's VLANs, and with which of them its frames go without
 * a tag; the interface of the gateway's VLAN, which becomes br->gw. Return 0,
 * or -1 as check_l3() does.
 */
int check_vlans(struct br *br, struct cni_err *err);
int check_vlan_interface(struct br *br, struct cni_err *err);

/*
 * check-l3.c: the attachment's own addresses and routes are in the sandbox that
 * br->cont and br->cont_index lead to; as configured, the gateways are on the
 * host, which forwards and masquerades. Returns 0, or -1 with code 104 or that
 * of what failed.
 */
int check_l3(struct br *br, const struct cni_result *own, struct cni_err *err);

#endif
