/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl.h - values below /proc/sys, written only where they differ */
#ifndef CNI_SYSCTL_H
#define CNI_SYSCTL_H

#include <stddef.h>

/*
 * name is a path below /proc/sys, such as "net/ipv4/ip_forward"; below "net"
 * it means the caller's network namespace. Symbolic links and other mounts on
 * the way are refused (-ELOOP, -EXDEV), but for one of procfs at "net", and so
 * is a /proc/sys that is not procfs (-EXDEV), as a hostile mount could lead
 * the write elsewhere.
 */

/* The value without its newline. Returns 0 or -errno. */
int sysctl_get(const char *name, char *ret, size_t size);

/*
 * Sees to it that the value is this one. What has it already is not written,
 * so a read-only /proc/sys with the right values serves. Returns 0 or -errno.
 */
int sysctl_set(const char *name, const char *value);

/*
 * Opens /proc/sys for several values: one descriptor, which serves in every
 * network namespace the caller enters, or -errno.
 *
 * It is that of an instance of procfs of the caller's own (fsopen(2), with
 * CAP_SYS_ADMIN), in which nothing is mounted. In the one that all use, the
 * kernel looks for net/ipv4 among those of all namespaces where somebody has
 * looked for it: 1 us for each, at each lookup. Where there can be none, where
 * /proc/sys is read-only and where net in it is a mount, it is that of the
 * caller's mount namespace.
 */
int sysctl_open(void);

/* a value has less bytes than this */
#define SYSCTL_MAX (64u << 10)

/*
 * sysctl_get() and sysctl_set() by what sysctl_open() returned: its error is
 * theirs. *ret is owned. Reading is -ENODATA where a value can only be written,
 * or has to be before it can be read: it is written whatever it is.
 */
int sysctl_read(int sys, const char *name, char **ret);
int sysctl_write(int sys, const char *name, const char *value);

/*
 * sysctl_set() of "net/<family>/conf/<interface>/<key>"; family is "ipv4" or
 * "ipv6", sys what sysctl_open() returned: its error is this one's.
 */
int sysctl_set_conf(int sys, const char *family, const char *interface,
		    const char *key, const char *value);

#endif
