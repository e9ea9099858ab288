/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipam-conf.h - what the configurations of IPAM plugins have in common */
#ifndef CNI_IPAM_CONF_H
#define CNI_IPAM_CONF_H

#include "cni/cni.h"

/*
 * Appends to res the routes of "ipam", which the configuration must have.
 * Returns 0, or -1 and the reason in err (code 7).
 */
int cni_ipam_routes(const struct cni_call *call, struct cni_result *res,
		    struct cni_err *err);

/*
 * Reads obj's member key, an address without a prefix, into *ret, which is left
 * alone where it is absent or empty. Returns 0, or -1 and the reason in err
 * (code 7).
 */
int cni_ipam_ip(cJSON *obj, const char *key, struct ip_addr *ret,
		struct cni_err *err);

/*
 * Calls fn with each text of the list "ips" of obj, which is args.cni or
 * runtimeConfig, or NULL: the addresses that the runtime asks for. Returns 0,
 * or -1 where fn did or, with code 7, the list is none of texts.
 */
int cni_ipam_each_ip(cJSON *obj,
		     int (*fn)(const char *text, void *arg,
			       struct cni_err *err),
		     void *arg, struct cni_err *err);

/*
 * Refuses more than one address of a family, of which there are v4 and v6, for
 * 0.1.0 and 0.2.0, whose results have no place for it. Returns 0, or -1 with
 * code 7.
 */
int cni_ipam_check_families(const struct cni_call *call, size_t v4, size_t v6,
			    struct cni_err *err);

#endif
