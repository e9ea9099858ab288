/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge-refused.h - bridge while the kernel refuses a request, an answer gets
 * lost, or somebody else is faster
 */
#ifndef BRIDGE_REFUSED_H
#define BRIDGE_REFUSED_H

#define TAP_DEADLINE 300 /* a call for each request of a call */
#include "bridge-ipam.h"

#include <linux/netlink.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define DUAL                                                                   \
	"\"ips\":[{\"address\":\"10.9.0.2/24\"},{\"address\":\"fd09::2/64\"}]"
#define KEYS                                                                   \
	"\"isGateway\":true,\"ipMasq\":true,\"macspoofchk\":true,"             \
	"\"hairpinMode\":true,"

/* --- the kernel, as it is told to be ---------------------------------------
 */

static bool counting;
static int requests;  /* so many were counted */
static int refuse_at; /* that one fails, with this: */
static int refuse_with;
static int lose_at; /* or its answer does */
static bool lost;
static uint16_t refused; /* of this type */

/* Before the nth request of that type somebody else does something. */
static uint16_t meddle_type;
static int meddle_at;
static const char *meddle_how;

static inline void meddle(const struct nlmsghdr *h)
{
	if (meddle_how && h->nlmsg_type == meddle_type && --meddle_at == 0)
		sh("%s", meddle_how);
}

/* Whether it fails; then errno says how. */
static inline bool fails_now(const struct nlmsghdr *h)
{
	if (!counting)
		return false;
	lost = ++requests == lose_at;
	if (lost || requests == refuse_at)
		refused = h->nlmsg_type;
	if (requests != refuse_at)
		return false;
	errno = refuse_with;
	return true;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	meddle(msg->msg_iov[0].iov_base);
	return fails_now(msg->msg_iov[0].iov_base)
		       ? -1
		       : syscall(SYS_sendmsg, fd, msg, flags);
}

/* sendto() writes to netfilter's socket alone. */
ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	return fails_now(buf)
		       ? -1
		       : syscall(SYS_sendto, fd, buf, len, flags, to, to_len);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (!lost)
		return syscall(SYS_recvmsg, fd, msg, flags);
	lost = false;
	errno = EIO;
	return -1;
}

/* --- calls ------------------------------------------------------------------
 */

/* A call takes long, as the kernel waits for a grace period: so many share. */
#define SHARES 5

static inline int run_failing(const char *verb, const char *conf, int n,
			      int with)
{
	int r;

	requests = 0;
	refuse_at = with ? n : 0;
	lose_at = with ? 0 : n;
	refuse_with = with;
	counting = true;
	r = run(verb, conf);
	counting = false;
	lost = false;
	refuse_at = lose_at = 0;
	return r;
}

/* The configuration with what a runtime adds to it after that ADD. */
static inline const char *with_result(const char *conf)
{
	static char buf[sizeof(out) + 4096];

	snprintf(buf, sizeof(buf),
		 "%.*s, \"prevResult\": %s, "
		 "\"cni.dev/valid-attachments\": []}",
		 (int)strlen(conf) - 1, conf, out);
	return buf;
}

static const char *ipam_type = "static"; /* of the IPAM plugin */

static inline const char *conf_of(const char *keys)
{
	static char buf[2048];
	const char *c = ipam_conf(keys, ipam_type, DUAL);

	/* GC is of this version */
	snprintf(buf, sizeof(buf), "{\"cniVersion\":\"1.1.0\"%s",
		 strchr(c, ','));
	return buf;
}

static inline bool nothing_left(void)
{
	seen[0] = '\0';
	look("");
	return strcmp(seen, ":;") == 0;
}

/* A host that knows the network. */
static inline const char *start(const char *keys)
{
	const char *c = conf_of(keys);

	ipam_host();
	if (run("ADD", c) != 0 || run("DEL", c) != 0) {
		OK(!"a call without a fault failed");
		printf("# %s\n", out);
	}
	return c;
}

#endif
