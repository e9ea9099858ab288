/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-masq.h - for the tests of masquerade: two attachments and their addresses
 */
#ifndef FW_MASQ_H
#define FW_MASQ_H

#include "fw-test.h"
#include "fw/masq.h"

/* How many elements nft shows that have this in them. */
static inline int count(const char *text)
{
	return atoi(sh("nft list ruleset | grep -v 'flags\\|type' |"
		       " grep -oF -e '%s' | wc -l",
		       text));
}

static inline struct fw_masq at(const char *iif, const char *address)
{
	struct fw_masq m = { .iif = iif };

	EQ_INT(ip_net_parse(address, &m.address), 0);
	return m;
}

static const struct cni_attachment a = { "testnet", "ctr1", "eth0" };
static const struct cni_attachment b = { "testnet", "ctr2", "eth0" };

static inline int has(struct fw *fw, const struct cni_attachment *owner,
		      struct fw_masq m)
{
	size_t missing = 7;
	int r = fw_masq_has(fw, owner, &m, 1, &missing);

	EQ_INT(missing, r == 0 ? 0 : 7);
	return r;
}

#endif
