// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold.c - a process in net and mount namespaces of its own, where /run and
 * /var/lib are empty, until it is killed
 *
 *   hold [up]    with "up", lo is
 *
 * It says "ready" once all of that is so. It ends with the process that started
 * it: a test that is killed leaves none.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "hold: %s: %s\n", what, strerror(errno));
	return 1;
}

static int set_lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);

	if (fd >= 0)
		close(fd);
	return r;
}

int main(int argc, char **argv)
{
	/* it may have been started by the name of a descriptor */
	prctl(PR_SET_NAME, "hold");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET | CLONE_NEWNS))
		return fail("unshare");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail("/");
	if (mount("none", "/run", "tmpfs", 0, NULL))
		return fail("/run");
	if (mount("none", "/var/lib", "tmpfs", 0, NULL))
		return fail("/var/lib");
	if (argc > 1 && strcmp(argv[1], "up") == 0 && set_lo_up())
		return fail("lo");
	if (write(1, "ready\n", 6) != 6)
		return fail("stdout");
	close(1);
	for (;;)
		pause();
}
