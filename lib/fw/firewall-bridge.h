/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall-bridge.h - inside lib/fw: a network's elements of its bridge */
#ifndef CNI_FW_FIREWALL_BRIDGE_H
#define CNI_FW_FIREWALL_BRIDGE_H

#include "fw/firewall.h"

/*
 * What a network wants of its bridge, but its attachments, and what the last
 * look found. An element does not say which network wants it. So a network
 * that is alone on the bridge has it as it wants it now; where attachments of
 * another one are there, what is there only gets stricter.
 */
struct fw_bridge {
	const struct fw_firewall *f;
	bool needed;	     /* something is wanted */
	bool filter;	     /* there is a FORWARD to have exceptions in */
	bool shared;	     /* another network's attachments are there */
	bool apart;	     /* one of those is isolated */
	bool more;	     /* something is there that is not wanted */
	const char *missing; /* the first that is; NULL: nothing */
};

/* what elements are for */
extern const char fw_isolation[], fw_exceptions[], fw_guard[];

/*
 * Within a look or a plan: finds what is missing, and what is too much. Sets
 * all but f, needed and filter. Returns 0 or -errno.
 */
int fw_bridge_look(struct fw *fw, struct fw_bridge *b);

/* Within a plan, after a look: adds and removes that. Returns 0 or -errno. */
int fw_bridge_plan(struct fw *fw, const struct fw_bridge *b);

#endif
