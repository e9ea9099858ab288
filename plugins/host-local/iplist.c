// SPDX-License-Identifier: GPL-2.0-or-later
/* iplist.c - a list of addresses */
#include "iplist.h"

#include <errno.h>
#include <stdlib.h>

void ip_list_done(struct ip_list *list)
{
	free(list->v);
	*list = (struct ip_list){ 0 };
}

int ip_list_add(struct ip_list *list, const struct ip_addr *ip)
{
	/* doubles at each power of two: a store may hold a whole /16 */
	if ((list->n & (list->n - 1)) == 0) {
		size_t room = list->n ? 2 * list->n : 1;
		struct ip_addr *v = realloc(list->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
	}
	list->v[list->n++] = *ip;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

void ip_list_sort(struct ip_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_address);
}

bool ip_list_has(const struct ip_list *list, const struct ip_addr *ip)
{
	return list->n &&
	       bsearch(ip, list->v, list->n, sizeof(*list->v), by_address);
}
