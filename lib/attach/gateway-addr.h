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

#endif
