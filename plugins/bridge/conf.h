/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - the bridge plugin's own configuration keys */
#ifndef BRIDGE_CONF_H
#define BRIDGE_CONF_H

#include "cni/cni.h"
#include "cni/keys.h"
#include "route/link.h"
#include "route/vlan-set.h"

/* The name of the bridge where the configuration has none. */
#define BRIDGE_DEFAULT "cni0"

/* plugins/bridge/README.md explains the keys. Strings are borrowed. */
struct br_conf {
	const char *bridge;
	bool is_gateway, is_default_gateway, force_address;
	bool ip_masq;
	bool hairpin, promisc, isolated;
	bool macspoof;
	bool dad;
	bool no_container_interface; /* disableContainerInterface */
	unsigned mtu;		     /* 0: the kernel's default */
	int64_t vlan_id;	     /* the key "vlan" */
	unsigned vlan;		     /* it, once it is valid; 0: none */
	cJSON *trunk_list;	     /* vlanTrunk, borrowed; NULL: not given */
	struct vlan_set trunk;
	unsigned backend;	/* of ipMasq: all mean the same */
	bool keep_default_vlan; /* preserveDefaultVlan */
	struct cni_mac mac;	/* of the container's end */
};

extern const struct cni_key br_keys[];

/*
 * Validates what no key alone tells, in own, which is a struct br_conf, before
 * anything is touched. Returns 0, or -1 and the reason in err (code 7).
 */
int br_conf_read(const struct cni_call *call, void *own, struct cni_err *err);

/*
 * The name of the interface that holds the gateway of conf->vlan,
 * <bridge>.<vlan>. Returns false where it would be too long.
 */
bool br_conf_vlan_interface(const struct br_conf *conf, char name[IFNAMSIZ]);

/* Whether the port's VLANs are programmed at all. */
bool br_conf_vlans(const struct br_conf *conf);

#endif
