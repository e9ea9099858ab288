/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.h - whose addresses are in a zone of firewalld, which does not tell
 */
#ifndef CNI_FW_SOURCES_H
#define CNI_FW_SOURCES_H

#include <stddef.h>

#include "base/ipaddr.h"
#include "base/name.h"
#include "fw/fw.h"

/*
 * A note and no rule: each address is an element of a map of the table
 * inet cni_firewalld, with the owner text as its comment, and leads to the
 * interface of the host that its owner is behind. A reload of firewalld forgets
 * what was added while it ran, and leaves this table alone.
 */

/* Whose: of one attachment (att); of the network's that are not among the n
 * valid ones, with n 0 all of the network; or, without a network, of those of
 * any whose interface is gone, and then these addresses alone if any are given.
 */
struct fw_whose {
	const char *network;
	const struct cni_attachment *att; /* NULL: of several */
	const struct cni_attachment *valid;
	size_t n_valid;
	const struct ip_addr *ips;
	size_t n_ips;
};

/*
 * Notes n addresses; what another one left at them is this one's. iface: where
 * they are; "": not known, and so never gone. Returns 0 or -errno.
 */
int fw_sources_add(struct fw *fw, const struct cni_attachment *att,
		   const char *iface, const struct ip_addr *ips, size_t n);

/* Lists them into *ret, owned, *ret_n of them. Returns 0 or -errno. */
int fw_sources_list(struct fw *fw, const struct fw_whose *whose,
		    struct ip_addr **ret, size_t *ret_n);

/* Whether somebody has noted the address. Returns 1, 0 or -errno. */
int fw_sources_has(struct fw *fw, const struct ip_addr *ip);

/* Forgets them, and with the last one of all the table. 0 or -errno. */
int fw_sources_del(struct fw *fw, const struct fw_whose *whose);

/* Whether firewalld has its own table, inet firewalld. Returns 1, 0, -errno. */
int fw_has_firewalld(struct fw *fw);

#endif
