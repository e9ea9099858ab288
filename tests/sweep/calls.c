// SPDX-License-Identifier: GPL-2.0-or-later
/* calls.c - the table of calls and errors */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

/* Newer machines have not got the older ones of these, which is no call. */
#ifdef SYS_open
#define NR_OPEN SYS_open
#define NR_MKDIR SYS_mkdir
#define NR_UNLINK SYS_unlink
#define NR_RENAME SYS_rename
#define NR_LINK SYS_link
#define NR_SYMLINK SYS_symlink
#define NR_READLINK SYS_readlink
#define NR_STAT SYS_stat
#define NR_LSTAT SYS_lstat
#define NR_FORK SYS_fork
#define NR_VFORK SYS_vfork
#define NR_PIPE SYS_pipe
#define NR_DUP2 SYS_dup2
#define NR_POLL SYS_poll
#else
#define NR_OPEN (-1)
#define NR_MKDIR (-1)
#define NR_UNLINK (-1)
#define NR_RENAME (-1)
#define NR_LINK (-1)
#define NR_SYMLINK (-1)
#define NR_READLINK (-1)
#define NR_STAT (-1)
#define NR_LSTAT (-1)
#define NR_FORK (-1)
#define NR_VFORK (-1)
#define NR_PIPE (-1)
#define NR_DUP2 (-1)
#define NR_POLL (-1)
#endif
#ifdef SYS_renameat
#define NR_RENAMEAT SYS_renameat
#else
#define NR_RENAMEAT (-1)
#endif
#ifdef SYS_newfstatat
#define NR_FSTATAT SYS_newfstatat
#else
#define NR_FSTATAT (-1)
#endif
#define N (-1)

const char call_memory[] = "memory";
const char call_answer[] = "answer";

const struct call_kind call_kinds[] = {
	/* what asks the kernel */
	{ "sendmsg",
	  { SYS_sendmsg, N, N, N, N, N },
	  { ENOBUFS, EINTR, ENOMEM, EAGAIN } },
	{ "sendto",
	  { SYS_sendto, N, N, N, N, N },
	  { ENOBUFS, EINTR, ENOMEM, EAGAIN } },
	{ "recvmsg",
	  { SYS_recvmsg, N, N, N, N, N },
	  { ENOBUFS, EINTR, ENOMEM, EAGAIN } },
	/* as when the socket's buffer was full: it never comes */
	{ call_answer, { SYS_recvmsg, N, N, N, N, N }, { ENOBUFS } },
	{ "recvfrom",
	  { SYS_recvfrom, N, N, N, N, N },
	  { ENOBUFS, EINTR, ENOMEM } },
	{ "socket",
	  { SYS_socket, N, N, N, N, N },
	  { EMFILE, ENOBUFS, ENOMEM, EACCES } },
	{ "bind", { SYS_bind, N, N, N, N, N }, { ENOMEM } },
	{ "setsockopt", { SYS_setsockopt, N, N, N, N, N }, { ENOMEM } },
	{ "getsockname", { SYS_getsockname, N, N, N, N, N }, { ENOBUFS } },
	{ "poll", { SYS_ppoll, NR_POLL, N, N, N, N }, { EINTR, ENOMEM } },
	{ "setns", { SYS_setns, N, N, N, N, N }, { ENOMEM, EACCES } },
	{ "ioctl", { SYS_ioctl, N, N, N, N, N }, { EIO } },
	/* files */
	{ "openat",
	  { SYS_openat, NR_OPEN, N, N, N, N },
	  { EMFILE, EACCES, EINTR, ENOMEM, ENOSPC, EIO } },
	{ "openat2",
	  { SYS_openat2, N, N, N, N, N },
	  { EMFILE, EACCES, EINTR, ENOMEM, EAGAIN } },
	{ "fsopen",
	  { SYS_fsopen, SYS_fsconfig, SYS_fsmount, N, N, N },
	  { EMFILE, EPERM, ENOMEM, ENOSYS } },
	{ "read", { SYS_read, SYS_pread64, N, N, N, N }, { EIO, EINTR } },
	{ "write",
	  { SYS_write, SYS_pwrite64, N, N, N, N },
	  { ENOSPC, EINTR, EIO, EAGAIN } },
	{ "link",
	  { SYS_linkat, NR_LINK, N, N, N, N },
	  { ENOSPC, EIO, EACCES } },
	{ "rename",
	  { SYS_renameat2, NR_RENAMEAT, NR_RENAME, N, N, N },
	  { ENOSPC, EIO, EACCES } },
	{ "symlink",
	  { SYS_symlinkat, NR_SYMLINK, N, N, N, N },
	  { ENOSPC, EIO, EACCES } },
	{ "unlink", { SYS_unlinkat, NR_UNLINK, N, N, N, N }, { EIO, EACCES } },
	{ "mkdir", { SYS_mkdirat, NR_MKDIR, N, N, N, N }, { ENOSPC, EACCES } },
	{ "readlink",
	  { SYS_readlinkat, NR_READLINK, N, N, N, N },
	  { EIO, ENOMEM } },
	{ "stat",
	  { SYS_statx, NR_FSTATAT, SYS_fstat, NR_STAT, NR_LSTAT, N },
	  { EIO, ENOMEM } },
	{ "statfs", { SYS_fstatfs, SYS_statfs, N, N, N, N }, { EIO } },
	{ "getdents", { SYS_getdents64, N, N, N, N, N }, { EIO } },
	{ "truncate", { SYS_ftruncate, N, N, N, N, N }, { EIO } },
	{ "utimens", { SYS_utimensat, N, N, N, N, N }, { EIO } },
	{ "fsync", { SYS_fsync, SYS_fdatasync, N, N, N, N }, { EIO, ENOSPC } },
	{ "flock", { SYS_flock, N, N, N, N, N }, { EINTR, ENOLCK, EAGAIN } },
	/* processes and memory */
	{ "clone",
	  { SYS_clone3, SYS_clone, NR_VFORK, NR_FORK, N, N },
	  { EAGAIN, ENOMEM } },
	{ "execve",
	  { SYS_execve, SYS_execveat, N, N, N, N },
	  { EACCES, ENOMEM, EIO } },
	{ "pipe", { SYS_pipe2, NR_PIPE, N, N, N, N }, { EMFILE } },
	{ "dup", { SYS_dup3, NR_DUP2, SYS_dup, N, N, N }, { EMFILE, EINTR } },
	{ "memfd_create",
	  { SYS_memfd_create, N, N, N, N, N },
	  { EMFILE, ENOMEM } },
	{ "wait", { SYS_wait4, SYS_waitid, N, N, N, N }, { EINTR } },
	{ "getrandom", { SYS_getrandom, N, N, N, N, N }, { EINTR, EAGAIN } },
	{ call_memory, { SYS_mmap, SYS_brk, SYS_mremap, N, N, N }, { ENOMEM } },
	{ NULL, { N, N, N, N, N, N }, { 0 } }
};

