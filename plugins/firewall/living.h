/* SPDX-License-Identifier: GPL-2.0-or-later */
/* living.h - ports of a bridge, and the network's attachments behind it */
#ifndef FIREWALL_LIVING_H
#define FIREWALL_LIVING_H

#include "cni/cni.h"
#include "fw/firewall.h"
#include "route/rt.h"

/* Where an attachment is. */
struct place {
	char iface[IFNAMSIZ]; /* as netfilter sees it; "": nowhere */
	char port[IFNAMSIZ];  /* of that bridge; "": none that is known */
	int veth;	      /* index of our own host's end; 0: not ours */
	uint32_t tag;	      /* of that */
};

/*
 * Finds it: behind the host's end of its veth, or else at the first interface
 * of the host in prevResult. Returns 0 or -errno.
 */
int living_place(const struct cni_call *call, struct rt *host,
		 struct place *ret);

/* Marks our own host's end as behind a firewall, or no more: who bears no mark
 * is not joined again. Returns 0 or -errno. */
int living_mark(struct rt *host, const struct place *place, bool on);

/* The same for the network's that are not valid, in GC. 0 or -errno. */
int living_unmark(const struct cni_call *call, struct rt *host);

/* Whether a bridge has other veths than that one, or is none at all. Returns
 * 1, 0 (also where there is no such link) or -errno. */
int living_others(struct rt *host, const char *bridge, const char *port);

/*
 * Joins the network's attachments that live behind the interface: after
 * somebody removed the rules, those who were there before are in them again.
 * They are the bridge's ports with the network's alias and the mark. Returns
 * 0 or -errno.
 */
int living_join(const struct cni_call *call, struct rt *host, struct fw *fw,
		const struct fw_firewall *f);

#endif
