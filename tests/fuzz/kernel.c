// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel.c - a kernel whose answers are an input
 *
 * wrap: nl_send_auto recvmsg mnl_socket_sendto mnl_socket_recvfrom
 * wrap: rt_await setns getrandom sysctl_get sysctl_set sysctl_set_conf
 */
#include "kernel.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sanitizer/asan_interface.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "base/sysctl.h"
#include "route/rt.h"

static struct input answers;
static uint32_t first_seq, last_seq;
static struct nlmsghdr asked; /* the last message that was sent */
static char setting;	      /* what /proc/sys says */
static uint8_t random_byte;

void kernel_start(const uint8_t *p, size_t n)
{
	answers = (struct input){ p, n };
	setting = input_byte(&answers) & 1 ? '1' : '0';
	random_byte = 0;
}

bool kernel_done(void)
{
	return answers.n == 0;
}

/* --- what it says when the input is used up ------------------------------ */

static bool is_question(const struct nlmsghdr *h)
{
	unsigned type = h->nlmsg_type;

	/* rtnetlink has them as every fourth; nf_tables counts on */
	if (type >> 8 != NFNL_SUBSYS_NFTABLES)
		return (type - RTM_BASE) % 4 == 2;
	return type % 256 == NFT_MSG_GETRULE ||
	       type % 256 == NFT_MSG_GETCHAIN || type % 256 == NFT_MSG_GETTABLE;
}

static void *usual_answer(size_t *len)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} reply = { .h = { .nlmsg_seq = last_seq } };
	bool nft = asked.nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES;

	if ((asked.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP &&
	    is_question(&asked)) {
		reply.h.nlmsg_type = NLMSG_DONE;
		*len = sizeof(reply.h) + sizeof(int);
	} else {
		reply.h.nlmsg_type = NLMSG_ERROR;
		if (is_question(&asked))
			reply.e.error = nft ? -ENOENT : -ENODEV;
		*len = sizeof(reply);
	}
	reply.h.nlmsg_len = (uint32_t)*len;
	return copy_of((uint8_t *)&reply, *len);
}

/* --- what the input says -------------------------------------------------- */

static void put_seq(char *p, size_t n)
{
	while (n >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;
		size_t len;

		memcpy(&h, p, sizeof(h));
		if (h.nlmsg_seq <= 1)
			h.nlmsg_seq = h.nlmsg_seq ? first_seq : last_seq;
		memcpy(p, &h, sizeof(h));
		len = NLMSG_ALIGN((size_t)h.nlmsg_len);
		if (len < sizeof(h) || len > n)
			return;
		p += len;
		n -= len;
	}
}

/* The next datagram, owned and of exactly *len bytes but for a NUL. */
static char *answer(size_t *len)
{
	char *p;

	if (answers.n == 0)
		return usual_answer(len);
	*len = input_byte(&answers);
	*len |= (size_t)input_byte(&answers) << 8;
	if (*len > answers.n)
		*len = answers.n;
	p = copy_of(answers.p, *len);
	answers.p += *len;
	answers.n -= *len;
	put_seq(p, *len);
	return p;
}

/* Puts the next datagram into buf. What is behind it there may not be read. */
static ssize_t deliver(void *buf, size_t size)
{
	size_t len;
	char *p = answer(&len);
	bool fits = len <= size;

	ASAN_UNPOISON_MEMORY_REGION(buf, size);
	memcpy(buf, p, fits ? len : size);
	free(p);
	errno = ENOSPC;
	if (!fits)
		return -1;
	ASAN_POISON_MEMORY_REGION((char *)buf + len, size - len);
	errno = 0;
	return (ssize_t)len;
}

/* --- lib/route ------------------------------------------------------------ */

int __wrap_nl_send_auto(struct nl_sock *sk, struct nl_msg *msg);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
int __wrap_rt_await(int watch, long long deadline_ms);

int __wrap_nl_send_auto(struct nl_sock *sk, struct nl_msg *msg)
{
	nl_complete_msg(sk, msg);
	asked = *nlmsg_hdr(msg);
	first_seq = last_seq = asked.nlmsg_seq;
	return (int)asked.nlmsg_len;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec *to = msg->msg_iov;

	(void)fd;
	(void)flags;
	memcpy(msg->msg_name, &from, sizeof(from));
	return deliver(to->iov_base, to->iov_len);
}

/* Events come as long as there is something to say. */
int __wrap_rt_await(int watch, long long deadline_ms)
{
	(void)watch;
	(void)deadline_ms;
	return answers.n ? 0 : -ETIMEDOUT;
}

/* --- lib/fw --------------------------------------------------------------- */

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
				 size_t size);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
				   size_t size);

/* A request, or a transaction of which one message wants to be answered. */
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
				 size_t size)
{
	const struct nlmsghdr *h = req;
	int left = (int)size;

	(void)nl;
	MUST(mnl_nlmsg_ok(h, left));
	first_seq = h->nlmsg_seq;
	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		if (h != req && !(h->nlmsg_flags & NLM_F_ACK))
			continue;
		asked = *h;
		last_seq = h->nlmsg_seq;
	}
	MUST(left == 0);
	return (ssize_t)size;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
				   size_t size)
{
	(void)nl;
	return deliver(buf, size);
}

/* --- what else depends on the machine ------------------------------------- */

int __wrap_setns(int fd, int type);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);
int __wrap_sysctl_get(const char *name, char *ret, size_t size);
int __wrap_sysctl_set(const char *name, const char *value);
int __wrap_sysctl_set_conf(int sys, const char *family, const char *interface,
			   const char *key, const char *value);

int __wrap_setns(int fd, int type)
{
	(void)fd;
	(void)type;
	return 0;
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *p = buf;

	(void)flags;
	for (size_t i = 0; i < len; i++)
		p[i] = ++random_byte;
	return (ssize_t)len;
}

int __wrap_sysctl_get(const char *name, char *ret, size_t size)
{
	snprintf(ret, size, "%c", strstr(name, "accept_ra") ? '1' : setting);
	return 0;
}

int __wrap_sysctl_set(const char *name, const char *value)
{
	MUST(!strstr(name, "..") && strlen(value) < 16);
	return 0;
}

int __wrap_sysctl_set_conf(int sys, const char *family, const char *interface,
			   const char *key, const char *value)
{
	(void)sys;
	MUST(!strchr(family, '/') && !strchr(interface, '/'));
	MUST(strcmp(interface, ".") != 0 && strcmp(interface, "..") != 0);
	MUST(!strchr(key, '/') && strlen(value) < 16);
	return 0;
}
