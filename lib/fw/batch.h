/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch.h - inside lib/fw: one transaction, planned on what was just read */
#ifndef CNI_FW_BATCH_H
#define CNI_FW_BATCH_H

#include <stdint.h>

#include "fw/fw.h"

/* a chain: family is NFPROTO_*, the strings are borrowed */
struct fw_chain {
	uint8_t family;
	const char *table, *name;
};

/* what makes it a base chain; nft: type T hook H priority P */
struct fw_hook {
	const char *type;
	uint32_t num;
	int32_t priority;
};

/*
 * Reads the ruleset and, within fw_change(), adds to the transaction. Returns
 * -errno (-ERESTART: changed while it was read) or what the caller is to get.
 */
typedef int (*fw_plan_fn)(struct fw *fw, void *arg);

/*
 * Runs look until it has seen one state of the ruleset. Returns what it
 * returned, or -EAGAIN after FW_TIMEOUT_MS.
 */
int fw_look(struct fw *fw, fw_plan_fn look, void *arg);

/*
 * Reads the generation of the ruleset, lets plan read it and fill the
 * transaction, and commits that in one send, on condition that the ruleset is
 * still of that generation; else all is done again. An empty transaction is
 * not sent. Returns what plan returned, or -errno: -EAGAIN as above,
 * -EMSGSIZE where the transaction is larger than FW_BATCH_MAX.
 */
int fw_change(struct fw *fw, fw_plan_fn plan, void *arg);
#define FW_BATCH_MAX (16u << 20)

/*
 * The same once, whatever generation the ruleset is of, and without asking for
 * it: for what is right beside any change of others. -ERESTART: the kernel's
 * answer got lost, as it does where hundreds of messages are refused; it may
 * have been carried out.
 */
int fw_change_any(struct fw *fw, fw_plan_fn plan, void *arg);

/*
 * Within plan: add one message. They report nothing; the first failure (no
 * memory, too large) stays with the transaction and fw_change() returns it.
 * Adding what is there already does nothing. comment may be NULL; kernels
 * before 5.10 do not keep it.
 */
void fw_add_table(struct fw *fw, uint8_t family, const char *table,
		  const char *comment);
void fw_add_chain(struct fw *fw, const struct fw_chain *chain,
		  const struct fw_hook *hook);
void fw_del_table(struct fw *fw, uint8_t family, const char *table);
/* with its rules; -EBUSY from fw_change() where another rule jumps to it */
void fw_del_chain(struct fw *fw, const struct fw_chain *chain);
void fw_del_rule(struct fw *fw, const struct fw_chain *chain, uint64_t handle);

/*
 * A rule at the end of the chain: begin, expressions (expr.h), end. The rule
 * is kept in fw meanwhile.
 */
void fw_rule_begin(struct fw *fw, const struct fw_chain *chain);
void fw_rule_end(struct fw *fw);
/* the same, but at the beginning of the chain */
void fw_rule_end_first(struct fw *fw);

/*
 * A message of another kind (set.h): its header, or NULL where one has failed;
 * the caller adds attributes, and the end puts it into the transaction.
 */
struct nlmsghdr *fw_message(struct fw *fw, uint16_t type, uint8_t family,
			    uint16_t flags);
void fw_message_end(struct fw *fw, const struct nlmsghdr *nlh);

/*
 * nft's form of a comment in user data: type, length, text and NUL. Type 0 is
 * the comment of tables, rules and elements alike. Returns c.
 */
struct fw_comment {
	uint8_t data[2 + 255];
	uint32_t len;
};
const struct fw_comment *fw_comment_make(struct fw_comment *c,
					 const char *text);

#endif
