// SPDX-License-Identifier: GPL-2.0-or-later
/* batch.c - one transaction, planned on what was just read */
#include "fw/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

#include "base/auto.h"
#include "base/fs.h"
#include "fw/sock.h"

/* more than this does not fit every system's default send buffer */
#define SNDBUF_SURE 65536

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Anybody in the namespace may have the lock, and who has it may be stopped. */
#define TURN_MS 3000

/*
 * Waits for the turn of one whose plan was overtaken: a lock on the network
 * namespace's own file, which needs no place and goes with its holder. Without
 * turns those who come and go at once overtake each other for longer than
 * anybody waits. Returns the lock's descriptor, owned; -1 where there is none
 * (no /proc), or not in time, and then the plan is made again all the same.
 */
static int wait_for_turn(void)
{
	AUTO(fd) int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fs_lock(fd, TURN_MS) == 0 ? TAKE_FD(fd) : -1;
}

static int again(struct fw *fw, fw_plan_fn fn, void *arg, bool in_turn)
{
	long long deadline = now_ms() + FW_TIMEOUT_MS;
	AUTO(fd) int turn = -1;
	int r = fn(fw, arg);

	while (r == -ERESTART && now_ms() < deadline) {
		if (in_turn && turn < 0)
			turn = wait_for_turn();
		r = fn(fw, arg);
	}
	return r == -ERESTART ? -EAGAIN : r;
}

int fw_look(struct fw *fw, fw_plan_fn look, void *arg)
{
	int r;

	/* rules are built to compare with, too */
	fw->batch.r = 0;
	r = again(fw, look, arg, false);
	return r >= 0 && fw->batch.r < 0 ? fw->batch.r : r;
}

/* Room for one more message, or NULL. */
static char *tail(struct fw *fw)
{
	size_t size = fw->batch.size ? fw->batch.size * 2 : 4 * FW_MSG_MAX;
	char *buf;

	if (fw->batch.r < 0)
		return NULL;
	if (fw->batch.size - fw->batch.len >= FW_MSG_MAX)
		return fw->batch.buf + fw->batch.len;
	if (size > FW_BATCH_MAX) {
		snprintf(fw->reason, sizeof(fw->reason),
			 "a transaction has at most %u MiB",
			 FW_BATCH_MAX >> 20);
		fw->batch.r = -EMSGSIZE;
		return NULL;
	}
	buf = realloc(fw->batch.buf, size);
	if (!buf) {
		fw->batch.r = -ENOMEM;
		return NULL;
	}
	/* libmnl does not clear the padding after an attribute */
	memset(buf + fw->batch.size, 0, size - fw->batch.size);
	fw->batch.buf = buf;
	fw->batch.size = size;
	return buf + fw->batch.len;
}

void fw_message_end(struct fw *fw, const struct nlmsghdr *nlh)
{
	fw->batch.last = fw->batch.len;
	fw->batch.len += NLMSG_ALIGN(nlh->nlmsg_len);
	fw->batch.n++;
	fw->batch.of = NULL;
}

/* gen NULL: whatever generation the ruleset is of. */
static void begin(struct fw *fw, const uint32_t *gen)
{
	struct nlmsghdr *nlh;
	char *p;

	fw->batch.len = 0;
	fw->batch.r = 0;
	p = tail(fw);
	if (!p)
		return;
	fw->batch.first = ++fw->seq;
	nlh = nftnl_batch_begin(p, fw->seq);
	if (gen)
		mnl_attr_put_u32(nlh, NFNL_BATCH_GENID, htonl(*gen));
	fw_message_end(fw, nlh);
	fw->batch.n = 0;
}

/*
 * Only the last message asks for an acknowledgement: errors come unasked, in
 * the order of the messages, so its answer is the last of all. The kernel
 * refuses the transaction as a whole in an answer to the first.
 */
