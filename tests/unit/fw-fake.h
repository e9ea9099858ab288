/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-fake.h - the kernel, as it is told to answer */
#ifndef FW_FAKE_H
#define FW_FAKE_H

#include <sys/socket.h>
#include <sys/syscall.h>

#include "fw-test.h"

/* Datagrams that are received before those of the kernel, one message each. */
static struct {
	struct nlmsghdr h;
	char data[256];
} answers[8];
static size_t n_answers, next_answer;

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	const struct nlmsghdr *h = &answers[next_answer].h;
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	size_t len = sizeof(answers[0]);

	if (next_answer == n_answers)
		return syscall(SYS_recvmsg, fd, msg, flags);
	if (h->nlmsg_len < len)
		len = h->nlmsg_len;
	memcpy(msg->msg_iov[0].iov_base, h, len);
	memcpy(msg->msg_name, &from, sizeof(from));
	msg->msg_namelen = sizeof(from);
	msg->msg_flags = 0;
	next_answer++;
	return (ssize_t)len;
}

/* Adds an answer, with so much of the data. */
static inline struct nlmsghdr *answer(uint16_t type, uint16_t flags,
				      uint32_t seq, const void *data,
				      size_t len)
{
	struct nlmsghdr *h = &answers[n_answers].h;

	*h = (struct nlmsghdr){ .nlmsg_type = type,
				.nlmsg_flags = flags,
				.nlmsg_seq = seq,
				.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + len) };
	memcpy(answers[n_answers].data, data, len);
	n_answers++;
	return h;
}

#endif
