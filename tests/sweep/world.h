/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - a host and a sandbox, made of new network namespaces, with a
 * plugin and its network; calls of that plugin, and what they leave
 */
#ifndef SWEEP_WORLD_H
#define SWEEP_WORLD_H

#include "../snapshot/lines.h"
#include "../snapshot/snapshot.h"
#include "inject.h"

struct world {
	/* as given */
	const char *file; /* the plugin */
	const char *path; /* CNI_PATH */
	const char *conf; /* its configuration, as text */
	const char *pool; /* the plugin that gives addresses, or NULL */
	const char *base; /* the configuration of bridge, which comes before a
			     chained plugin; NULL: it is none */
	const char *has;  /* a command that gives a host what it has, or NULL */
	bool inside;	  /* all it makes is in the sandbox, and ends with it */
	bool fresh;	  /* each ADD is the network's first */

	struct view host, sandbox;
	char netns[64];	     /* the sandbox's path */
	struct lines before; /* what there is between calls */
	/* the same after the first ADD and DEL, where the world is fresh */
	struct lines settled;
	char *result;  /* of the last ADD, owned */
	char *prev[2]; /* of bridge, for eth0 and eth1; owned */
	char why[4096];
};

/*
 * The functions return false and leave the reason in w->why where something
 * was not as it has to be.
 */

/*
 * Makes the world anew. Where it is not a fresh one, the network has been
 * used before, as what it keeps is no trace.
 */
bool world_new(struct world *w);
void world_end(struct world *w);

bool world_add(struct world *w, const char *ifname);
bool world_check(struct world *w, const char *ifname);
/* Without a sandbox, CNI_NETNS is empty. */
bool world_del(struct world *w, const char *ifname, bool sandbox);
/* Whether GC has something to find: a link on the host, or an address. */
bool world_collects(const struct world *w);
/* The pool, if there is one, gives that attachment an address, and no more. */
bool world_reserve(struct world *w, const char *ifname);
/* The only attachment that lives is that of ifname, or none for NULL. */
bool world_gc(struct world *w, const char *ifname);

/*
 * The same with an injection. *ret_ok tells whether it succeeded; if not, it
 * said so as the specification wants, or was killed.
 */
bool world_try(struct world *w, const char *verb, const char *ifname,
	       struct inject *in, bool *ret_ok);

/* From now on, what there is now is what there was before. */
void world_mark(struct world *w);

/*
 * Nothing is there that was not there before. Where the world is fresh, what
 * the network keeps may be there or not, but nothing of an attachment.
 */
bool world_same(struct world *w);

/* ADD, CHECK and DEL work, and leave what they have to. */
bool world_works(struct world *w, const char *ifname, bool sandbox);

/* How many addresses the pool has. */
bool world_pool(struct world *w, unsigned *ret);

__attribute__((format(printf, 2, 3))) bool world_wrong(struct world *w,
						       const char *fmt, ...);

#endif
