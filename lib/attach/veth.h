/* SPDX-License-Identifier: GPL-2.0-or-later */
/* veth.h - a veth pair whose host end is named and marked by its owner */
#ifndef CNI_VETH_H
#define CNI_VETH_H

#include "attach/sandbox.h"
#include "cni/keys.h"
#include "route/link.h"

struct veth_conf {
	struct cni_mac mac; /* of the sandbox's end; random where not given */
	unsigned mtu;	    /* of both; 0: the kernel's default */
};

struct veth {
	struct rt_link host;  /* the host's end */
	int cont;	      /* the index of the sandbox's end, in there */
	uint8_t mac[MAC_LEN]; /* of the sandbox's end */
};

/* Whether the name is one that this attachment's host end may have. */
bool veth_has_name(const struct cni_attachment *att, const char *name);

/*
 * The host's end of this attachment, by its name and alias. Returns 0,
 * -ENODEV, or -errno.
 */
int veth_find(struct rt *host, const struct cni_attachment *att,
	      struct rt_link *ret);

/*
 * The same for a step of DEL, on a socket of its own: *host is owned. Returns
 * 1, 0 where there is none, or -1 with code 100.
 */
int veth_look(const struct cni_call *call, struct rt **host,
	      struct rt_link *ret, struct cni_err *err);

/*
 * Refuses, with code 102, what is there already: the attachment, or an
 * interface of its name in the sandbox. veth_add() has the last word.
 */
int veth_refuse_second(const struct sandbox *s, struct cni_err *err);

/*
 * Makes the pair, down, its far end in the sandbox as CNI_IFNAME. Marks
 * veth_del, which is a step of the plugin's DEL. The host's end has no alias
 * yet: rt_link_attach() gives it one. Returns 0, or -1: code 102 where one of
 * the names is taken, else 100.
 */
int veth_add(const struct sandbox *s, const struct veth_conf *conf,
	     struct veth *ret, struct undo *undo, struct cni_err *err);

/*
 * Deletes a link; one that is gone meanwhile is as good as deleted. Returns 0,
 * or -1 with code 100.
 */
int veth_delete(struct rt *rt, const struct rt_link *l, struct cni_err *err);

/* GC: whether a link's alias names a valid attachment. */
bool veth_is_valid(const struct cni_call *call, const char *alias);

/* Steps: the attachment's veth; in GC, those of the network's dead ones. */
int veth_del(const struct cni_call *call, struct cni_err *err);
int veth_gc(const struct cni_call *call, struct cni_err *err);

#endif
