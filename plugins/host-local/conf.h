/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - what the network configuration asks of host-local */
#ifndef HOST_LOCAL_CONF_H
#define HOST_LOCAL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "cni/cni.h"
#include "iplist.h"
#include "range.h"

/* where reservations are kept; all that DEL and GC need to know */
struct store_conf {
	const char *data_dir, *network; /* borrowed */
	bool reclaim;			/* reclaimOnReboot */
};

/* Zero-initialise before use. */
struct ipam {
	struct store_conf store;
	const char *resolv_conf; /* NULL where there is none */
	struct cni_result fixed; /* owned; what every ADD returns: routes */
	struct range_set *sets;	 /* owned; in the order of allocation */
	size_t n_sets;
	struct ip_list wanted; /* owned; requested, in the order given */
};

void ipam_done(struct ipam *c);

static inline void ipam_auto(struct ipam *c)
{
	ipam_done(c);
}

/*
 * Reads the whole configuration, and CNI_ARGS: everything there is to
 * validate, before anything is touched. Returns 0, or -1 and the reason in
 * err: code 7, or 4 for CNI_ARGS.
 */
int ipam_read(const struct cni_call *call, struct ipam *c, struct cni_err *err);

/*
 * Reads only where the store is. Reservations must be releasable when the
 * ranges they came from are gone or no longer validate. Returns 0, or -1 and
 * the reason in err (code 7).
 */
int ipam_read_store(const struct cni_call *call, struct store_conf *conf,
		    struct cni_err *err);

/*
 * Validates CNI_ARGS: the one key is IP. Sets *ret to the address asked for,
 * unset where there is none. Returns 0, or -1 and the reason in err (code 4).
 */
int ipam_read_args(const char *cni_args, struct ip_addr *ret,
		   struct cni_err *err);

#endif
