// SPDX-License-Identifier: GPL-2.0-or-later
/* localnet.c - route_localnet of an interface */
#include "localnet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/names.h"
#include "base/sysctl.h"
#include "fw/portmap.h"
#include "route/link.h"

/* Returns what it is set to, in *ret, owned; 0 or -errno. */
static int get(const char *iface, char **ret)
{
	AUTO(fd) int sys = sysctl_open();
	char name[128];

	snprintf(name, sizeof(name), "net/ipv4/conf/%s/route_localnet", iface);
	return sysctl_read(sys, name, ret);
}

static int set(const char *iface, const char *value)
{
	AUTO(fd) int sys = sysctl_open();

	return sysctl_set_conf(sys, "ipv4", iface, "route_localnet", value);
}

int localnet_is_open(const char *iface)
{
	AUTO(str) char *value = NULL;
	int r = get(iface, &value);

	return r < 0 ? r : strcmp(value, "0") != 0;
}

int localnet_open(const char *iface)
{
	int r = localnet_is_open(iface);

	return r == 0 ? set(iface, LOCALNET_OURS) : r < 0 ? r : 0;
}

/* Without /proc/sys nothing tells that the interface is gone. */
static int is_gone(void)
{
	AUTO(fd) int sys = sysctl_open();

	return sys < 0 ? sys : 0;
}

int localnet_close(struct fw *fw, const char *iface)
{
	AUTO(str) char *value = NULL;
	int r = get(iface, &value);

	if (r == 0 && strcmp(value, LOCALNET_OURS) == 0) {
		r = set(iface, "0");
		/* an ADD that was just there saw it open */
		if (r == 0)
			r = fw_portmap_needs_local(fw, iface);
		if (r == 1)
			r = localnet_open(iface);
	}
	return r == -ENOENT ? is_gone() : r;
}

static int note_open(const struct rt_link *link, void *arg)
{
	if (link->localnet != (uint32_t)atoi(LOCALNET_OURS))
		return 0;
	return names_add(arg, link->name);
}

int localnet_close_lost(struct fw *fw, struct rt *host, bool all)
{
	AUTO(names) struct names open = { 0 };
	int r = rt_link_each(host, all ? NULL : "bridge", note_open, &open);

	for (size_t i = 0; i < open.n && r >= 0; i++) {
		r = fw_portmap_needs_local(fw, open.v[i]);
		if (r == 0)
			r = localnet_close(fw, open.v[i]);
	}
	return r < 0 ? r : 0;
}
