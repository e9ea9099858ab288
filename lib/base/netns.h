/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - network namespaces: open by path, run something inside */
#ifndef CNI_NETNS_H
#define CNI_NETNS_H

#include <stdbool.h>

/*
 * Opens the network namespace at path. Returns 0 and a close-on-exec
 * descriptor; -ENOENT where there is nothing; -EINVAL where the path is
 * something else (a plain file, a folder, another kind of namespace); or
 * another -errno.
 */
int ns_open(const char *path, int *ret_fd);

/*
 * Opens the caller's own network namespace: as that of a socket (SIOCGSKNS,
 * with CAP_NET_ADMIN) where there is no /proc. Returns 0 and a close-on-exec
 * descriptor, or -errno.
 */
int ns_open_own(int *ret_fd);

/*
 * Whether this result of ns_open() says that there is no namespace at path,
 * and never will be: for DEL, whatever was inside is gone. Others, such as
 * -ENOMEM or -EMFILE, leave that open. /proc/PID/ns/net of a process that
 * ends meanwhile is -EACCES or -ESRCH.
 */
bool ns_is_none(int r);

/*
 * Whether two paths lead to one namespace: /run and /var/run, say. What cannot
 * be looked at is the same as nothing but its own path.
 */
bool ns_same(const char *a, const char *b);

/*
 * Runs fn(arg) inside the namespace and comes back. Returns fn's result, or
 * -errno if the namespace could not be entered. A process that cannot come
 * back would work on the wrong host: it aborts.
 */
int ns_run(int netns_fd, int (*fn)(void *arg), void *arg);

#endif
