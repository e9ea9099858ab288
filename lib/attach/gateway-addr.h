/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway-addr.h - the addresses of gateways on a link that many share */
#ifndef CNI_GATEWAY_ADDR_H
#define CNI_GATEWAY_ADDR_H

#include "attach/sandbox.h"
#include "base/ipaddr.h"
#include "cni/undo.h"
#include "route/link.h"

/*
 * The addresses of an ADD's gateways on one link of the host, which other
 * attachments use too: DEL leaves them. All is borrowed.
 */
struct gateway_addrs {
	const struct sandbox *s;
	const struct rt_link *link;
	struct undo *undo;
	bool force;	     /* replace addresses that are in the way */
	unsigned n_replaced; /* these, out; 0 before */
	bool added;	     /* out: there is one that may not work yet, see
				gateway_wait() */
};

/*
 * Gives the link net, where it has not got it. An address whose subnet overlaps
 * is in the way, but one that is link-local: code 102, or with force it goes,
 * and comes back when the ADD fails, unless another attachment of the network
 * got to work with the new one. Returns 0, or -1, also with code 100.
 */
int gateway_addr_ensure(struct gateway_addrs *g, const struct ip_net *net,
			struct cni_err *err);

/*
 * Removes from the link what earlier gateways left there, with its route to
 * their subnet: a lasting address, whose subnet neither overlaps those of own
 * nor has an address of any container that is behind a port of bridge. With a
 * port of another kind than a container's veth, or one whose other end has no
 * address, nothing is known to be unused. All of it comes back when the ADD
 * fails. Returns 0, or -1 with code 100.
 */
int gateway_addr_drop_old(struct gateway_addrs *g, int bridge,
			  const struct cni_result *own, struct cni_err *err);

#endif
