// SPDX-License-Identifier: GPL-2.0-or-later
/* shown.c - which of a network's attachments the kernel shows living */
#include "attach/shown.h"

#include <errno.h>
#include <string.h>

#include "attach/veths.h"
#include "base/json.h"

struct shown {
	const char *network;
	int master;	  /* where its veths are ports; 0: of no bridge */
	bool without_one; /* of the alias, so that it may be anybody's */
	cJSON *list;
};

/* Appends the attachment that an alias of the network names. */
static int add(struct shown *s, const char *alias)
{
	char text[CNI_OWNER_LEN];
	struct cni_attachment att;
	cJSON *obj;

	if (!cni_alias_read(alias, text, &att)) {
		s->without_one = true;
		return 0;
	}
	obj = cJSON_CreateObject();
	if (!cJSON_AddItemToArray(s->list, obj)) {
		cJSON_Delete(obj);
		return -ENOMEM;
	}
	if (!cJSON_AddStringToObject(obj, "containerID", att.id) ||
	    !cJSON_AddStringToObject(obj, "ifname", att.ifname))
		return -ENOMEM;
	return 0;
}

static int see(const struct rt_link *l, void *arg)
{
	struct shown *s = arg;

	if (cni_owner_in_network(l->alias, s->network))
		return add(s, l->alias);
	if (l->master == s->master && strncmp(l->alias, "cni:", 4) != 0)
		s->without_one = true;
	return 0;
}

static int read_links(struct rt *rt, const char *bridge, struct shown *s)
{
	struct rt_link br = { 0 };
	int r = bridge ? rt_link_get(rt, bridge, &br) : 0;

	if (r < 0 && r != -ENODEV)
		return r;
	s->master = r < 0 ? -1 : br.index;
	return rt_link_each(rt, "veth", see, s);
}

static int read_all(const struct cni_call *call, const char *bridge,
		    cJSON **list, struct cni_err *err)
{
	struct shown s = { .network = call->att.network };
	AUTO(json) cJSON *all = cJSON_CreateArray();
	AUTO(rt) struct rt *rt = NULL;
	int r = all ? rt_open(&rt) : -ENOMEM;

	s.list = all;
	if (r == 0)
		r = read_links(rt, bridge, &s);
	if (r < 0)
		return rt_fail(err, rt, r, "cannot look for what lives");
	if (!s.without_one)
		*list = TAKE(all);
	return 0;
}

int shown_on_bridge(const struct cni_call *call, const char *bridge,
		    cJSON **list, struct cni_err *err)
{
	return read_all(call, bridge, list, err);
}

int shown_alone(const struct cni_call *call, cJSON **list, struct cni_err *err)
{
	return read_all(call, NULL, list, err);
}

static bool is_other(const struct rt_link *link, const void *self)
{
	return !cni_alias_is(link->alias, self);
}

int shown_tell(const struct cni_call *call, struct cni_err *err)
{
	AUTO(veths) struct veths others = { 0 };
	AUTO(rt) struct rt *rt = NULL;
	int r = 0;

	if (err->code != CNI_EPOOL)
		return -1;
	r = rt_open(&rt);
	if (r == 0)
		r = veths_list(rt, call->att.network, is_other, &call->att,
			       &others);
	if (r == 0)
		cni_detail(err,
			   "%zu attachments of the network have an interface "
			   "here; GC, or DEL of those that are gone, releases "
			   "what the others hold",
			   others.n);
	return -1;
}
