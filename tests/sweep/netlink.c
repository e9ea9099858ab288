// SPDX-License-Identifier: GPL-2.0-or-later
/* netlink.c - dumps, without a library that the plugins use as well */
#include "netlink.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"

struct text {
	char *buf;
	size_t size, len;
};

int netlink_open(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int on = 1;

	if (fd >= 0)
		(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
				 sizeof(on));
	return fd;
}

/* Returns whether that was the last datagram of the dump. */
static bool take(const char *buf, ssize_t n, uint32_t seq, bool *again,
		 answer_fn fn, void *arg)
{
	const struct nlmsghdr *h = (const void *)buf;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_seq != seq)
			continue;
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			*again = true;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return true;
		fn(h, arg);
	}
	return false;
}

void netlink_dump(int fd, uint16_t type, const void *request, size_t len,
		  answer_fn fn, void *arg)
{
	static char buf[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	static uint32_t seq;
	struct nlmsghdr h = { .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + len),
			      .nlmsg_type = type,
			      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			      .nlmsg_seq = ++seq };
	bool done = false, again = false;

	memcpy(buf, &h, sizeof(h));
	memcpy(buf + NLMSG_HDRLEN, request, len);
	if (send(fd, buf, h.nlmsg_len, 0) < 0)
		die("netlink: send: %m");
	while (!done) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0)
			die("netlink: recv: %m");
		done = take(buf, n, h.nlmsg_seq, &again, fn, arg);
	}
	/* nobody else is here to change anything meanwhile */
	if (again)
		die("a dump was interrupted");
}

__attribute__((format(printf, 2, 3))) static void print(struct text *t,
							const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
	if (t->len >= t->size)
		die("an object of more than %zu bytes of text", t->size);
}

static bool is_text(const unsigned char *p, size_t len)
{
	if (len < 2 || p[len - 1])
		return false;
	for (size_t i = 0; i < len - 1; i++)
		if (!isprint(p[i]))
			return false;
	return true;
}

static void print_value(struct text *t, const void *data, size_t len)
{
	const unsigned char *p = data;

	if (is_text(p, len)) {
		print(t, "\"%s\"", (const char *)data);
		return;
	}
	for (size_t i = 0; i < len; i++)
		print(t, "%02x", p[i]);
}

static enum rule_kind rule_of(const struct format *f, uint32_t path)
{
	for (const struct rule *r = f->rules; r->kind; r++)
		if (r->path == path)
			return r->kind;
	return 0;
}

static void print_attrs(const struct format *f, struct text *t,
			const void *data, size_t len, uint32_t above)
{
	const char *p = data;

	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)p;
		uint32_t type = a->nla_type & NLA_TYPE_MASK;
		uint32_t path = above << 8 | type;
		enum rule_kind kind = rule_of(f, path);
		size_t step = NLA_ALIGN(a->nla_len);
		uint32_t index;

		if (a->nla_len < NLA_HDRLEN || a->nla_len > len)
			die("netlink: an attribute that is too long");
		if (kind == RULE_NEST) {
			print(t, " %u={", type);
			print_attrs(f, t, netlink_data(a), netlink_len(a),
				    path);
			print(t, " }");
		} else if (kind == RULE_LINK) {
			memcpy(&index, netlink_data(a), sizeof(index));
			print(t, " %u=%s", type, f->link_name(index, f->arg));
		} else if (kind != RULE_SKIP) {
			print(t, " %u=", type);
			print_value(t, netlink_data(a), netlink_len(a));
		}
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
}

void netlink_format(const struct format *f, const struct nlmsghdr *h,
		    size_t header, char *buf, size_t size)
{
	size_t off = NLMSG_ALIGN(header);
	struct text t = { buf, size, 0 };

	buf[0] = '\0';
	if (h->nlmsg_len > NLMSG_HDRLEN + off)
		print_attrs(f, &t, (const char *)NLMSG_DATA(h) + off,
			    h->nlmsg_len - NLMSG_HDRLEN - off, 0);
}

const struct nlattr *netlink_find(const struct nlmsghdr *h, size_t header,
				  unsigned type)
{
	const char *p = (const char *)NLMSG_DATA(h) + NLMSG_ALIGN(header);
	const char *end = (const char *)h + h->nlmsg_len;

	while (p + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)p;

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		p += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}
