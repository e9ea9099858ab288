// SPDX-License-Identifier: GPL-2.0-or-later
/* veth-gc.c - GC: deletes the links of one network's dead attachments */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/veth.h"

struct dead {
	const struct cni_call *call;
	int *index; /* owned */
	size_t n;
};

bool veth_is_valid(const struct cni_call *call, const char *alias)
{
	for (size_t i = 0; i < call->n_valid; i++)
		if (cni_alias_is(alias, &call->valid[i]))
			return true;
	return false;
}

/* A veth of this network that no valid attachment owns. */
static int note_dead(const struct rt_link *l, void *arg)
{
	struct dead *d = arg;
	int *index;

	if (!cni_owner_in_network(l->alias, d->call->att.network) ||
	    veth_is_valid(d->call, l->alias))
		return 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->index[i] == l->index)
			return 0;
	index = realloc(d->index, (d->n + 1) * sizeof(*index));
	if (!index)
		return -ENOMEM;
	d->index = index;
	d->index[d->n++] = l->index;
	return 0;
}

/*
 * Links deleted one by one each wait for a grace period of their own; as a
 * group they share it. The group's number is ours alone: nobody else puts links
 * into it while this process lives.
 */
static int delete_dead(struct rt *rt, const struct dead *d)
{
	unsigned group = 0x636e0000u ^ (unsigned)getpid();
	int r;

	for (size_t i = 0; i < d->n; i++) {
		r = rt_link_set(rt, d->index[i],
				&(struct rt_change){ .group = group });
		if (r < 0 && r != -ENODEV)
			return r;
	}
	r = d->n ? rt_link_del_group(rt, group) : 0;
	return r == -ENODEV ? 0 : r;
}

int veth_gc(const struct cni_call *call, struct cni_err *err)
{
	struct dead d = { .call = call };
	AUTO(rt) struct rt *rt = NULL;
	int r;

	/* no list is not an empty list: libcni leaves it out at times */
	if (!call->has_valid)
		return 0;
	r = rt_open(&rt);
	if (r == 0)
		r = rt_link_each(rt, "veth", note_dead, &d);
	if (r == 0)
		r = delete_dead(rt, &d);
	free(d.index);
	return r < 0 ? rt_fail(err, rt, r, "cannot collect dead links") : 0;
}
