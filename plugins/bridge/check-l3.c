// SPDX-License-Identifier: GPL-2.0-or-later
/* check-l3.c - CHECK: addresses and routes, gateways and masquerade */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/gateway.h"
#include "attach/l3.h"
#include "attach/masq.h"

static int find_gateway_link(struct br *br, struct cni_err *err)
{
	br->gw = br->bridge;
	if (!br->conf->is_gateway || !br->conf->vlan)
		return 0;
	return check_vlan_interface(br, err);
}

static int check_masquerade(struct br *br, const struct cni_result *own,
			    struct cni_err *err)
{
	char iif[IFNAMSIZ];

	if (br_find_masq_iif(br, iif, err) < 0)
		return -1;
	return masq_check(br->s.call, iif, own, err);
}

int check_l3(struct br *br, const struct cni_result *own, struct cni_err *err)
{
	struct l3 l = { .s = &br->s, .index = br->veth.cont, .own = own };

	if (l3_check(&l, err) < 0 || find_gateway_link(br, err) < 0)
		return -1;
	if (br->conf->is_gateway &&
	    gateway_check(&br->s, &br->gw, own, err) < 0)
		return -1;
	return br->conf->ip_masq ? check_masquerade(br, own, err) : 0;
}
