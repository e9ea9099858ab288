/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot.h - which boot this is, and whose files it may judge */
#ifndef HOST_LOCAL_BOOT_H
#define HOST_LOCAL_BOOT_H

#include <stdbool.h>
#include <time.h>

/* room for a boot ID and the NUL */
#define BOOT_IDLEN 40

/* The kernel's random boot ID; "" where /proc does not tell. */
void boot_id(char id[BOOT_IDLEN]);

/*
 * The date that no file of this boot is before, wherever the clock was put
 * since the kernel started.
 */
void boot_time(struct timespec *ret);

/* How long the kernel has been up, in seconds, whatever the clock says. */
long long boot_uptime(void);

/* Whether the date a is before b. */
bool boot_earlier(const struct timespec *a, const struct timespec *b);

/*
 * Whether the file system of fd is this machine's alone. Where another one
 * may have written the files, our boot says nothing about them, and times of
 * modification may be a cached copy.
 */
bool boot_fs_local(int fd);

#endif
