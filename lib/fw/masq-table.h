/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq-table.h - inside lib/fw: the table of masquerade, its sets and rules */
#ifndef CNI_FW_MASQ_TABLE_H
#define CNI_FW_MASQ_TABLE_H

#include "fw/table.h"

/* Our own table, of family inet, and its base chain. */
#define FW_MASQ_TABLE "cni_masq"
#define FW_MASQ_CHAIN "postrouting"

/*
 * The sets of a family. An address of a pod is in masq_pods(), as
 * iifname . address, and where its subnet is more than itself, from where to
 * where that goes in masq_inside(), as iifname . address . subnet.
 */
const struct fw_set *masq_pods(unsigned family);
const struct fw_set *masq_inside(unsigned family);
extern const struct fw_set *const masq_all_pods[]; /* NULL after the last one */

/*
 * The element of masq_inside() that is a pod's, whatever its subnet: the
 * address itself is in it. Returns as fw_elem_get().
 */
int masq_get_inside(struct fw *fw, const struct fw_elem *pod, unsigned family,
		    struct fw_elem *ret);

/* The networks all of whose pods are there; a hash of the name is the key. */
extern const struct fw_set masq_networks;
void masq_network_elem(const char *network, struct fw_elem *ret);

extern const struct fw_table masq_table;

#endif
