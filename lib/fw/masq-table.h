/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masq-table.h - inside lib/fw: the table of masquerade, its sets and rules */
#ifndef CNI_FW_MASQ_TABLE_H
#define CNI_FW_MASQ_TABLE_H

#include "base/ipaddr.h"
#include "base/names.h"
#include "fw/table.h"

/* Our own table, of family inet, and its base chain. */
#define FW_MASQ_TABLE "cni_masq"
#define FW_MASQ_CHAIN "postrouting"

/*
 * The map of a family. An address of a pod is in masq_pods(), as
 * iifname . address, and leads to the chain of its subnet.
 */
const struct fw_set *masq_pods(unsigned family);
extern const struct fw_set *const masq_all_pods[]; /* NULL after the last one */

/* The networks all of whose pods are there; a hash of the name is the key. */
extern const struct fw_set masq_networks;
void masq_network_elem(const char *network, struct fw_elem *ret);

/* The base chain and its rules alone. */
extern const struct fw_table masq_table;

/*
 * A subnet's chain: what leaves the subnet is masqueraded. It is nobody's, but
 * the same for all whose address is in a subnet like that; what has an address
 * of its own, /32 or /128, has one chain for all.
 */
struct masq_outside {
	struct fw_table table; /* the first, and borrows the name */
	struct ip_net net;
	char name[FW_GOTO_SIZE];
};

/* The name of the chain for an address with its subnet's prefix length. */
void masq_outside_name(const struct ip_net *net, char ret[FW_GOTO_SIZE]);

/*
 * Within a plan that removes elements: removes the chains that nothing leads to
 * any more. left has, for each element, where it led. Another one's chain
 * stays. Returns 0 or -errno.
 */
int masq_outside_left(struct fw *fw, const struct names *left);

/*
 * The table with chains of subnets. masq_tables_init() makes room for max of
 * them, masq_tables_put() adds that of a subnet unless it is there,
 * masq_tables_read(), within a plan, those that the kernel has. Not to be
 * moved; masq_tables_done() is for all of them, also after a failure. They
 * return 0 or -errno.
 */
struct masq_tables {
	struct fw_table table;
	struct masq_outside *v; /* owned */
	size_t n;
};
int masq_tables_init(struct masq_tables *ret, size_t max);
void masq_tables_put(struct masq_tables *t, const struct ip_net *net);
bool masq_tables_has(const struct masq_tables *t, const char *chain);
int masq_tables_read(struct fw *fw, struct masq_tables *ret);
void masq_tables_done(struct masq_tables *t);

static inline void masq_tables_auto(struct masq_tables *t)
{
	masq_tables_done(t);
}

#endif
