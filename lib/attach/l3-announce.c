// SPDX-License-Identifier: GPL-2.0-or-later
/* l3-announce.c - who knows an address by another MAC is told of the new one */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/l3.h"
#include "base/netns.h"
#include "base/sysctl.h"
#include "route/addr.h"

struct telling {
	const struct l3 *l;
	bool v4, v6;
};

static bool follows(const struct l3 *l, const struct ip_addr *ip)
{
	uint8_t mac[MAC_LEN];

	mac_of_ip(ip, mac);
	return memcmp(mac, l->mac, MAC_LEN) == 0;
}

/*
 * The host forgets the address where it knows it by another MAC, or by none:
 * it would wait before it asks again. Returns 1 for another MAC, 0 or -errno.
 */
static int forget(const struct l3 *l, const struct ip_addr *ip)
{
	uint8_t mac[MAC_LEN];
	int r = rt_neigh_get(l->s->host, l->segment->index, ip, mac);

	if (r == -ENOENT || (r == 0 && memcmp(mac, l->mac, MAC_LEN) == 0))
		return 0;
	if (r == 0)
		r = rt_neigh_del(l->s->host, l->segment->index, ip);
	if (r < 0 && r != -ENOENT)
		return r;
	return !mac_is_zero(mac);
}

static int find(struct telling *t)
{
	const struct l3 *l = t->l;

	for (size_t i = 0; i < l->own->n_ips; i++) {
		const struct ip_addr *ip = &l->own->ips[i].address.addr;
		int stale = l->segment ? forget(l, ip) : 0;

		if (stale < 0)
			return stale;
		if (!stale && !l->roaming && follows(l, ip))
			continue;
		if (ip->family == AF_INET)
			t->v4 = true;
		else
			t->v6 = true;
	}
	return 0;
}

/* Best effort, as in l3_prepare(). */
static int set_notify(void *arg)
{
	const struct telling *t = arg;
	const char *ifname = t->l->s->call->att.ifname;
	int sys = t->l->s->sys;

	if (t->v4)
		(void)sysctl_set_conf(sys, "ipv4", ifname, "arp_notify", "1");
	if (t->v6)
		(void)sysctl_set_conf(sys, "ipv6", ifname, "ndisc_notify", "1");
	return 0;
}

/*
 * A frame sent before the bridge forwards the port is lost, so it is not
 * before now that the kernel is to tell. Setting the MAC, even to the one it
 * has, makes it (NETDEV_CHANGEADDR).
 */
int l3_announce(const struct l3 *l, struct cni_err *err)
{
	struct telling t = { .l = l };
	int r = find(&t);

	if (r < 0)
		return rt_fail(err, l->s->host, r,
			       "cannot look for neighbours of %s",
			       l->segment->name);
	if (!t.v4 && !t.v6)
		return 0;
	(void)ns_run(l->s->call->sandbox, set_notify, &t);
	r = rt_link_set_mac(l->s->cont, l->index, l->mac);
	if (r < 0)
		return rt_fail(err, l->s->cont, r, "cannot announce \"%s\"",
			       l->s->call->att.ifname);
	return 0;
}
