/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bridge.h - the steps of one attachment, shared by the verbs */
#ifndef BRIDGE_H
#define BRIDGE_H

#include "cni/cni.h"
#include "conf.h"
#include "fw/fw.h"
#include "route/link.h"
#include "fw/masq.h"
#include "route/rt.h"
#include "cni/undo.h"

/* What the alias of a bridge says once its MAC is pinned. */
#define BRIDGE_MARK "cni:bridge"

/* salts of cni_veth_name() that are tried */
#define VETH_SALTS 8

/* what the kernel may take to put an IPv6 address to use on a busy machine */
#define BR_LOCAL_TIMEOUT_MS 30000

/* One attachment being made or checked. Steps fill it from top to bottom. */
struct br {
	const struct cni_call *call;
	const struct br_conf *conf;
	struct undo *undo;	/* ADD's */
	struct rt *host, *cont; /* owned: sockets in either namespace */
	struct cni_result *own; /* what ADD makes of the result */
	struct rt_link bridge;
	struct rt_link port; /* the host's end of the veth */
	int cont_index;
	uint8_t cont_mac[MAC_LEN];
	struct rt_link gw;   /* the bridge, or its VLAN interface */
	unsigned n_replaced; /* addresses that forceAddress took off */
	bool new_gateway;    /* it was given an address that may not work yet */
};

void br_done(struct br *br);
static inline void br_auto(struct br *br)
{
	br_done(br);
}

/* Opens both sockets. Returns 0, or -1 with code 100. */
int br_open(struct br *br, struct cni_err *err);

/* bridgeif.c: use the bridge, make it where it is missing, pin its MAC. */
int br_ensure_bridge(struct br *br, struct cni_err *err);
/*
 * bridgeif.c: no container is the router of this link, in the namespace the
 * process is in (CVE-2020-10749). What /proc/sys does not allow is logged, and
 * no reason to fail: it is the host's owner who made it read-only.
 */
void br_refuse_ra(const struct br *br, const char *name);
/* bridgeif.c: VLAN filtering is on; an error says what is missing. */
int br_ensure_filtering(struct br *br, struct cni_err *err);

/*
 * port.c: the host end of this attachment, by its name and alias. Returns 0,
 * -ENODEV, or -errno.
 */
int br_find_port(struct rt *host, const struct cni_attachment *att,
		 struct rt_link *ret);
/*
 * port.c: refuses, with code 102, what is there already: the attachment, or an
 * interface of its name in the sandbox. br_add_link() has the last word.
 */
int br_refuse_second(struct br *br, struct cni_err *err);
/* port.c: the veth. It fails with code 102 where there is one already. */
int br_add_link(struct br *br, struct cni_err *err);
/* port.c: sysctls of both ends that do not depend on addresses. */
void br_prepare_link(const struct br *br);
/* port.c: its host end as a port of the bridge, with its flags and VLANs. */
int br_add_port(struct br *br, struct cni_err *err);
/* port.c: programs vlan and, where not NULL, trunk on a port. */
int br_set_vlans(struct br *br, int index, const struct vlan_set *trunk,
		 struct cni_err *err);

/*
 * sandbox.c: sysctls of the container's end that do not depend on addresses.
 * Best effort: a read-only /proc/sys must not end the ADD, and nothing is
 * lost but speed or a second guard, as NODAD is on the addresses themselves.
 */
void br_prepare_sandbox(const struct br *br);
/* sandbox.c: addresses, up, routes; waits for the port and announces. */
int br_set_up_sandbox(struct br *br, struct cni_err *err);

/* gateway.c: fills in gateways and the default route of the result. */
int br_plan_gateways(struct br *br, struct cni_err *err);
/* gateway.c: gateway addresses on the bridge, forwarding, masquerade. */
int br_set_up_gateways(struct br *br, struct cni_err *err);
/*
 * masquerade.c: by which interface, for netfilter, packets of the pods came in
 * when they leave: the gateway's, or the VRF that it is in. Returns 0, or -1.
 */
int br_find_masq_iif(struct br *br, char iif[IFNAMSIZ], struct cni_err *err);
/*
 * masquerade.c: the masquerade rules of these addresses of the attachment, as
 * an owned array of n that borrows its strings; NULL for lack of memory.
 */
struct fw_masq *br_masq_rules(const struct br *br, const struct cni_ip *ips,
			      size_t n, const char *iif);
DEFINE_AUTO(masq, struct fw_masq *, free)
/* masquerade.c: the rules of this ADD's addresses. */
int br_masquerade(struct br *br, struct cni_err *err);
/*
 * masquerade.c: where ipMasq was set to false, removes the network's rules of
 * this bridge, which are there for all pods and outlive them. The last step,
 * as nothing puts them back. What does not work is logged: this ADD asked for
 * nothing that needs nf_tables.
 */
void br_end_masquerade(struct br *br);
/* vlanif.c: the interface that holds the gateway of conf.vlan. */
int br_ensure_vlan_interface(struct br *br, struct cni_err *err);

/*
 * Steps of DEL. goveth.c: the veth that a Go plugin made, and its rules; del.c:
 * our veth, IPAM's DEL, rules of macspoofchk and masquerade.
 */
int br_del_go(const struct cni_call *call, struct cni_err *err);
int br_del_link(const struct cni_call *call, struct cni_err *err);
int br_del_addresses(const struct cni_call *call, struct cni_err *err);
int br_del_spoof(const struct cni_call *call, struct cni_err *err);
int br_del_masq(const struct cni_call *call, struct cni_err *err);

/*
 * del.c: deletes a link; one that is gone meanwhile is as good as deleted.
 * Returns 0, or -1.
 */
int br_delete_link(struct rt *rt, const struct rt_link *l, struct cni_err *err);

/* The verbs; see struct cni_plugin. add.c, check.c; del.c, gc.c */
int br_add(const struct cni_call *call, struct cni_result *own,
	   struct undo *undo, struct cni_err *err);
int br_check(const struct cni_call *call, const struct cni_result *own,
	     struct cni_err *err);
extern const struct cni_step br_del[], br_gc[];

#endif
