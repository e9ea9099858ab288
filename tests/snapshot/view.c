// SPDX-License-Identifier: GPL-2.0-or-later
/* view.c - namespaces to look into */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "netlink.h"
#include "parts.h"

static void set_lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("setting lo up: %m");
	close(fd);
}

static void open_sockets(struct view *v)
{
	v->route = netlink_open(NETLINK_ROUTE);
	v->nft = netlink_open(NETLINK_NETFILTER);
	if (v->route < 0)
		die("there is no rtnetlink");
}

void view_new(struct view *v, const char *name, bool lo_up)
{
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare: %m");
	v->name = name;
	v->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (v->ns < 0)
		die("a network namespace: %m");
	open_sockets(v);
	if (lo_up)
		set_lo_up();
}

void view_open(struct view *v, const char *name, const char *pid)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	v->name = name;
	v->ns = open(path, O_RDONLY | O_CLOEXEC);
	if (v->ns < 0)
		die("%s: %s: %m", name, path);
	view_enter(v);
	open_sockets(v);
}

void view_close(struct view *v)
{
	close(v->ns);
	close(v->route);
	if (v->nft >= 0)
		close(v->nft);
}

void view_enter(const struct view *v)
{
	if (setns(v->ns, CLONE_NEWNET) < 0)
		die("setns: %m");
}

void snapshot_view(const struct view *v, struct lines *ret)
{
	static struct dump d;

	d.view = v;
	d.ret = ret;
	d.links.n = 0;
	snapshot_names(&d);
	snapshot_links(&d);
	snapshot_routes(&d);
	snapshot_nft(&d);
	snapshot_sysctl(v, ret);
}
