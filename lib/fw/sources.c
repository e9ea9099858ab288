// SPDX-License-Identifier: GPL-2.0-or-later
/* sources.c - whose addresses are in a zone of firewalld, which does not tell
 */
#include "fw/sources.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>

#include "fw/owned.h"

#define TABLE "cni_firewalld"

static const struct fw_set sources4 = { .family = NFPROTO_INET,
					.table = TABLE,
					.name = "sources4",
					.part = { FW_TYPE_IP4 },
					.data = { FW_TYPE_IFNAME } };
static const struct fw_set sources6 = { .family = NFPROTO_INET,
					.table = TABLE,
					.name = "sources6",
					.part = { FW_TYPE_IP6 },
					.data = { FW_TYPE_IFNAME } };
static const struct fw_set *const sets[] = { &sources4, &sources6, NULL };

struct notes {
	const char *iface;
	const struct ip_addr *ips;
	size_t n;
	char owner[CNI_COMMENT_LEN];
};

static const struct fw_set *set_of(const struct ip_addr *ip)
{
	return ip->family == AF_INET ? &sources4 : &sources6;
}

static int plan_add(struct fw *fw, void *arg)
{
	const struct notes *notes = arg;
	int r = 0;

	fw_add_table(fw, NFPROTO_INET, TABLE,
		     "CNI networks: whose addresses are in firewalld's zones");
	fw_add_set(fw, &sources4);
	fw_add_set(fw, &sources6);
	for (size_t i = 0; i < notes->n && r >= 0; i++) {
		const struct ip_addr *ip = &notes->ips[i];
		const struct fw_set *set = set_of(ip);
		struct fw_elem e = { 0 }, have;

		fw_elem_put(&e, ip->b, ip->b, ip_bytes(ip->family));
		fw_elem_put_data_ifname(&e, notes->iface);
		memcpy(e.comment, notes->owner, sizeof(notes->owner));
		r = fw_elem_get(fw, set, &e, &have);
		if (r == 1 && fw_elem_same(&have, &e))
			continue;
		if (r == 1)
			fw_del_elem(fw, set, &have);
		fw_add_elem(fw, set, &e);
	}
	return r < 0 ? r : 0;
}

int fw_sources_add(struct fw *fw, const struct cni_attachment *att,
		   const char *iface, const struct ip_addr *ips, size_t n)
{
	struct notes notes = { .iface = iface, .ips = ips, .n = n };

	cni_owner(att, notes.owner, sizeof(notes.owner));
	return fw_change(fw, plan_add, &notes);
}

static bool is_among(const struct fw_elem *e, const struct fw_whose *whose)
{
	for (size_t i = 0; i < whose->n_ips; i++) {
		const struct ip_addr *ip = &whose->ips[i];

		if (ip_bytes(ip->family) == e->len &&
		    memcmp(ip->b, e->key, e->len) == 0)
			return true;
	}
	return whose->n_ips == 0;
}

static bool is_gone(const struct fw_elem *e, const void *arg)
{
	char name[IFNAMSIZ + 1] = "";

	memcpy(name, e->data, IFNAMSIZ);
	return *name && is_among(e, arg) && if_nametoindex(name) == 0 &&
	       errno == ENODEV;
}

static int select_owned(struct fw_owned *o, const struct fw_whose *whose)
{
	char owner[CNI_COMMENT_LEN];

	if (!whose->network) {
		fw_owned_init(o, sets, "-", "-"); /* nobody's by this name */
		o->wanted = is_gone;
		o->arg = whose;
		return 0;
	}
	if (!whose->att)
		return fw_owned_gc(o, sets, whose->network, whose->valid,
				   whose->n_valid);
	cni_owner(whose->att, owner, sizeof(owner));
	fw_owned_init(o, sets, owner, whose->network);
	return 0;
}

static int look(struct fw *fw, void *arg)
{
	return fw_owned_find(fw, arg);
}

int fw_sources_list(struct fw *fw, const struct fw_whose *whose,
		    struct ip_addr **ret, size_t *ret_n)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };
	int r = select_owned(&o, whose);

	if (r == 0)
		r = fw_look(fw, look, &o);
	if (r < 0)
		return r;
	*ret = calloc(o.n + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < o.n; i++) {
		struct ip_addr *ip = &(*ret)[i];

		ip->family = o.v[i].set == &sources4 ? AF_INET : AF_INET6;
		memcpy(ip->b, o.v[i].elem.key, ip_bytes(ip->family));
	}
	*ret_n = o.n;
	return 0;
}

static int look_for_ip(struct fw *fw, void *arg)
{
	const struct ip_addr *ip = arg;
	struct fw_elem e = { 0 }, have;

	fw_elem_put(&e, ip->b, ip->b, ip_bytes(ip->family));
	return fw_elem_get(fw, set_of(ip), &e, &have);
}

int fw_sources_has(struct fw *fw, const struct ip_addr *ip)
{
	struct ip_addr copy = *ip;

	return fw_look(fw, look_for_ip, &copy);
}

static int plan_del(struct fw *fw, void *arg)
{
	struct fw_owned *o = arg;
	int r = fw_owned_find(fw, o);

	if (r < 0 || o->n == 0)
		return r;
	r = o->n_kept == 0 ? fw_table_use(fw, NFPROTO_INET, TABLE) : 0;
	if (r == 2) {
		fw_del_table(fw, NFPROTO_INET, TABLE);
		return 0;
	}
	for (size_t i = 0; i < o->n; i++)
		fw_del_elem(fw, o->v[i].set, &o->v[i].elem);
	return r < 0 ? r : 0;
}

int fw_sources_del(struct fw *fw, const struct fw_whose *whose)
{
	AUTO(fw_owned) struct fw_owned o = { 0 };
	int r = select_owned(&o, whose);

	return r < 0 ? r : fw_change(fw, plan_del, &o);
}

static int look_for_firewalld(struct fw *fw, void *arg)
{
	(void)arg;
	return fw_table_use(fw, NFPROTO_INET, "firewalld");
}

int fw_has_firewalld(struct fw *fw)
{
	int r = fw_look(fw, look_for_firewalld, NULL);

	return r < 0 ? r : r > 0;
}
