/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink.h - dumps, and attributes as text */
#ifndef SWEEP_NETLINK_H
#define SWEEP_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of an attribute. Those that are nested have a path. */
enum rule_kind {
	RULE_SKIP = 1,
	RULE_NEST,
	RULE_LINK /* it is the number of a link */
};

/* The path is a byte for each level, the innermost last: 0x1203 is 0x03 in
   0x12. */
struct rule {
	uint32_t path;
	enum rule_kind kind;
};

typedef const char *(*link_name_fn)(uint32_t index, void *arg);

struct format {
	const struct rule *rules; /* the last one is 0 */
	link_name_fn link_name;
	void *arg;
};

typedef void (*answer_fn)(const struct nlmsghdr *h, void *arg);

int netlink_open(int protocol);

/*
 * Asks for a dump, with len bytes of header and attributes, and hands over
 * each object. Where the kernel does not know of the kind there are none.
 */
void netlink_dump(int fd, uint16_t type, const void *request, size_t len,
		  answer_fn fn, void *arg);

/* The attributes behind a header of that size, as " number=value ...". */
void netlink_format(const struct format *f, const struct nlmsghdr *h,
		    size_t header, char *buf, size_t size);

/* The attribute of that number, or NULL. */
const struct nlattr *netlink_find(const struct nlmsghdr *h, size_t header,
				  unsigned type);

static inline const void *netlink_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static inline size_t netlink_len(const struct nlattr *a)
{
	return a->nla_len - (size_t)NLA_HDRLEN;
}

#endif
