/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bridge.h - the steps of one attachment, shared by the verbs */
#ifndef BRIDGE_H
#define BRIDGE_H

#include "attach/sandbox.h"
#include "attach/veth.h"
#include "cni/cni.h"
#include "cni/undo.h"
#include "conf.h"
#include "fw/fw.h"
#include "route/link.h"
#include "route/rt.h"

/* The alias of a bridge whose MAC is pinned. */
#define BRIDGE_MARK "cni:bridge"

/* An attachment being made or checked. Steps fill it from top to bottom. */
struct br {
	struct sandbox s; /* owned */
	const struct br_conf *conf;
	struct undo *undo;	/* ADD's */
	struct cni_result *own; /* what ADD makes of the result */
	struct rt_link bridge;
	struct veth veth;
	struct rt_link gw; /* the bridge, or its VLAN interface */
	bool new_gateway;  /* it was given an address that may not work yet */
	bool ipam_process; /* IPAM is one, and asked when there is a link */
	bool roaming;	   /* the addresses may have been another host's */
	bool locked;	   /* the port, until the container's end is settled */
};

static inline void br_auto(struct br *br)
{
	sandbox_close(&br->s);
}

/* bridgeif.c: use the bridge, make it where it is missing, pin its MAC. */
int br_ensure_bridge(struct br *br, struct cni_err *err);
/* bridgeif.c: VLAN filtering is on; an error says what is missing. */
int br_ensure_filtering(struct br *br, struct cni_err *err);

/* port.c: its host end as a port of the bridge, with its flags and VLANs. */
int br_add_port(struct br *br, struct cni_err *err);
/* port.c: lets frames through that was locked. */
int br_open_port(struct br *br, struct cni_err *err);
/* port.c: programs vlan and, where not NULL, trunk on a port. */
int br_set_vlans(struct br *br, int index, const struct vlan_set *trunk,
		 struct cni_err *err);

/* gateway.c: fills in gateways and the default route of the result. */
int br_plan_gateways(struct br *br, struct cni_err *err);
/* gateway.c: the link for the gateways, made where it is missing. */
int br_find_gateway_link(struct br *br, struct cni_err *err);
/* gateway.c: gateway addresses on it, forwarding, masquerade. */
int br_set_up_gateways(struct br *br, struct cni_err *err);
/*
 * gateway.c: the interface by which netfilter sees packets of containers come
 * in when they leave: the gateway's, or the VRF that it is in. Returns 0 or -1.
 */
int br_find_masq_iif(struct br *br, char iif[IFNAMSIZ], struct cni_err *err);
/* vlanif.c: the interface that holds the gateway of conf.vlan. */
int br_ensure_vlan_interface(struct br *br, struct cni_err *err);

/* del.c: a step of DEL. */
int br_del_spoof(const struct cni_call *call, struct cni_err *err);

/* The verbs; see struct cni_plugin. add.c, check.c; del.c, gc.c */
int br_add(const struct cni_call *call, struct cni_result *own,
	   struct undo *undo, struct cni_err *err);
int br_check(const struct cni_call *call, const struct cni_result *own,
	     struct cni_err *err);
extern const struct cni_step br_del[], br_gc[];

/*
 * The bridge's name, for DEL and GC, whose configuration need not be valid:
 * NULL where it is no text.
 */
const char *br_name(const struct cni_call *call);

/* GC's living() */
int br_living(const struct cni_call *call, cJSON **list, struct cni_err *err);

#endif
