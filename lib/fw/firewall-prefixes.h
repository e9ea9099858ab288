/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall-prefixes.h - inside lib/fw: the prefixes that a network denies and
 * allows those at its bridge
 */
#ifndef CNI_FW_FIREWALL_PREFIXES_H
#define CNI_FW_FIREWALL_PREFIXES_H

#include "fw/firewall.h"

/*
 * Whose they are, and what a look found. Where another network has attachments
 * at the bridge, what is there only gets stricter.
 */
struct fw_prefixes {
	const struct fw_firewall *f;
	bool shared;  /* another network's attachments are there */
	bool missing; /* one is that is wanted */
	bool more;    /* some are there that are not wanted */
};

/* Within a look or a plan: sets missing and more. Returns 0 or -errno. */
int fw_prefixes_look(struct fw *fw, struct fw_prefixes *p);

/*
 * Within a plan: adds what is missing, and removes what is too much. Limited
 * says whether the bridge already lets out only to what is allowed: what
 * another network allows counts then. Returns 0 or -errno.
 */
int fw_prefixes_plan(struct fw *fw, const struct fw_prefixes *p, bool limited);

#endif
