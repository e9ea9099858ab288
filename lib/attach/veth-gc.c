// SPDX-License-Identifier: GPL-2.0-or-later
/* veth-gc.c - GC: deletes the links of one network's dead attachments */
#include <errno.h>
#include <unistd.h>

#include "attach/veth.h"
#include "attach/veths.h"

bool veth_is_valid(const struct cni_call *call, const char *alias)
{
	for (size_t i = 0; i < call->n_valid; i++)
		if (cni_alias_is(alias, &call->valid[i]))
			return true;
	return false;
}

static bool is_dead(const struct rt_link *link, const void *arg)
{
	return !veth_is_valid(arg, link->alias);
}

/*
 * Links deleted one by one each wait for a grace period of their own; as a
 * group they share it. The group's number is ours alone: nobody else puts links
 * into it while this process lives.
 */
static int delete_all(struct rt *rt, const struct veths *dead)
{
	unsigned group = 0x636e0000u ^ (unsigned)getpid();
	int r;

	for (size_t i = 0; i < dead->n; i++) {
		r = rt_link_set(rt, dead->v[i].index,
				&(struct rt_change){ .group = group });
		if (r < 0 && r != -ENODEV)
			return r;
	}
	r = dead->n ? rt_link_del_group(rt, group) : 0;
	return r == -ENODEV ? 0 : r;
}

int veth_gc(const struct cni_call *call, struct cni_err *err)
{
	AUTO(veths) struct veths dead = { 0 };
	AUTO(rt) struct rt *rt = NULL;
	int r;

	/* no list is not an empty list: libcni leaves it out at times */
	if (!call->has_valid)
		return 0;
	r = rt_open(&rt);
	if (r == 0)
		r = veths_list(rt, call->att.network, is_dead, call, &dead);
	if (r == 0)
		r = delete_all(rt, &dead);
	return r < 0 ? rt_fail(err, rt, r, "cannot collect dead links") : 0;
}
