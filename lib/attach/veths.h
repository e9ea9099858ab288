/* SPDX-License-Identifier: GPL-2.0-or-later */
/* veths.h - the host's ends of a network's attachments */
#ifndef CNI_VETHS_H
#define CNI_VETHS_H

#include "route/link.h"

/* Zero-initialise before use. */
struct veths {
	struct rt_link *v; /* owned */
	size_t n, size;
};

typedef bool (*veths_fn)(const struct rt_link *link, const void *arg);

/*
 * Lists the veths whose alias is of that network, and which wanted() wants, in
 * the order in which the kernel tells of them: each once, as it was when it was
 * first seen, however often the dump started anew. Returns 0 or -errno.
 */
int veths_list(struct rt *host, const char *network, veths_fn wanted,
	       const void *arg, struct veths *ret);

void veths_auto(struct veths *veths);

#endif