static int commit(struct fw *fw)
{
	struct nlmsghdr *last;
	uint32_t seq;
	char *p = tail(fw);
	int r;

	if (!p)
		return fw->batch.r;
	last = (struct nlmsghdr *)(fw->batch.buf + fw->batch.last);
	last->nlmsg_flags |= NLM_F_ACK;
	seq = last->nlmsg_seq;
	fw_message_end(fw, nftnl_batch_end(p, ++fw->seq));
	if (fw->batch.len > SNDBUF_SURE) {
		int len = (int)fw->batch.len;

		/* if this fails, sending does */
		setsockopt(mnl_socket_get_fd(fw->sock), SOL_SOCKET,
			   SO_SNDBUFFORCE, &len, sizeof(len));
	}
	fw->reason[0] = '\0';
	r = fw_send(fw, fw->batch.buf, fw->batch.len);
	if (r < 0)
		return r;
	return fw_wait(fw, fw->batch.first, seq, NULL, NULL);
}

struct change {
	fw_plan_fn plan;
	void *arg;
};

static int carry_out(struct fw *fw, const struct change *c, const uint32_t *gen)
{
	int r, res;

	begin(fw, gen);
	res = c->plan(fw, c->arg);
	if (res < 0)
		return res;
	if (fw->batch.r < 0)
		return fw->batch.r;
	if (fw->batch.n == 0)
		return res;
	r = commit(fw);
	return r < 0 ? r : res;
}

/*
 * The kernel counts a transaction before it shows it: what is read meanwhile
 * is of the generation before, and the one planned on it would not be refused.
 * An empty one waits for it, and changes and answers nothing.
 */
static int settle(struct fw *fw)
{
	char *p;

	begin(fw, NULL);
	p = tail(fw);
	if (!p)
		return fw->batch.r;
	fw_message_end(fw, nftnl_batch_end(p, ++fw->seq));
	return fw_send(fw, fw->batch.buf, fw->batch.len);
}

static int change(struct fw *fw, void *arg)
{
	uint32_t gen = 0;
	int r = fw_generation(fw, &gen);

	if (r == 0)
		r = settle(fw);
	return r < 0 ? r : carry_out(fw, arg, &gen);
}

int fw_change(struct fw *fw, fw_plan_fn plan, void *arg)
{
	struct change c = { plan, arg };

	return again(fw, change, &c, true);
}

int fw_change_any(struct fw *fw, fw_plan_fn plan, void *arg)
{
	const struct change c = { plan, arg };

	return carry_out(fw, &c, NULL);
}

struct nlmsghdr *fw_message(struct fw *fw, uint16_t type, uint8_t family,
			    uint16_t flags)
{
	char *p = tail(fw);

	if (!p)
		return NULL;
	return nftnl_nlmsg_build_hdr(p, type, family, flags, ++fw->seq);
}

const struct fw_comment *fw_comment_make(struct fw_comment *c, const char *text)
{
	size_t len = strlen(text) + 1;

	_Static_assert(NFTNL_UDATA_TABLE_COMMENT == 0 &&
			       NFTNL_UDATA_CHAIN_COMMENT == 0 &&
			       NFTNL_UDATA_RULE_COMMENT == 0 &&
			       NFTNL_UDATA_SET_ELEM_COMMENT == 0,
		       "type 0 is the comment");
	if (len > 254)
		len = 254;
	c->data[0] = 0;
	c->data[1] = (uint8_t)len;
	memcpy(c->data + 2, text, len - 1);
	c->data[1 + len] = '\0';
	c->len = (uint32_t)len + 2;
	return c;
}

static void table_message(struct fw *fw, uint16_t type, uint16_t flags,
			  uint8_t family, const char *table,
			  const char *comment)
{
	struct nlmsghdr *nlh = fw_message(fw, type, family, flags);
	struct nftnl_table *t = nlh ? nftnl_table_alloc() : NULL;
	struct fw_comment c;

	if (!nlh)
		return;
	if (!t || nftnl_table_set_str(t, NFTNL_TABLE_NAME, table) < 0 ||
	    (comment && fw_comment_make(&c, comment) &&
	     nftnl_table_set_data(t, NFTNL_TABLE_USERDATA, c.data, c.len) < 0))
		fw->batch.r = -ENOMEM;
	if (fw->batch.r == 0) {
		nftnl_table_nlmsg_build_payload(nlh, t);
		fw_message_end(fw, nlh);
	}
	if (t)
		nftnl_table_free(t);
}

