/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - network namespaces: open by path, run something inside */
#ifndef CNI_NETNS_H
#define CNI_NETNS_H

/*
 * Opens the network namespace at path. Returns 0 and a close-on-exec
 * descriptor; -ENOENT where there is nothing; -EINVAL where the path is
 * something else (a plain file, a folder, another kind of namespace); or
 * another -errno.
 */
int ns_open(const char *path, int *ret_fd);

/*
 * Runs fn(arg) inside the namespace and comes back. Returns fn's result, or
 * -errno if the namespace could not be entered. A process that cannot come
 * back would work on the wrong host: it aborts.
 */
int ns_run(int netns_fd, int (*fn)(void *arg), void *arg);

#endif
