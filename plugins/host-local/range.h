/* SPDX-License-Identifier: GPL-2.0-or-later */
/* range.h - the addresses a pool may hand out, in order */
#ifndef HOST_LOCAL_RANGE_H
#define HOST_LOCAL_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ipaddr.h"

/* start and end belong to the range; gateway is unset where there is none */
struct range {
	struct ip_net subnet;
	struct ip_addr start, end, gateway;
};

/* Alternatives of one family: each attachment gets one address of the set. */
struct range_set {
	struct range *v; /* owned */
	size_t n;
};

/* Frees the ranges and empties the set. */
void range_set_done(struct range_set *set);

/* Appends a copy of r. Returns 0 or -ENOMEM. */
int range_set_add(struct range_set *set, const struct range *r);

/*
 * Validates one range and fills in what is unset: gateway and start are the
 * first address after the network's, end is the last one (IPv4: the one
 * before the broadcast). A prefix that leaves two addresses or one (/31, /32,
 * /127, /128: RFC 3021, RFC 6164) has no address to spare: all of them are
 * used, and it has a gateway only where that is given. Returns 0, or -1 and
 * the reason in err (code 7).
 */
int range_complete(struct range *r, struct cni_err *err);

/*
 * Validates a whole set whose ranges have been completed: not empty, one
 * family, no overlap. Returns 0, or -1 and the reason in err (code 7).
 */
int range_set_check(const struct range_set *set, struct cni_err *err);

bool range_contains(const struct range *r, const struct ip_addr *ip);
bool range_overlaps(const struct range *a, const struct range *b);
bool range_set_overlaps(const struct range_set *a, const struct range_set *b);

/* The range of the set that holds ip, or NULL. */
const struct range *range_set_find(const struct range_set *set,
				   const struct ip_addr *ip);

/*
 * How many addresses the set can hand out, gateways left out; UINT64_MAX
 * where it is that many or more.
 */
uint64_t range_set_size(const struct range_set *set);

/* Whether the set can hand out ip: in a range, and not that one's gateway. */
bool range_set_offers(const struct range_set *set, const struct ip_addr *ip);

/* "start-end[,start-end...]", cut off at size. Returns buf. */
char *range_set_format(const struct range_set *set, char *buf, size_t size);

/*
 * Walks through a set once: from the address after last, or the very first
 * one where last is unset or outside, through all ranges and around, to last
 * itself. Gateways are left out. Borrows the set.
 */
struct range_walk {
	const struct range_set *set;
	size_t at; /* range that cur is in */
	struct ip_addr cur, first;
	bool started;
};

void range_walk_start(struct range_walk *w, const struct range_set *set,
		      const struct ip_addr *last);

/* Returns the range *ret is in, or NULL after the last address. */
const struct range *range_walk_next(struct range_walk *w, struct ip_addr *ret);

#endif