void fw_add_table(struct fw *fw, uint8_t family, const char *table,
		  const char *comment)
{
	table_message(fw, NFT_MSG_NEWTABLE, NLM_F_CREATE, family, table,
		      comment);
}

void fw_del_table(struct fw *fw, uint8_t family, const char *table)
{
	table_message(fw, NFT_MSG_DELTABLE, 0, family, table, NULL);
}

/* No policy: it is accept for a new chain and not ours to change later. */
static int chain_fill(struct nftnl_chain *c, const struct fw_chain *chain,
		      const struct fw_hook *hook)
{
	if (nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, chain->table) < 0 ||
	    nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name) < 0)
		return -ENOMEM;
	if (hook) {
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, hook->num);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, hook->priority);
		/* this one it sets to NULL in silence if there is no memory */
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, hook->type);
		if (!nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE))
			return -ENOMEM;
	}
	return 0;
}

static void chain_message(struct fw *fw, uint16_t type, uint16_t flags,
			  const struct fw_chain *chain,
			  const struct fw_hook *hook)
{
	struct nlmsghdr *nlh = fw_message(fw, type, chain->family, flags);
	struct nftnl_chain *c = nlh ? nftnl_chain_alloc() : NULL;

	if (!nlh)
		return;
	fw->batch.r = c ? chain_fill(c, chain, hook) : -ENOMEM;
	if (fw->batch.r == 0) {
		nftnl_chain_nlmsg_build_payload(nlh, c);
		fw_message_end(fw, nlh);
	}
	if (c)
		nftnl_chain_free(c);
}

void fw_add_chain(struct fw *fw, const struct fw_chain *chain,
		  const struct fw_hook *hook)
{
	chain_message(fw, NFT_MSG_NEWCHAIN, NLM_F_CREATE, chain, hook);
}

void fw_del_chain(struct fw *fw, const struct fw_chain *chain)
{
	chain_message(fw, NFT_MSG_DELCHAIN, 0, chain, NULL);
}

void fw_rule_begin(struct fw *fw, const struct fw_chain *chain)
{
	if (fw->rule)
		nftnl_rule_free(fw->rule);
	fw->rule = nftnl_rule_alloc();
	if (!fw->rule ||
	    nftnl_rule_set_str(fw->rule, NFTNL_RULE_TABLE, chain->table) < 0 ||
	    nftnl_rule_set_str(fw->rule, NFTNL_RULE_CHAIN, chain->name) < 0) {
		fw->batch.r = -ENOMEM;
		return;
	}
	nftnl_rule_set_u32(fw->rule, NFTNL_RULE_FAMILY, chain->family);
}

static void rule_message(struct fw *fw, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh;

	if (fw->batch.r < 0)
		return;
	nlh = fw_message(fw, type,
			 (uint8_t)nftnl_rule_get_u32(fw->rule,
						     NFTNL_RULE_FAMILY),
			 flags);
	if (!nlh)
		return;
	nftnl_rule_nlmsg_build_payload(nlh, fw->rule);
	fw_message_end(fw, nlh);
}

void fw_rule_end(struct fw *fw)
{
	rule_message(fw, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
}

void fw_rule_end_first(struct fw *fw)
{
	rule_message(fw, NFT_MSG_NEWRULE, NLM_F_CREATE);
}

void fw_del_rule(struct fw *fw, const struct fw_chain *chain, uint64_t handle)
{
	fw_rule_begin(fw, chain);
	if (fw->batch.r == 0)
		nftnl_rule_set_u64(fw->rule, NFTNL_RULE_HANDLE, handle);
	rule_message(fw, NFT_MSG_DELRULE, 0);
}
