// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record.c - writes down what the kernel answers to a plugin, as seeds for
 * what reads such answers (kernel.h has the format)
 *
 *   LD_PRELOAD=record.so RECORD=folder plugin ...
 *
 * Each request gives a file, <n>-route or -fw, the number of its message type
 * and, for a dump, "-dump".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

static int file = -1;
static uint32_t first_seq, last_seq;
static bool mnl_receives; /* its recvmsg() is no other answer */

/* The function that this one stands before. */
static void *next(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (!fn)
		abort();
	return fn;
}

static void begin(const char *who, const struct nlmsghdr *first,
		  const struct nlmsghdr *last)
{
	static unsigned n;
	const char *folder = getenv("RECORD");
	bool dump = (last->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	char path[512];

	first_seq = first->nlmsg_seq;
	last_seq = last->nlmsg_seq;
	if (!folder)
		return;
	if (file >= 0)
		close(file);
	snprintf(path, sizeof(path), "%s/%03u-%s-%u%s", folder, n++, who,
		 last->nlmsg_type, dump ? "-dump" : "");
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void note(const void *data, size_t len)
{
	unsigned char head[2] = { len & 0xff, len >> 8 & 0xff };
	unsigned char *copy = malloc(len ? len : 1);
	int left = (int)len;

	if (!copy || file < 0 || len > 0xffff)
		abort();
	memcpy(copy, data, len);
	for (struct nlmsghdr *h = (void *)copy; mnl_nlmsg_ok(h, left);
	     h = mnl_nlmsg_next(h, &left))
		if (h->nlmsg_seq == last_seq)
			h->nlmsg_seq = 0;
		else if (h->nlmsg_seq == first_seq)
			h->nlmsg_seq = 1;
	if (write(file, head, 2) != 2 || write(file, copy, len) != (ssize_t)len)
		abort();
	free(copy);
}

int nl_send_auto(struct nl_sock *sk, struct nl_msg *msg)
{
	int (*real)(struct nl_sock *, struct nl_msg *) = next("nl_send_auto");
	int r = real(sk, msg);

	begin("route", nlmsg_hdr(msg), nlmsg_hdr(msg));
	return r;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) = next("recvmsg");
	ssize_t n = real(fd, msg, flags);

	if (n > 0 && !mnl_receives)
		note(msg->msg_iov->iov_base, (size_t)n);
	return n;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	ssize_t (*real)(const struct mnl_socket *, const void *, size_t) =
		next("mnl_socket_sendto");
	const struct nlmsghdr *h = req, *last = req;
	int left = (int)size;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
		if (h->nlmsg_flags & NLM_F_ACK)
			last = h;
	begin("fw", req, last);
	return real(nl, req, size);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	ssize_t (*real)(const struct mnl_socket *, void *, size_t) =
		next("mnl_socket_recvfrom");
	ssize_t n;

	mnl_receives = true;
	n = real(nl, buf, size);
	mnl_receives = false;
	if (n >= 0)
		note(buf, (size_t)n);
	return n;
}
