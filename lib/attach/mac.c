// SPDX-License-Identifier: GPL-2.0-or-later
/* mac.c - the MAC of the sandbox's link follows from its address */
#include "attach/mac.h"

#include <string.h>
#include <sys/socket.h>

#include "route/link.h"

static const struct ip_addr *first(const struct cni_result *own,
				   unsigned family)
{
	for (size_t i = 0; i < own->n_ips; i++)
		if (own->ips[i].address.addr.family == family)
			return &own->ips[i].address.addr;
	return NULL;
}

struct cni_mac mac_choose(const struct cni_mac *asked,
			  const struct cni_result *own)
{
	const struct ip_addr *ip = first(own, AF_INET);
	struct cni_mac mac = *asked;

	if (!ip)
		ip = first(own, AF_INET6);
	if (mac.given || !ip)
		return mac;
	mac.given = true;
	mac_of_ip(ip, mac.b);
	return mac;
}

int mac_follow(const struct sandbox *s, int index, const struct cni_mac *asked,
	       const struct cni_result *own, uint8_t mac[MAC_LEN],
	       struct cni_err *err)
{
	const struct cni_mac want = mac_choose(asked, own);
	struct rt_link link;
	int r;

	if (!want.given || memcmp(want.b, mac, MAC_LEN) == 0)
		return 0;
	r = rt_link_get_index(s->cont, index, &link);
	if (r == 0 && link.flags & IFF_UP)
		return 0;
	if (r == 0)
		r = rt_link_set_mac(s->cont, index, want.b);
	if (r < 0)
		return rt_fail(err, s->cont, r,
			       "cannot set the MAC address of \"%s\"",
			       s->call->att.ifname);
	memcpy(mac, want.b, MAC_LEN);
	return 0;
}
