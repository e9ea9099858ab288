/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iplist.h - a list of addresses */
#ifndef HOST_LOCAL_IPLIST_H
#define HOST_LOCAL_IPLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"

/* Zero-initialise before use. */
struct ip_list {
	struct ip_addr *v; /* owned */
	size_t n;
};

/* Frees the addresses and empties the list. */
void ip_list_done(struct ip_list *list);

static inline void ip_list_auto(struct ip_list *list)
{
	ip_list_done(list);
}

/* Appends a copy. Returns 0 or -ENOMEM. */
int ip_list_add(struct ip_list *list, const struct ip_addr *ip);

void ip_list_sort(struct ip_list *list);

/* Whether a sorted list holds ip. */
bool ip_list_has(const struct ip_list *list, const struct ip_addr *ip);

#endif
