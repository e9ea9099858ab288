// SPDX-License-Identifier: GPL-2.0-or-later
/* netlink.c - dumps, as a whole */
#include "netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"

#define DATAGRAM 65536
/* Where others change things all the time, a dump in between will be whole. */
#define TRIES 1000

/* A dump: all of its messages. */
struct answer {
	char *buf;
	size_t size, len;
	bool interrupted;
	int err;
};

int netlink_open(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int on = 1;

	if (fd < 0 && errno != EPROTONOSUPPORT)
		die("a netlink socket: %m");
	if (fd >= 0)
		(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
				 sizeof(on));
	return fd;
}

/* The negative errno that NLMSG_DONE and NLMSG_ERROR may have. */
static int error_of(const struct nlmsghdr *h)
{
	int err = 0;

	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(err)))
		memcpy(&err, NLMSG_DATA(h), sizeof(err));
	return err;
}

/* Keeps the messages of one datagram; returns whether it is the last one. */
static bool keep(struct answer *a, const char *buf, ssize_t n, uint32_t seq)
{
	const struct nlmsghdr *h = (const void *)buf;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_seq != seq)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			a->interrupted = true;
		if (h->nlmsg_type == NLMSG_DONE ||
		    h->nlmsg_type == NLMSG_ERROR) {
			a->err = error_of(h);
			return true;
		}
		memcpy(a->buf + a->len, h, h->nlmsg_len);
		a->len += NLMSG_ALIGN(h->nlmsg_len);
	}
	return false;
}

static void receive(int fd, uint32_t seq, struct answer *a)
{
	static char buf[DATAGRAM] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool done = false;

	a->len = 0;
	a->interrupted = false;
	while (!done) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_TRUNC);

		if (n < 0)
			die("netlink: recv: %m");
		if (n > (ssize_t)sizeof(buf))
			die("netlink: a datagram of %zd bytes", n);
		if (a->len + sizeof(buf) > a->size) {
			a->size = 2 * a->size + sizeof(buf);
			a->buf = realloc(a->buf, a->size);
			if (!a->buf)
				die("realloc: %m");
		}
		done = keep(a, buf, n, seq);
	}
}

/*
 * Whether there are none of a kind because the kernel does not know it. EINVAL
 * is what nfnetlink says without nf_tables; ENOENT, that a set is gone by now.
 */
static bool is_none(uint16_t type, int err)
{
	if (err == -EOPNOTSUPP || err == -EAFNOSUPPORT)
		return true;
	return type >> 8 && (err == -EINVAL || err == -ENOENT);
}

void netlink_dump(int fd, uint16_t type, const void *request, size_t len,
		  answer_fn fn, void *arg)
{
	static uint32_t seq;
	struct nlmsghdr h = { .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + len),
			      .nlmsg_type = type,
			      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP };
	struct answer a = { 0 };
	char buf[1024];
	int tries = 0;

	if (h.nlmsg_len > sizeof(buf))
		die("netlink: a request of %u bytes", h.nlmsg_len);
	do {
		h.nlmsg_seq = ++seq;
		memcpy(buf, &h, sizeof(h));
		memcpy(buf + NLMSG_HDRLEN, request, len);
		if (send(fd, buf, h.nlmsg_len, 0) < 0)
			die("netlink: send: %m");
		receive(fd, h.nlmsg_seq, &a);
		if (++tries == TRIES)
			die("netlink: no dump of type %u is whole", type);
	} while (a.interrupted);
	if (a.err && !is_none(type, a.err))
		die("netlink: a dump of type %u: %s", type, strerror(-a.err));
	for (size_t at = 0; at < a.len;) {
		const struct nlmsghdr *m = (const void *)(a.buf + at);

		fn(m, arg);
		at += NLMSG_ALIGN(m->nlmsg_len);
	}
	free(a.buf);
}

const void *netlink_behind(const struct nlmsghdr *h, size_t header,
			   size_t *ret_len)
{
	size_t off = NLMSG_HDRLEN + NLMSG_ALIGN(header);

	*ret_len = h->nlmsg_len > off ? h->nlmsg_len - off : 0;
	return (const char *)h + off;
}

const struct nlattr *netlink_next(const void **p, size_t *len)
{
	const struct nlattr *a = *p;
	size_t step;

	if (*len < NLA_HDRLEN)
		return NULL;
	if (a->nla_len < NLA_HDRLEN || a->nla_len > *len)
		die("netlink: an attribute that is too long");
	step = NLA_ALIGN(a->nla_len);
	if (step > *len)
		step = *len;
	*p = (const char *)*p + step;
	*len -= step;
	return a;
}

static const struct nlattr *find(const void *p, size_t len, unsigned type)
{
	const struct nlattr *a;

	while ((a = netlink_next(&p, &len)))
		if (netlink_type(a) == type)
			return a;
	return NULL;
}

const struct nlattr *netlink_find(const struct nlmsghdr *h, size_t header,
				  unsigned type)
{
	size_t len;
	const void *p = netlink_behind(h, header, &len);

	return find(p, len, type);
}

const struct nlattr *netlink_find_in(const struct nlattr *nest, unsigned type)
{
	if (!nest)
		return NULL;
	return find(netlink_data(nest), netlink_len(nest), type);
}
