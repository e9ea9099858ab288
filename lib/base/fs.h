/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fs.h - files, whole: read, write, replace; locks with a deadline */
#ifndef CNI_FS_H
#define CNI_FS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Reads fd to its end into an owned, NUL-terminated buffer. More than max
 * bytes is -EFBIG. Returns 0 or -errno.
 */
int fs_read_fd(int fd, size_t max, char **ret, size_t *ret_len);

/*
 * The same for the regular file name below dirfd, without following a
 * symbolic link (-ELOOP) and without waiting on a FIFO (-EINVAL where it is
 * no regular file). dirfd may be AT_FDCWD.
 */
int fs_read_at(int dirfd, const char *name, size_t max, char **ret,
	       size_t *ret_len);

/* Writes all of it, going on after a short write. Returns 0 or -errno. */
int fs_write_fd(int fd, const char *data, size_t len);

/*
 * Makes dir with that mode, less umask, and its missing parents with mode 0755.
 * Returns 0 or -errno; an existing directory is success, whatever its mode.
 */
int fs_mkdir_all(const char *dir, mode_t mode);

/*
 * Takes an exclusive flock(2) on fd, as the reference plugins do, waiting for
 * timeout_ms at most. Returns 0, -EAGAIN at the deadline, or -errno. Uses
 * SIGALRM while it waits, so that it sleeps in the kernel, not in a loop.
 */
int fs_lock(int fd, unsigned timeout_ms);

/*
 * Names the holder of a lock on fd, for the message: "pid 4711 (host-local)",
 * from /proc/locks; "an unknown process" where that does not tell.
 */
void fs_lock_holder(int fd, char *buf, size_t size);

#endif
