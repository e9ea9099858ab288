/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter.h - inside lib/fw: exceptions in the filter tables of iptables-nft */
#ifndef CNI_FW_FILTER_H
#define CNI_FW_FILTER_H

#include <net/if.h>

#include <stdbool.h>

#include "fw/fw.h"

/*
 * Tables ip filter and ip6 filter belong to iptables, which does not list a
 * table that has an expression it cannot print. So the exceptions are such as
 * it can, without extensions:
 *
 *   -A FORWARD -j CNI-FORWARD
 *   -A CNI-FORWARD -j <admin>
 *   -A CNI-FORWARD -i <iface> -j ACCEPT
 *   -A CNI-FORWARD -o <iface> -m mark --mark 0x1000/0x1000 -j ACCEPT
 *
 * The mark is our table's word that it is an answer or a published port's.
 */
#define FW_FILTER_CHAIN "CNI-FORWARD"

/* An interface's exceptions. The strings are borrowed. */
struct fw_filter {
	const char *iface;
	const char *admin; /* NULL: none are wanted */
	bool v4, v6;	   /* in the tables of which families */
};

/* Whether one of the families has a chain FORWARD. Returns 1, 0 or -errno. */
int fw_filter_there(struct fw *fw, const struct fw_filter *f);

/*
 * Within a look: whether the exceptions are there wherever there is a FORWARD.
 * Returns 1, 0 or -errno.
 */
int fw_filter_look(struct fw *fw, const struct fw_filter *f);

/* Within a plan: adds what of them is missing. Returns 0 or -errno. */
int fw_filter_make(struct fw *fw, const struct fw_filter *f);

/*
 * Within a plan: removes the exceptions of n interfaces, and with the last one
 * the chains that fw_filter_make() made, unless there is anything else in them.
 * Returns 0 or -errno.
 */
int fw_filter_drop(struct fw *fw, const char (*iface)[IFNAMSIZ], size_t n);

#endif
