/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw.h - one netfilter socket: open, close, the kernel's reason, a probe */
#ifndef CNI_FW_H
#define CNI_FW_H

#include "base/auto.h"
#include "base/err.h"

/*
 * A netfilter socket. It belongs to the network namespace it was opened in,
 * and the functions that take it must be called from that namespace: they
 * also look up interfaces by name. No function here starts a process, and
 * none keeps anything open but this one descriptor (close-on-exec).
 *
 * All fw_ functions return 0 or a positive answer, or -errno. Where two
 * processes change the ruleset at once, the kernel refuses the plan that was
 * made on the older one (NFNL_BATCH_GENID), and it is made anew, by one after
 * the other of those it happened to; -EAGAIN says that this went on for
 * FW_TIMEOUT_MS, -ETIMEDOUT that the kernel did not answer for as long. -EPERM:
 * no CAP_NET_ADMIN; -EINVAL or -EOPNOTSUPP from every function: a kernel
 * without nf_tables.
 */
struct fw;

#define FW_TIMEOUT_MS 20000

/* Opens a socket. Returns 0 and an owned *ret, or -errno. */
int fw_open(struct fw **ret);

/* Closes and frees; fw may be NULL. After a commit the kernel makes this wait
 * for an RCU grace period, more than 10 ms. */
void fw_close(struct fw *fw);
DEFINE_AUTO(fw, struct fw *, fw_close)

/*
 * The kernel's own sentence (extended ack) about the last failure on this
 * socket, or "". Borrowed, good until the next call.
 */
const char *fw_reason(const struct fw *fw);

/*
 * Reports a failed step, "cannot <step>", with code 100, or 11 for -EAGAIN:
 * errno's text and the kernel's own sentence become the details. fw may be
 * NULL. Returns -1.
 */
int fw_fail(struct cni_err *err, const struct fw *fw, int r, const char *step);

/*
 * fw_open() for those to which a kernel without nf_tables is one that holds no
 * rules. Returns 1, 0 where it is one, or -errno. *ret is owned, also after a
 * failure; NULL if it was before.
 */
int fw_open_any(struct fw **ret);

/*
 * For STATUS: 0 if the running kernel answers nf_tables requests, else
 * -errno. Reads only.
 */
int fw_usable(struct fw *fw);

#endif
