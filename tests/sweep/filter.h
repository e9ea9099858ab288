/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.h - the seccomp filter by which a process and those that it starts
 * ask somebody else about their calls, see seccomp_unotify(2)
 */
#ifndef SWEEP_FILTER_H
#define SWEEP_FILTER_H

#include <sys/types.h>

struct call_kind;

/*
 * From now on calls of that kind ask, or every call if it is NULL, and always
 * execve(), see filter_fetch(). Returns the listener, or -1.
 */
int filter_install(const struct call_kind *kind);

/*
 * The listener of a child, which is to install a filter, then to become
 * another program. It has the number that was free before the child was made,
 * and stays open until the execve(), which waits for us. Returns a descriptor
 * that the caller closes.
 */
int filter_fetch(pid_t child, int number);

#endif
