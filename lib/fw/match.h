/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match.h - what else has to hold of a packet, as a configuration says it */
#ifndef CNI_FW_MATCH_H
#define CNI_FW_MATCH_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "fw/fw.h"

/*
 * A match of a packet. In a list all have to hold, but of those with either,
 * and the one before them, only one: "-s A,B", "{ A, B }".
 */
struct fw_match {
	enum fw_match_kind {
		FW_MATCH_SADDR,
		FW_MATCH_DADDR,
		FW_MATCH_IIFNAME,
		FW_MATCH_OIFNAME,
		FW_MATCH_MARK,
		FW_MATCH_SADDR_TYPE,
		FW_MATCH_DADDR_TYPE
	} kind;
	bool negated;
	bool either;	     /* or the one before */
	struct ip_net net;   /* of an address; /0 always holds */
	char name[IFNAMSIZ]; /* of an interface */
	bool begins;	     /* the interface's name begins so */
	uint32_t value;	     /* of the mark; RTN_* of a type */
	uint32_t mask;	     /* of the mark */
};

/*
 * How many rules say what the list says, which is one for each choice among
 * those with either; 1 for an empty list. And how many matches are in each.
 * Callers see to it that these are less than fit into a message.
 */
size_t fw_match_ways(const struct fw_match *v, size_t n);
size_t fw_match_each(const struct fw_match *v, size_t n);

/* Adds to the rule being built the expressions of the list's ith way. */
void fw_expr_matches(struct fw *fw, const struct fw_match *v, size_t n,
		     size_t way);

/*
 * Writes 32 hex digits of a hash of the list, the same for each way of saying
 * the same matches in the same order. Returns 0 or -ENOMEM.
 */
#define FW_MATCH_HASH 33
int fw_match_hash(const struct fw_match *v, size_t n, char ret[FW_MATCH_HASH]);

#endif
