/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inner.h - a link that is in the sandbox alone (macvlan, ipvlan, vlan, dummy)
 */
#ifndef CNI_INNER_H
#define CNI_INNER_H

#include "attach/sandbox.h"
#include "route/kinds.h"
#include "route/link.h"

/*
 * An inner link's kind is the plugin's name. The link ends with the sandbox, so
 * GC has nothing to look for.
 */

/*
 * The link below: called name, or, where that is NULL, the one of the first
 * default route; on the host, or in the sandbox. Returns 0, or -1: code 7
 * where there is none, else 100.
 */
int inner_find_lower(const struct sandbox *s, const char *name, bool in_sandbox,
		     struct rt_link *ret, struct cni_err *err);

/*
 * Makes new, down, as CNI_IFNAME, born in the sandbox: its name and netns are
 * filled in, its lower is one of the host's, or, with in_sandbox, of the
 * sandbox's. Marks inner_del, a step of the plugin's DEL. *ret is the link.
 * Returns 0, or -1: code 102 where the name is taken, else 100.
 */
int inner_add(const struct sandbox *s, const struct rt_new *new,
	      bool in_sandbox, struct rt_link *ret, struct undo *undo,
	      struct cni_err *err);

/*
 * Step: deletes the link of that name and of the plugin's kind, also where a
 * Go plugin made it; another one is nobody's business.
 */
int inner_del(const struct cni_call *call, struct cni_err *err);

#endif
