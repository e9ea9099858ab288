/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decode.h - inside lib/fw: a rule's expressions as matches and a verdict */
#ifndef CNI_FW_DECODE_H
#define CNI_FW_DECODE_H

#include <stdint.h>

#include <linux/netlink.h>

#include "fw/rule.h"

/*
 * The attributes of a nest (NULL: none) by their type, NULL for those that it
 * lacks. Borrowed from the message.
 */
#define FW_ATTRS 16 /* more than any nest has that is looked at */
struct fw_attrs {
	const struct nlattr *at[FW_ATTRS];
};
struct fw_attrs fw_attrs_in(const struct nlattr *nest);

/* What is missing or of another size is 0, "" or NULL. */
uint32_t fw_attr_u32(const struct nlattr *attr);
const char *fw_attr_text(const struct nlattr *attr);
const void *fw_attr_bytes(const struct nlattr *attr, uint32_t *len);

/* The bytes in a nest of kind NFTA_DATA; NULL and 0 if there are none. */
const uint8_t *fw_attr_value(const struct nlattr *data, uint32_t *len);

/*
 * Fills *ret from a rule as the kernel sent it: NFT_MSG_NEWRULE, in which the
 * header of nfnetlink is whole.
 */
void fw_decode_rule(const struct nlmsghdr *nlh, struct fw_rule *ret);

/*
 * The comment in user data (of a table, chain or rule) as text in buf, "" if
 * there is none. len is in bytes, data may be NULL.
 */
void fw_decode_comment(const void *data, uint32_t len,
		       char buf[FW_COMMENT_SIZE]);

#endif
