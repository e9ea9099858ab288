/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink.h - dumps, without a library that the plugins use as well */
#ifndef SNAPSHOT_NETLINK_H
#define SNAPSHOT_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*answer_fn)(const struct nlmsghdr *h, void *arg);

/* Returns a socket, or -1 where the kernel has no such protocol. */
int netlink_open(int protocol);

/*
 * Asks for a dump, with len bytes of header and attributes, and hands over
 * each object. Where the kernel does not know of the kind there are none. A
 * dump that something changed meanwhile is asked for again.
 */
void netlink_dump(int fd, uint16_t type, const void *request, size_t len,
		  answer_fn fn, void *arg);

/* The attribute of that number behind a header of that size, or NULL. */
const struct nlattr *netlink_find(const struct nlmsghdr *h, size_t header,
				  unsigned type);

/* The same in the payload of an attribute, which may be NULL. */
const struct nlattr *netlink_find_in(const struct nlattr *nest, unsigned type);

/* The payload behind such a header, and its length. */
const void *netlink_behind(const struct nlmsghdr *h, size_t header,
			   size_t *ret_len);

/*
 * The attribute that the first *len bytes at *p begin with; *p and *len are
 * then what is behind it. NULL at the end.
 */
const struct nlattr *netlink_next(const void **p, size_t *len);

static inline unsigned netlink_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

static inline const void *netlink_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static inline size_t netlink_len(const struct nlattr *a)
{
	return a->nla_len - (size_t)NLA_HDRLEN;
}

#endif
