/* SPDX-License-Identifier: GPL-2.0-or-later */
/* living.h - ports of a bridge, and the network's attachments behind it */
#ifndef FIREWALL_LIVING_H
#define FIREWALL_LIVING_H

#include "cni/cni.h"
#include "fw/firewall.h"
#include "route/rt.h"

/*
 * The port of that bridge that prevResult has: the host's end of this
 * attachment's veth. Returns 1, 0 where there is none, or -errno.
 */
int living_port(struct rt *host, const struct cni_result *prev,
		const char *bridge, char ret[IFNAMSIZ]);

/* Whether a bridge has other ports than that one, or is none at all. Returns
 * 1, 0 (also where there is no such link) or -errno. */
int living_others(struct rt *host, const char *bridge, const char *port);

/*
 * Joins the network's attachments that live behind the interface: after
 * somebody removed the rules, those who were there before are in them again.
 * They are the bridge's ports with the network's alias. Returns 0 or -errno.
 */
int living_join(const struct cni_call *call, struct rt *host, struct fw *fw,
		const struct fw_firewall *f);

#endif