static const struct {
	int error;
	const char *name;
} names[] = {
	{ EACCES, "EACCES" }, { EAGAIN, "EAGAIN" }, { EINTR, "EINTR" },
	{ EIO, "EIO" },	      { EMFILE, "EMFILE" }, { ENOBUFS, "ENOBUFS" },
	{ ENOLCK, "ENOLCK" }, { ENOMEM, "ENOMEM" }, { ENOSPC, "ENOSPC" },
	{ EPERM, "EPERM" },
};

const char *error_name(int error)
{
	static char number[16];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(number, sizeof(number), "%d", error);
	return number;
}

bool call_is(const struct call_kind *kind, int nr)
{
	for (unsigned i = 0; i < CALLS_MAX; i++)
		if (kind->nr[i] == nr)
			return true;
	return false;
}

bool call_is_private(int nr)
{
	switch (nr) {
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_brk:
	case SYS_rt_sigaction:
	case SYS_rt_sigprocmask:
	case SYS_socket:
	case SYS_bind:
	case SYS_setsockopt:
	case SYS_getsockname:
	case SYS_pread64:
	case SYS_readlinkat:
	case SYS_fstat:
	case SYS_statx:
	case SYS_statfs:
	case SYS_fstatfs:
	case SYS_fcntl:
	case SYS_openat2:
	case SYS_pipe2:
	case SYS_getrandom:
	case SYS_getpid:
	case SYS_prlimit64:
		return true;
	default:
		return nr == NR_FSTATAT || nr == NR_STAT || nr == NR_LSTAT;
	}
}

bool call_is_startup(int nr)
{
	switch (nr) {
	case SYS_brk:
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_set_tid_address:
	case SYS_set_robust_list:
	case SYS_rseq:
	case SYS_prlimit64:
	case SYS_readlinkat:
	case SYS_getrandom:
#ifdef SYS_arch_prctl
	case SYS_arch_prctl:
#endif
		return true;
	default:
		return nr == NR_READLINK;
	}
}
