/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l3.h - a link's addresses and routes in the sandbox */
#ifndef CNI_L3_H
#define CNI_L3_H

#include "attach/sandbox.h"
#include "route/link.h"
#include "route/route.h"

/*
 * What the kernel may take to put a link and its addresses to use. Its workers
 * for that take the rtnl lock, for all namespaces; on a busy machine a holder
 * of low priority has kept it from them for more than ten seconds. kubelet
 * gives an ADD two minutes.
 */
#define L3_SETTLE_TIMEOUT_MS 60000

/* The attachment's link in the sandbox, called CNI_IFNAME. */
struct l3 {
	const struct sandbox *s;
	int index;	    /* in the sandbox */
	const uint8_t *mac; /* MAC_LEN bytes */
	const struct cni_result *own;
	bool accepts_ra; /* a router of the network may configure it */
	bool dad; /* IPv6 addresses wait for duplicate address detection */
	bool by_gateway; /* the subnets are behind the gateways, and these on
			    the link: it has no neighbours but the host */
	bool prepared;	 /* by l3_prepare(), else l3_set_up() does it */
	const struct rt_link *port; /* the host's end, a bridge's port that is
				       waited for; NULL: none */
	const struct rt_link *segment; /* the host's link whose neighbours the
					  addresses are; NULL: none */
	bool roaming; /* another host may have had the addresses before */
};

/*
 * No container is the router of the link called name, in the namespace the
 * process is in (CVE-2020-10749). What /proc/sys does not allow is logged, and
 * no reason to fail: it is the host's owner who made it read-only.
 */
void refuse_ra(const struct sandbox *s, const char *name);

/*
 * Sets the link's sysctls that do not depend on addresses, where it may be up
 * before l3_set_up(). Best effort: a read-only /proc/sys must not end the ADD,
 * and nothing is lost but speed or a second guard, as NODAD is on the addresses
 * themselves.
 */
void l3_prepare(const struct l3 *l);

/* Within lib/attach: the same, by a process that is in the sandbox. */
int l3_set_sysctls(void *l);

/*
 * Within lib/attach, for by_gateway: the routes to gateways and subnets, and
 * CHECK of them. Each returns 0, or -1 with code 100, or 104.
 */
int l3_add_gateway_routes(const struct l3 *l, struct cni_err *err);
int l3_check_gateway_routes(const struct l3 *l, struct cni_err *err);

/*
 * Within lib/attach: whether the sandbox has that route. Returns 1, 0, or -1
 * with code 100.
 */
int l3_has_route(const struct l3 *l, const struct rt_route *route,
		 struct cni_err *err);

/*
 * Gives the link own's addresses and routes, and brings it up, whether or not
 * its other end is. A route without a gateway gets that of the first address of
 * its family. Returns 0, or -1 with code 100.
 */
int l3_bring_up(const struct l3 *l, struct cni_err *err);

/*
 * Waits, once the other end is up, until the link is up and has its link-local
 * address, the port forwards, and the kernel takes packets for each address.
 * Where duplicates are detected, a link without a carrier is waited for five
 * seconds, and then the kernel goes on by itself. Returns 0, or -1 with code
 * 100; if something has not come in L3_SETTLE_TIMEOUT_MS, or without a carrier
 * in five seconds, the details say what has.
 */
int l3_settle(const struct l3 *l, struct cni_err *err);

/* Within lib/attach: whether an address of own is an IPv6 one. */
bool l3_has_v6(const struct l3 *l);

/* Within lib/attach: adds to the details what the link is like. */
void l3_tell_link(struct rt *rt, int index, const char *name,
		  struct cni_err *err);

/*
 * Announces the addresses, by gratuitous ARP and unsolicited neighbour
 * advertisements, which go to every port of a bridge: so it is done where a
 * stale entry can exist. That is where the MAC does not follow from an address
 * (see mac_of_ip()); where the host knows the address by another one, an entry
 * that is removed; and where a switch may know the MAC at another host.
 * Returns 0, or -1 with code 100.
 */
int l3_announce(const struct l3 *l, struct cni_err *err);

/* Does l3_bring_up(), l3_settle() and l3_announce(), one after the other. */
int l3_set_up(const struct l3 *l, struct cni_err *err);

/*
 * CHECK: own's addresses are on the link, and all routes of prevResult are in
 * the sandbox, own's over the link. Returns 0, or -1 with code 104, or 100.
 */
int l3_check(const struct l3 *l, struct cni_err *err);

#endif
