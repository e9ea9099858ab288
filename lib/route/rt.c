// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rt.c - one rtnetlink socket. libnl makes and parses the messages; the
 * receive loop is our own, because libnl's judges a request by the answer to
 * the one before once an acknowledgement was lost, and keeps no errno.
 */
#include "route/rt.h"

#include <errno.h>
#include <stdarg.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <netlink/attr.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "base/netns.h"

/* The kernel answers while it is asked: only an answer that is lost is late. */
#define ANSWER_TIMEOUT_S 5
/* datagrams that can be waiting, by far */
#define DRAIN_MAX 10000
/* more than the kernel puts into a datagram */
#define RX_SIZE 32768

/*
 * rx is what is received into, for as long as the socket: libnl takes and frees
 * a buffer for each answer, which with musl is a mapping each time.
 */
struct rt {
	struct nl_sock *sock;
	void *rx;
	char reason[256];
	bool lost;
};

/* libnl returns its own numbers, but leaves errno as the kernel set it. */
static int connect_route(struct nl_sock *sock)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	int fd;

	errno = 0;
	if (nl_connect(sock, NETLINK_ROUTE) < 0)
		return errno ? -errno : -ENOBUFS;
	fd = nl_socket_get_fd(sock);
	/* an old kernel may lack these: then there are fewer words, or a
	   filter is not applied, which every reader checks again */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &(int){ 1 },
			 sizeof(int));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &(int){ 1 },
			 sizeof(int));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &(int){ 1 },
			 sizeof(int));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) <
	    0)
		return -errno;
	return 0;
}

int rt_open(struct rt **ret)
{
	AUTO(rt) struct rt *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return -ENOMEM;
	rt->sock = nl_socket_alloc();
	rt->rx = malloc(RX_SIZE);
	if (!rt->sock || !rt->rx)
		return -ENOMEM;
	r = connect_route(rt->sock);
	if (r < 0)
		return r;
	*ret = TAKE(rt);
	return 0;
}

static int open_here(void *ret)
{
	return rt_open(ret);
}

int rt_open_at(int netns_fd, struct rt **ret)
{
	return ns_run(netns_fd, open_here, ret);
}

void rt_close(struct rt *rt)
{
	if (!rt)
		return;
	nl_socket_free(rt->sock);
	free(rt->rx);
	free(rt);
}

const char *rt_reason(const struct rt *rt)
{
	return rt->reason;
}

int rt_fail(struct cni_err *err, const struct rt *rt, int r, const char *fmt,
	    ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	cni_fail(err, CNI_EKERNEL, r, "%s", msg);
	if (rt && *rt_reason(rt))
		cni_detail(err, "%s", rt_reason(rt));
	return -1;
}

void rt_explain(struct rt *rt, const char *reason)
{
	if (!*rt->reason)
		snprintf(rt->reason, sizeof(rt->reason), "%s", reason);
}

bool rt_answer_lost(const struct rt *rt)
{
	return rt->lost;
}

struct nl_msg *rt_msg(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* The kernel's error numbers end at -4095; another one would have no text. */
static int error_number(int r)
{
	return r < -4095 ? -EBADMSG : r;
}

/* NLMSG_ERROR: the acknowledgement, with the extended acknowledgement's
 * sentence */
static int ack_error(struct rt *rt, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	size_t off = sizeof(*e);
	const struct nlattr *msg = NULL;

	if (nlmsg_datalen(h) < (int)sizeof(*e))
		return -EBADMSG;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		off += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (h->nlmsg_flags & NLM_F_ACK_TLVS &&
	    h->nlmsg_len > NLMSG_HDRLEN + off)
		msg = nla_find((const struct nlattr *)((const char *)e + off),
			       (int)(h->nlmsg_len - NLMSG_HDRLEN - off),
			       NLMSGERR_ATTR_MSG);
	if (msg && e->error)
		snprintf(rt->reason, sizeof(rt->reason), "%.*s", nla_len(msg),
			 (const char *)nla_data(msg));
	return error_number(e->error);
}

struct answer {
	uint32_t seq;
	rt_answer_fn fn;
	void *arg;
	int r;
	bool interrupted, done;
};

/* Reads a message of a datagram; a.done when it was the last one for us. */
static void judge(struct rt *rt, const struct nlmsghdr *h, struct answer *a)
{
	if (h->nlmsg_seq != a->seq)
		return;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		int r = 0;

		if (h->nlmsg_type == NLMSG_ERROR)
			r = ack_error(rt, h);
		else if (nlmsg_datalen(h) >= (int)sizeof(int))
			memcpy(&r, nlmsg_data(h), sizeof(r));
		a->done = true;
		if (r < 0)
			a->r = error_number(r);
	} else if (a->fn && a->r == 0) {
		a->r = a->fn(h, a->arg);
	}
}

/*
 * After an answer got lost, and after a dump was given up. A socket that was
 * full stays closed to answers, in silence, until everything is read.
 */
static void drain(struct rt *rt)
{
	int fd = nl_socket_get_fd(rt->sock);
	char byte;

	for (int i = 0; i < DRAIN_MAX; i++)
		if (recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN)
			return;
}

/* The next datagram, into rx. Returns its length, 0 if it is not the kernel's,
 * which alone is asked anything, or -errno. */
static int datagram(struct rt *rt)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = rt->rx, .iov_len = RX_SIZE };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1 };
	ssize_t n;

	do
		n = recvmsg(nl_socket_get_fd(rt->sock), &msg, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (n == 0 || msg.msg_flags & MSG_TRUNC)
		return -EIO;
	return from.nl_pid == 0 ? (int)n : 0;
}

static int receive(struct rt *rt, struct answer *a)
{
	while (!a->done) {
		struct nlmsghdr *h = rt->rx;
		int n = datagram(rt);

		if (n < 0) {
			drain(rt);
			return n;
		}
		for (; nlmsg_ok(h, n); h = nlmsg_next(h, &n))
			judge(rt, h, a);
	}
	return a->interrupted && a->r == 0 ? -EINTR : a->r;
}

int rt_get(struct rt *rt, struct nl_msg *msg, int bad, rt_answer_fn fn,
	   void *arg)
{
	struct answer a = { .fn = fn, .arg = arg };
	int r;

	rt->reason[0] = '\0';
	rt->lost = false;
	if (!msg)
		return -ENOMEM;
	if (bad) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	errno = 0;
	r = nl_send_auto(rt->sock, msg);
	a.seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	if (r < 0)
		return errno ? -errno : -EIO;
	r = receive(rt, &a);
	rt->lost = !a.done;
	return r;
}

int rt_call(struct rt *rt, struct nl_msg *msg, int bad)
{
	return rt_get(rt, msg, bad, NULL, NULL);
}

bool rt_retry(int r, unsigned *round)
{
	return r == -EINTR && ++*round < 100;
}

int rt_watch(unsigned group)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
				    .nl_groups = 1u << (group - 1) };
	AUTO(fd)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

long long rt_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int rt_await(int watch, long long deadline_ms)
{
	long long left = deadline_ms - rt_now_ms();
	struct pollfd pfd = { watch, POLLIN, 0 };
	char buf[4096];

	/* also where something is said without end */
	if (left <= 0)
		return -ETIMEDOUT;
	while (left > 0 && poll(&pfd, 1, (int)left) < 0) {
		if (errno != EINTR)
			return -errno;
		left = deadline_ms - rt_now_ms();
	}
	/* ENOBUFS, too much was said, is a reason to look as well */
	while (recv(watch, buf, sizeof(buf), 0) > 0)
		;
	return 0;
}
