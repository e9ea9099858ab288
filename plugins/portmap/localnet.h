/* SPDX-License-Identifier: GPL-2.0-or-later */
/* localnet.h - route_localnet of an interface */
#ifndef PORTMAP_LOCALNET_H
#define PORTMAP_LOCALNET_H

#include <stdbool.h>

struct fw;
struct rt;

/*
 * The route_localnet that is ours: any number but 0 is "on" to the kernel, so
 * that this one tells who set it, whatever happens to the rules. One that was
 * on before stays as it was.
 */
#define LOCALNET_OURS "2"

/* Whether 127.0.0.0/8 is routed by the interface. 1, 0 or -errno. */
int localnet_is_open(const char *iface);
int localnet_open(const char *iface);

/*
 * Closes it where it is ours, but not if somebody needs it meanwhile. An
 * interface that is gone is closed. Returns 0 or -errno: -ENOENT where there is
 * no /proc/sys, and so it cannot be closed.
 */
int localnet_close(struct fw *fw, const char *iface);

/*
 * The same of all bridges, or of all links, for when nobody knows any more
 * which it was: the rules were flushed. A list of all takes milliseconds where
 * there are a thousand.
 */
int localnet_close_lost(struct fw *fw, struct rt *host, bool all);

#endif
