/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - the portmap plugin's own configuration */
#ifndef PORTMAP_CONF_H
#define PORTMAP_CONF_H

#include "cni/keys.h"
#include "fw/portmap.h"

struct conf {
	const char *backend; /* NULL: either */
	bool snat, masq_all;
	int64_t mark_bit;
	const char *mark_chain;	  /* NULL: none */
	cJSON *conditions[2];	  /* of IPv4 and IPv6; NULL: none */
	struct fw_match *only[2]; /* owned: the same, read */
	size_t n_only[2];
	struct fw_port *v; /* owned: what is to be mapped */
	size_t n;
	bool local; /* 127.0.0.0/8 is to be let out */
};

extern const struct cni_key portmap_keys[];

/*
 * Reads what no key alone tells, and the mappings, for the addresses that
 * prevResult has for the attachment. Returns 0, or -1 with code 7, or 2 for
 * what cannot be had.
 */
int portmap_conf_read(const struct cni_call *call, void *own,
		      struct cni_err *err);
void portmap_conf_done(void *own);

#endif
