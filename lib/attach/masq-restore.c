// SPDX-License-Identifier: GPL-2.0-or-later
/* masq-restore.c - masquerade of a network's other attachments */
#include "attach/masq-restore.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/masq-tag.h"
#include "attach/veths.h"
#include "base/auto.h"
#include "fw/masq.h"
#include "route/addr.h"

DEFINE_AUTO(masq, struct fw_masq *, free)

static bool is_masqueraded(const struct rt_link *link, const void *arg)
{
	(void)arg;
	return (link->tag & ~FIREWALL_TAG) == MASQ_TAG;
}

/* An address that an attachment was given: not by the kernel, nor a router. */
static bool is_given(const struct rt_addr *a)
{
	return a->scope == RT_SCOPE_UNIVERSE && a->flags & IFA_F_PERMANENT &&
	       !ip_is_link_local(&a->net.addr);
}

/* A DEL that has ended meanwhile did not see what was added since. */
static int forget_dead(struct rt *host, const struct rt_link *link,
		       const char *comment, const char *network, struct fw *fw)
{
	struct rt_link now;
	int r = rt_link_get_index(host, link->index, &now);

	if (r == 0 && strcmp(now.alias, link->alias) == 0)
		return 0;
	if (r == 0 || r == -ENODEV)
		r = fw_masq_unrestore(fw, comment, network);
	return r < 0 ? r : 0;
}

static int restore_one(struct rt *host, const struct rt_link *link,
		       const char *iif, const char *network, struct fw *fw)
{
	AUTO(masq) struct fw_masq *m = NULL;
	AUTO(addrs) struct rt_addr *list = NULL;
	char comment[CNI_COMMENT_LEN];
	size_t n = 0, k = 0;
	int r = rt_addr_list_in(host, link->peer_netns, link->lower, 0, &list,
				&n);

	/* it is gone meanwhile, or another user's */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!cni_alias_comment(link->alias, comment))
		return 0;
	m = calloc(n ? n : 1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (is_given(&list[i]))
			m[k++] = (struct fw_masq){ iif, list[i].net };
	r = fw_masq_restore(fw, comment, m, k);
	return r < 0 ? r : forget_dead(host, link, comment, network, fw);
}

/* Where this attachment's veth is: a port of the same bridge, or of none. */
static const struct rt_link *find_own(const struct cni_call *call,
				      const struct veths *living)
{
	for (size_t i = 0; i < living->n; i++)
		if (cni_alias_is(living->v[i].alias, &call->att))
			return &living->v[i];
	return NULL;
}

int masq_restore(const struct cni_call *call, const char *iif, struct fw *fw)
{
	const char *network = call->att.network;
	AUTO(veths) struct veths living = { 0 };
	AUTO(rt) struct rt *host = NULL;
	const struct rt_link *own;
	int r = rt_open(&host);

	if (r == 0)
		r = veths_list(host, network, is_masqueraded, NULL, &living);
	own = find_own(call, &living);
	for (size_t i = 0; i < living.n && own && r == 0; i++) {
		const struct rt_link *link = &living.v[i];

		if (link == own || link->peer_netns < 0 ||
		    link->master != own->master)
			continue;
		/* another ADD may have done the rest */
		r = fw_masq_known(fw, network);
		if (r != 0)
			break;
		r = restore_one(host, link, own->master ? iif : link->name,
				network, fw);
	}
	if (r == 0)
		return fw_masq_learn(fw, network);
	/* known by now; or removed once more: the next ADD will see that */
	return r == 1 || r == -ENOENT ? 0 : r;
}
