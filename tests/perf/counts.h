/* SPDX-License-Identifier: GPL-2.0-or-later */
/* counts.h - what one call of a plugin does, as strace sees it */
#ifndef PERF_COUNTS_H
#define PERF_COUNTS_H

#include "run.h"

/* Of the plugin and of all processes that it starts. */
struct counts {
	long processes;
	long route;  /* messages to NETLINK_ROUTE */
	long commit; /* batches to NETLINK_NETFILTER, each a transaction */
	int status;  /* as in struct took */
};

/*
 * Makes one call by strace, with a report of each thread in a file whose path
 * begins with trace. These are removed.
 */
void count_call(const struct call *call, const char *trace,
		struct counts *counts);

#endif
