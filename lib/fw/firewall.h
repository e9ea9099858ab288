/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall.h - networks apart from each other, and what their pods may reach */
#ifndef CNI_FW_FIREWALL_H
#define CNI_FW_FIREWALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "base/name.h"
#include "fw/fw.h"

enum fw_policy {
	FW_OPEN,
	FW_SAME_BRIDGE, /* nothing passes to and from another such bridge */
	FW_ISOLATED	/* nor between the bridge's own attachments */
};

/*
 * What holds for an interface of the host behind which attachments are, as long
 * as one of them is there. What two networks want of one bridge holds for both.
 * Everything is borrowed.
 */
struct fw_firewall {
	const char *network; /* its name */
	const char *iface;   /* as netfilter sees it: the bridge */
	enum fw_policy policy;
	const struct ip_net *deny, *allow; /* none inside another one */
	size_t n_deny, n_allow;
	bool limited; /* allow is all that may be reached */
	bool no_host; /* the host is not to be reached */
	/*
	 * Where iptables-nft has made a chain FORWARD, of the families asked
	 * for: exceptions in it, after a jump to this chain. NULL: none.
	 */
	const char *admin;
	bool v4, v6;
};

/* An attachment: its owner text as in a comment, and the bridge's port that it
 * is behind, which isolation needs; NULL: none. */
struct fw_member {
	const char *owner, *port;
};

/*
 * Puts all this there, as far as it is not there yet, and the attachment into
 * it, all or nothing. Returns 1 where something of the interface's was missing:
 * it is new, or somebody flushed the rules, and those who live there are to be
 * joined; 0 where only the attachment was; or -errno. What the network does not
 * want any more goes, if no other one's attachments are at the interface.
 */
int fw_firewall_add(struct fw *fw, const struct fw_firewall *f,
		    const struct fw_member *m);

/* Puts n more attachments in, those that are there already stay. 0, -errno. */
int fw_firewall_join(struct fw *fw, const struct fw_firewall *f,
		     const struct fw_member *m, size_t n);

/*
 * CHECK: whether it is all there. Returns 1, -errno, or 0 and in *ret_missing
 * what is not, a text that is never freed.
 */
int fw_firewall_has(struct fw *fw, const struct fw_firewall *f,
		    const struct fw_member *m, const char **ret_missing);

/*
 * Takes out this attachment, those of the network that are not among the n
 * valid ones, or all whose interface is not there; and with the last one of an
 * interface what is the interface's. Commits only if there is something.
 * Returns the number of elements of attachments, or -errno.
 */
int fw_firewall_del(struct fw *fw, const struct cni_attachment *att);
int fw_firewall_gc(struct fw *fw, const char *network,
		   const struct cni_attachment *valid, size_t n);
int fw_firewall_sweep(struct fw *fw);

#endif
