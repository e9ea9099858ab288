// SPDX-License-Identifier: GPL-2.0-or-later
/* boot.c - the boot ID, the time of the boot, kinds of file systems */
#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/auto.h"
#include "base/fs.h"

/* statfs(2) f_type of what is, or may be, shared; not all are in magic.h */
static const unsigned shared[] = {
	0x00006969, /* NFS */
	0x0000517b, /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB2 */
	0x00c36400, /* Ceph */
	0x01021997, /* 9P */
	0x65735546, /* FUSE: sshfs, GlusterFS, virtiofs, ... */
	0x7461636f, /* OCFS2 */
	0x01161970, /* GFS2 */
	0x5346414f, /* AFS */
	0x6b414653, /* kAFS */
	0x73757245, /* Coda */
	0x0000564c, /* NCP */
	0x0bd00bd0, /* Lustre */
	0x47504653, /* GPFS */
	0x19830326, /* BeeGFS */
	0x20030528, /* OrangeFS */
	0xaad7aaea, /* PanFS */
};

void boot_id(char id[BOOT_IDLEN])
{
	AUTO(str) char *text = NULL;
	size_t len;

	id[0] = '\0';
	if (fs_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id",
		       BOOT_IDLEN - 1, &text, &len) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	memcpy(id, text, strlen(text) + 1);
}

long long boot_uptime(void)
{
	struct timespec up = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &up);
	return up.tv_sec;
}

bool boot_earlier(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

void boot_time(struct timespec *ret)
{
	struct timespec now, up;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	ret->tv_sec = now.tv_sec - up.tv_sec;
	ret->tv_nsec = now.tv_nsec - up.tv_nsec;
	if (ret->tv_nsec < 0) {
		ret->tv_sec--;
		ret->tv_nsec += 1000000000;
	}
	/*
	 * A clock that was put forward since, or a virtual machine that was
	 * suspended for a while, brings this closer. The date of /proc is one
	 * that the clock had when it was mounted: early in this boot, or when
	 * the container started that we are in.
	 */
	if (stat("/proc", &st) == 0 && boot_earlier(&st.st_mtim, ret))
		*ret = st.st_mtim;
}

bool boot_fs_local(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		if ((unsigned)fs.f_type == shared[i])
			return false;
	return true;
}
