/* SPDX-License-Identifier: GPL-2.0-or-later */
/* goveth.h - the veth that a Go plugin made, and its masquerade */
#ifndef CNI_GOVETH_H
#define CNI_GOVETH_H

#include "cni/cni.h"

/*
 * A step of DEL, before veth_del(): links made by the Go plugins have no
 * alias, so name, kind and what prevResult says are the only evidence. An alias
 * that somebody wrote there, or over one of ours, says nothing in the sandbox:
 * there the link of that name is the attachment's if its other end has a name
 * of ours, or is a port of the bridge called bridge (NULL: there is none).
 * Where the attachment is ours, only masquerade that the Go plugins left for
 * its addresses goes. Returns 0, or -1 with code 100.
 */
int goveth_del_port(const struct cni_call *call, const char *bridge,
		    struct cni_err *err);
int goveth_del(const struct cni_call *call, struct cni_err *err);

#endif
