// SPDX-License-Identifier: GPL-2.0-or-later
/* veths.c - the host's ends of a network's attachments */
#include "attach/veths.h"

#include <errno.h>
#include <stdlib.h>

struct search {
	const char *network;
	veths_fn wanted;
	const void *arg;
	struct veths *found;
};

static bool is_known(const struct veths *veths, int index)
{
	for (size_t i = 0; i < veths->n; i++)
		if (veths->v[i].index == index)
			return true;
	return false;
}

static int note(const struct rt_link *link, void *arg)
{
	const struct search *s = arg;
	struct veths *veths = s->found;

	if (!cni_owner_in_network(link->alias, s->network) ||
	    !s->wanted(link, s->arg) || is_known(veths, link->index))
		return 0;
	if (veths->n == veths->size) {
		size_t size = veths->size ? 2 * veths->size : 8;
		struct rt_link *v =
			reallocarray(veths->v, size, sizeof(*veths->v));

		if (!v)
			return -ENOMEM;
		veths->v = v;
		veths->size = size;
	}
	veths->v[veths->n++] = *link;
	return 0;
}

int veths_list(struct rt *host, const char *network, veths_fn wanted,
	       const void *arg, struct veths *ret)
{
	struct search s = { network, wanted, arg, ret };

	return rt_link_each(host, "veth", note, &s);
}

void veths_auto(struct veths *veths)
{
	free(veths->v);
}
