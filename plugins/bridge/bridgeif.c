// SPDX-License-Identifier: GPL-2.0-or-later
/* bridgeif.c - the bridge itself */
#include "bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "attach/l3.h"
#include "base/fs.h"
#include "base/sha512.h"
#include "base/sysctl.h"
#include "route/kinds.h"

/* as the reference: an empty vlanTrunk turns it on as well */
static bool wants_filtering(const struct br_conf *conf)
{
	return conf->vlan != 0 || conf->trunk_list;
}

static int create(struct br *br)
{
	struct rt_bridge b = { .name = br->conf->bridge,
			       .mtu = br->conf->mtu,
			       .vlan_filtering = wants_filtering(br->conf) };
	/* given explicitly, it never follows the ports */
	int r = mac_random(b.mac);

	return r < 0 ? r : rt_bridge_add(br->s.host, &b);
}

/*
 * A MAC for a bridge that is there and has none: the same for everybody who
 * chooses one at this moment, as only one of them is the last to set it. From
 * the boot's number, so that it is another one on each host.
 */
static int choose_mac(const char *bridge, uint8_t mac[MAC_LEN])
{
	char boot[64], text[64 + IFNAMSIZ], hex[SHA512_HEXLEN];
	int r = sysctl_get("kernel/random/boot_id", boot, sizeof(boot));

	if (r < 0)
		return mac_random(mac);
	snprintf(text, sizeof(text), "%s%s", boot, bridge);
	sha512_hex(text, strlen(text), hex);
	snprintf(text, sizeof(text), "02:%.2s:%.2s:%.2s:%.2s:%.2s", hex,
		 hex + 2, hex + 4, hex + 6, hex + 8);
	return mac_parse(text, mac);
}

/* Returns 1, 0 where it says something else or is not there, or -errno. */
static int sysfs_says(const char *link, const char *file, const char *value)
{
	AUTO(str) char *text = NULL;
	char path[64 + IFNAMSIZ];
	size_t len;
	int r;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", link, file);
	r = fs_read_at(AT_FDCWD, path, 4096, &text, &len);
	if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	if (r < 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, value) == 0;
}

/*
 * Whether somebody gave the bridge its MAC: netlink does not tell, but sysfs
 * does (NET_ADDR_SET is 3), if it is there and shows this namespace. Returns
 * 1, 0 or -errno.
 */
static int is_pinned(const struct rt_link *l)
{
	char mac[MAC_STRLEN], index[16];
	int r = sysfs_says(l->name, "addr_assign_type", "3");

	snprintf(index, sizeof(index), "%d", l->index);
	if (r > 0)
		r = sysfs_says(l->name, "ifindex", index);
	if (r > 0)
		r = sysfs_says(l->name, "address", mac_format(l->mac, mac));
	return r;
}

/*
 * A bridge that nobody gave a MAC follows its ports, and has none at all
 * after the last port left. Setting the one it has ends that; the mark says
 * that it was done. One with another alias cannot be marked, and is not set
 * again and again: each time the host forgets its neighbours.
 *
 * Before its first port it has one by chance, and no ID. Older kernels (5.10)
 * put that one in no forwarding table, also when that very one is set: what
 * pods send to it is for nobody. So it is entered there.
 */
static int pin_mac_and_mark(struct br *br)
{
	struct rt_link *l = &br->bridge;
	int pinned = is_pinned(l);
	bool none = mac_is_zero(l->mac);
	int r;

	refuse_ra(&br->s, l->name);
	if (pinned < 0)
		return pinned;
	r = none ? choose_mac(l->name, l->mac) : 0;
	if (r == 0 && (none || !*l->alias || !pinned))
		r = rt_link_set_mac(br->s.host, l->index, l->mac);
	if (r == 0 && !none && !l->bridge_id)
		r = rt_bridge_enter_mac(br->s.host, l->index, l->mac);
	if (r == 0 && !*l->alias)
		return rt_link_attach(br->s.host, l->index, 0, BRIDGE_MARK);
	return r < 0 ? r : rt_link_up(br->s.host, l->index);
}

static int fail_filtering(struct br *br, int r, struct cni_err *err)
{
	rt_fail(err, br->s.host, r, "cannot turn on VLAN filtering of %s",
		br->conf->bridge);
	if (r == -EOPNOTSUPP)
		cni_detail(err, "the kernel needs "
				"CONFIG_BRIDGE_VLAN_FILTERING");
	return -1;
}

/* Returns 0, -EAGAIN where it came or went meanwhile, or -errno. */
static int use_or_make(struct br *br, struct cni_err *err)
{
	const char *name = br->conf->bridge;
	int r = rt_link_get(br->s.host, name, &br->bridge);

	if (r == -ENODEV) {
		r = create(br);
		if (r == 0 || r == -EEXIST)
			return -EAGAIN;
		if (r == -EOPNOTSUPP && wants_filtering(br->conf))
			fail_filtering(br, r, err);
		else
			rt_fail(err, br->s.host, r,
				"failed to create bridge \"%s\"", name);
		return r;
	}
	if (r < 0) {
		rt_fail(err, br->s.host, r, "could not lookup \"%s\"", name);
		return r;
	}
	if (strcmp(br->bridge.kind, "bridge") != 0) {
		cni_fail(err, CNI_EEXIST, 0,
			 "\"%s\" already exists but is not a bridge", name);
		return -EEXIST;
	}
	if (strcmp(br->bridge.alias, BRIDGE_MARK) == 0 &&
	    br->bridge.flags & IFF_UP)
		return 0;
	r = pin_mac_and_mark(br);
	if (r == -ENODEV)
		return -EAGAIN;
	if (r < 0)
		rt_fail(err, br->s.host, r, "could not set up bridge \"%s\"",
			name);
	return r;
}

int br_ensure_filtering(struct br *br, struct cni_err *err)
{
	int r;

	if (br->bridge.vlan_filtering)
		return 0;
	r = rt_bridge_filter_vlans(br->s.host, br->bridge.index);
	if (r == 0)
		r = rt_link_get_index(br->s.host, br->bridge.index,
				      &br->bridge);
	/* an old kernel without the option ignores the request */
	if (r == 0 && !br->bridge.vlan_filtering)
		r = -EOPNOTSUPP;
	return r < 0 ? fail_filtering(br, r, err) : 0;
}

int br_ensure_bridge(struct br *br, struct cni_err *err)
{
	int r = -EAGAIN;

	for (int i = 0; i < 10 && r == -EAGAIN; i++)
		r = use_or_make(br, err);
	if (r == -EAGAIN)
		return cni_fail(err, CNI_EAGAIN, 0,
				"bridge \"%s\" is made and deleted all the "
				"time",
				br->conf->bridge);
	if (r < 0)
		return -1;
	if (br->conf->promisc && !(br->bridge.flags & IFF_PROMISC)) {
		r = rt_link_set(br->s.host, br->bridge.index,
				&(struct rt_change){ .mask = IFF_PROMISC,
						     .flags = IFF_PROMISC });
		if (r < 0)
			return rt_fail(err, br->s.host, r,
				       "could not set promiscuous mode on %s",
				       br->conf->bridge);
	}
	if (br_conf_vlans(br->conf))
		return br_ensure_filtering(br, err);
	return 0;
}
