// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - CHECK: a link is as the result says */
#include "attach/check.h"

#include <errno.h>
#include <string.h>

/* The interface of the result that is a link of the host. */
const struct cni_interface *check_listed(const struct cni_result *prev,
					 const char *name)
{
	for (size_t i = prev->n_interfaces; i-- > 0;) {
		const struct cni_interface *ifc = &prev->interfaces[i];

		if (ifc->name && strcmp(ifc->name, name) == 0 && !ifc->sandbox)
			return ifc;
	}
	return NULL;
}

int check_mac(const struct cni_interface *ifc, const struct rt_link *l,
	      struct cni_err *err)
{
	uint8_t mac[MAC_LEN];
	char text[MAC_STRLEN];

	if (!ifc->mac || (mac_parse(ifc->mac, mac) == 0 &&
			  memcmp(mac, l->mac, MAC_LEN) == 0))
		return 0;
	return cni_differs(err, "interface %s Mac %s doesn't match: %s",
			   l->name, ifc->mac, mac_format(l->mac, text));
}

int check_up(const struct rt_link *l, struct cni_err *err)
{
	return l->flags & IFF_UP ? 0 : cni_differs(err, "%s is down", l->name);
}

/*
 * Plugins after this one may have changed it, and said so in the result. That
 * of the container's end tuning changes without a word: what is configured
 * here (0: nothing) counts for the host's end alone.
 */
int check_mtu(const struct cni_interface *ifc, unsigned configured,
	      const struct rt_link *l, struct cni_err *err)
{
	unsigned want = ifc->mtu ? (unsigned)ifc->mtu : configured;

	if (!want || l->mtu == want)
		return 0;
	return cni_differs(err, "mtu of %s is %u, not %u", l->name, l->mtu,
			   want);
}

int check_inner(const struct sandbox *s, const struct cni_result *own,
		const char *kind, struct rt_link *ret, struct cni_err *err)
{
	const struct cni_call *call = s->call;
	const struct cni_interface *ifc = own->interfaces;
	const char *name = call->att.ifname;
	int r = rt_link_get(s->cont, name, ret);

	if (own->n_interfaces == 0)
		return cni_differs(
			err, "prevResult has no interface %s in the netns %s",
			name, call->netns);
	if (r == -ENODEV)
		return cni_differs(err,
				   "interface %s not found in the container",
				   name);
	if (r < 0)
		return rt_fail(err, s->cont, r, "could not lookup \"%s\"",
			       name);
	if (strcmp(ret->kind, kind) != 0)
		return cni_differs(err,
				   "container interface %s is not of type %s",
				   name, kind);
	return check_mac(ifc, ret, err) < 0 ? -1 : check_mtu(ifc, 0, ret, err);
}

int check_outer(const struct sandbox *s, const struct rt_link *cont,
		unsigned mtu, struct rt_link *ret, struct cni_err *err)
{
	int r = rt_link_get_index(s->host, cont->lower, ret);
	const struct cni_interface *ifc;

	if (r == -ENODEV || (r == 0 && ret->lower != cont->index))
		return cni_differs(err, "the host's end of %s was not found",
				   cont->name);
	if (r < 0)
		return rt_fail(err, s->host, r,
			       "could not look up the host's end of %s",
			       cont->name);
	ifc = check_listed(&s->call->conf.prev, ret->name);
	if (!ifc)
		return cni_differs(err,
				   "host interface %s is not in prevResult",
				   ret->name);
	if (check_up(ret, err) < 0 || check_mtu(ifc, mtu, ret, err) < 0)
		return -1;
	return check_mac(ifc, ret, err);
}
