/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rt.h - one rtnetlink socket: requests, answers, the kernel's reason */
#ifndef CNI_RT_H
#define CNI_RT_H

#include <linux/netlink.h>
#include <netlink/msg.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/err.h"

/*
 * A NETLINK_ROUTE socket. It belongs to the network namespace it was opened
 * in and works on that one wherever the process is. All rt_ functions return
 * 0, or -errno exactly as the kernel gave it; -ETIMEDOUT if it gave none.
 */
struct rt;

/* Opens in the caller's namespace. Returns 0 and an owned *ret, or -errno. */
int rt_open(struct rt **ret);
/* The same in the namespace of that descriptor; the caller stays outside. */
int rt_open_at(int netns_fd, struct rt **ret);
void rt_close(struct rt *rt);
DEFINE_AUTO(rt, struct rt *, rt_close)

/* The kernel's sentence about the last failure on this socket, or "". */
const char *rt_reason(const struct rt *rt);
/*
 * Reports a failed rtnetlink step with code 100: errno's text and the kernel's
 * own sentence become the details. rt may be NULL. Returns -1.
 */
int rt_fail(struct cni_err *err, const struct rt *rt, int r, const char *fmt,
	    ...) __attribute__((format(printf, 4, 5)));
/* Within lib/route: gives it one, where the kernel said nothing. */
void rt_explain(struct rt *rt, const char *reason);

/*
 * Whether the last request was sent and its verdict never came (-ENOBUFS, the
 * socket's buffer was full, say): it may have been done or not.
 */
bool rt_answer_lost(const struct rt *rt);

/*
 * A message of that type with its fixed header; NULL for lack of memory,
 * which rt_call() and rt_get() turn into -ENOMEM. Owned.
 */
struct nl_msg *rt_msg(int type, int flags, const void *header, size_t len);

/*
 * Sends msg (takes it, whatever happens) and waits for the verdict on its own
 * sequence number, so an answer to an earlier request cannot be taken for it.
 * bad is what building the attributes left behind: not 0 means that one did
 * not fit, and nothing is sent.
 */
int rt_call(struct rt *rt, struct nl_msg *msg, int bad);

/*
 * The same for a request that has answers: each is given to fn, whose first
 * result other than 0 is returned at the end. A dump that the kernel marked
 * as interrupted returns -EINTR; see rt_retry().
 */
typedef int (*rt_answer_fn)(const struct nlmsghdr *h, void *arg);
int rt_get(struct rt *rt, struct nl_msg *msg, int bad, rt_answer_fn fn,
	   void *arg);

/* Whether a dump that returned r shall be tried again; counts in *round. */
bool rt_retry(int r, unsigned *round);

/*
 * A socket that hears of changes to the group RTNLGRP_*, opened in the
 * caller's namespace. Returns a descriptor for rt_await(), or -errno.
 */
int rt_watch(unsigned group);

/*
 * Waits until something was heard on watch, and drops it: the caller looks
 * at the state itself. Returns 0, also at the deadline (CLOCK_MONOTONIC, in
 * milliseconds), for a last look: what was to be told of may have come without
 * a word. Returns -ETIMEDOUT where that has passed already, or -errno.
 */
int rt_await(int watch, long long deadline_ms);
long long rt_now_ms(void);

#endif
