/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap.h - ports of the host, led to those of attachments */
#ifndef CNI_FW_PORTMAP_H
#define CNI_FW_PORTMAP_H

#include <net/if.h>
#include <stddef.h>

#include "base/name.h"
#include "fw/fw.h"
#include "fw/match.h"
#include "fw/port.h"

/*
 * The mappings of an attachment, no two of the same host, proto and port. All
 * are elements of maps and sets of the table inet cni_portmap, with the
 * attachment's owner text as their comment; its rules are the same for all.
 * What an attachment has there is listed in a set of its own, whose name is a
 * hash of the owner text. The strings are borrowed.
 */
struct fw_portmap {
	const char *owner;
	const char *iface; /* by which its addresses are reached; "": none */
	const char *link;  /* a link of the host that ends with it; "": none */
	const struct fw_port *v;
	size_t n;
	bool snat;     /* what could not be answered is masqueraded: what
			  leaves by the interface it came in by, and what
			  comes from 127.0.0.0/8 */
	bool snat_all; /* all that is mapped is masqueraded */
	bool local;    /* 127.0.0.0/8 is let out to iface */
	/* with snat, and without conditions of IPv6, what the host asks by ::1
	   is let out from this address of its own; unset: it is not */
	struct ip_addr from;
	/* of IPv4 and IPv6: only what these hold of is led anywhere */
	const struct fw_match *only[2];
	size_t n_only[2];
};

/* Who has a port that is asked for. */
struct fw_port_holder {
	struct fw_port port; /* as asked for */
	char owner[CNI_COMMENT_LEN];
	char link[IFNAMSIZ]; /* as its fw_portmap had it */
};

/* What a removal took. Zero-initialise before use. */
struct fw_portmap_gone {
	struct fw_port *v; /* owned */
	size_t n;
	/* 127.0.0.0/8 was let out to it, and is for nobody any more; "": none
	 */
	char close[IFNAMSIZ];
};
void fw_portmap_gone_done(struct fw_portmap_gone *gone);
static inline void portmap_gone_auto(struct fw_portmap_gone *gone)
{
	fw_portmap_gone_done(gone);
}

/*
 * Adds the mappings, all of them or none. What was there of this attachment is
 * replaced: *gone says what that was, also after a failure, and of what was
 * asked for again, too. A port that another attachment of the same container
 * has stays with that one until it is removed, and is this one's then. Returns
 * 0 or -errno: -EADDRINUSE where another container has one, or has it at one
 * address where all are asked for, or the other way round; then *holder says
 * who. It only adds, which waits for nothing, but where something has to be
 * replaced.
 */
int fw_portmap_add(struct fw *fw, const struct fw_portmap *p,
		   struct fw_port_holder *holder, struct fw_portmap_gone *gone);

/*
 * CHECK: whether all is there. Returns 1, 0 or -errno; after 0 *ret_missing is
 * the index of the mapping that is not, n for rules or what masquerades. After
 * 1 *ret_from is the address by which ::1 is let out, whichever it was when
 * that was added; unset where there is none.
 */
int fw_portmap_has(struct fw *fw, const struct fw_portmap *p,
		   size_t *ret_missing, struct ip_addr *ret_from);

/*
 * Removes all that is of that owner text. A port that another attachment of
 * the container waits for is that one's then, in the same transaction. Nothing
 * is read but the attachment's own set, who waits, and, where it was let out
 * by 127.0.0.0/8, who else is. Returns 1, 0
 * where there is nothing, which costs one request, or -errno.
 */
int fw_portmap_del(struct fw *fw, const char *owner,
		   struct fw_portmap_gone *gone);

/*
 * GC: gives the owner texts of the network's attachments that are not among
 * the n valid ones to fn, until that returns something else than 0. Returns
 * that or -errno.
 */
typedef int (*fw_portmap_fn)(const char *owner, void *arg);
int fw_portmap_dead(struct fw *fw, const char *network,
		    const struct cni_attachment *valid, size_t n,
		    fw_portmap_fn fn, void *arg);

/* Whether 127.0.0.0/8 is let out to iface for anybody. 1, 0 or -errno. */
int fw_portmap_needs_local(struct fw *fw, const char *iface);

/*
 * Whether there is the table, and with it somebody's mapping and the chain that
 * guards loopback. 1, 0 or -errno.
 */
int fw_portmap_is_here(struct fw *fw);

/* Whether there is firewalld's table. Returns 1, 0 or -errno. */
int fw_firewalld_is_here(struct fw *fw);

#endif
