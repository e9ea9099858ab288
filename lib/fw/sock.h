/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sock.h - inside lib/fw: the socket, and one request with its replies */
#ifndef CNI_FW_SOCK_H
#define CNI_FW_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <libnftnl/rule.h>

/* the kernel makes no part of a dump larger than this */
#define FW_RX_SIZE 32768
/* no request gets larger than this: it names a table and a chain */
#define FW_REQ_MAX 1024
/* no message of a batch gets larger than this */
#define FW_MSG_MAX 4096

struct fw_set;

struct fw {
	struct mnl_socket *sock;
	uint32_t seq; /* of the last message made */
	char reason[192];
	/* the transaction being built; batch.h */
	struct {
		char *buf;
		size_t len, size;
		size_t last;	/* offset of the last message */
		uint32_t first; /* sequence number of the first message */
		unsigned n;	/* messages between begin and end */
		int r;		/* the first failure to build it */
		/* of the last message, where it is a list of elements: whose,
		   and where in the message the list begins; set.c */
		const struct fw_set *of;
		uint16_t type;
		uint32_t list;
	} batch;
	struct nftnl_rule *rule; /* the rule being built; expr.h */
	char rx[FW_RX_SIZE] __attribute__((aligned(8)));
};

/* Takes a reply to a request. A negative return value becomes the request's. */
typedef int (*fw_reply_fn)(const struct nlmsghdr *nlh, void *arg);

/*
 * Sends len bytes in one piece. Returns 0 or -errno; -EMSGSIZE where the
 * socket's send buffer is too small.
 */
int fw_send(struct fw *fw, const void *buf, size_t len);

/*
 * Receives until the verdict on message last, or on first, after which there
 * are no others, giving data to fn (may be NULL). Replies to other requests
 * are skipped. Returns 0, the first error of the kernel or of fn, -ERESTART
 * where a dump was overtaken by a change or an answer got lost, so that all
 * has to be looked at again, or -ETIMEDOUT.
 */
int fw_wait(struct fw *fw, uint32_t first, uint32_t last, fw_reply_fn fn,
	    void *arg);

/*
 * A request of nf_tables and its replies. The header is made in buf by
 * fw_request_init(), the caller adds attributes, fw_request() sends and waits
 * as above.
 */
struct nlmsghdr *fw_request_init(struct fw *fw, char buf[FW_REQ_MAX],
				 uint16_t type, uint16_t family,
				 uint16_t flags);
int fw_request(struct fw *fw, const struct nlmsghdr *req, fw_reply_fn fn,
	       void *arg);

/* Reads the generation of the ruleset. Returns 0, -ERESTART or -errno. */
int fw_generation(struct fw *fw, uint32_t *ret);

#endif
