/* SPDX-License-Identifier: GPL-2.0-or-later */
/* values.h - values of a sandbox and its link: those wanted, those of before */
#ifndef TUNING_VALUES_H
#define TUNING_VALUES_H

#include "attach/sandbox.h"
#include "cni/keys.h"
#include "route/link.h"

/* A sysctl: owned strings. name is a path below /proc/sys, in "net/". */
struct sysctl {
	char *name, *value;
};

/* Any of them may be there or not. Zero-initialise before use. */
struct values {
	struct cni_mac mac;
	unsigned mtu;	      /* 0: not there */
	unsigned mask, flags; /* those of IFF_PROMISC and IFF_ALLMULTI that are
				 in mask are there */
	bool has_txqlen;
	uint32_t txqlen;
	struct sysctl *sysctl; /* n of them, of different names; owned */
	size_t n;
};

/* Frees what v owns and empties it. */
void values_done(struct values *v);

static inline void values_auto(struct values *v)
{
	values_done(v);
}

/* Whether v has something of a link. */
bool values_of_link(const struct values *v);
/* Whether v has nothing. */
bool values_none(const struct values *v);

/* Finds the sysctl of that name in v, or NULL. */
const struct sysctl *values_sysctl(const struct values *v, const char *name);

/*
 * Gives v copies of a sysctl's name and value; one that it has gets another
 * value. Returns 0 or -ENOMEM.
 */
int values_put_sysctl(struct values *v, const char *name, const char *value);

/*
 * Gives v what from has and it has not. *ret_more tells whether that was
 * anything. Returns 0 or -ENOMEM.
 */
int values_add(struct values *v, const struct values *from, bool *ret_more);

/*
 * Reads into ret, which is empty, what the sandbox has for each of want's.
 * A sysctl that cannot be read before it is written is left out. Returns 0, or
 * -1 and the reason in err: code 100.
 */
int values_read(const struct sandbox *s, const struct values *want,
		struct values *ret, struct cni_err *err);

/*
 * Before the link's MAC becomes another: what has to be set for the kernel to
 * tell those who know its addresses (arp_notify, ndisc_notify). Those of it
 * that are there, and not so, are put into ret, and their values of now into
 * now, but for sysctls that want has itself. Returns 0, or -1 and the reason in
 * err.
 */
int values_announce(const struct sandbox *s, const struct values *want,
		    struct values *now, struct values *ret,
		    struct cni_err *err);

/*
 * Gives the sandbox v's: the sysctls in their order, then the link. Stops at
 * the first that cannot be set. Returns 0, or -1 with code 100.
 */
int values_set(const struct sandbox *s, const struct values *v,
	       struct cni_err *err);

/*
 * The way back: the link, then the sysctls, from the last to the first, each
 * whatever became of the others. What is gone or cannot be set any more is no
 * error. Returns 0, or -1 with code 100.
 */
int values_restore(const struct sandbox *s, const struct values *v,
		   struct cni_err *err);

/* CHECK: the sandbox has want's. Returns 0, or -1 with code 104 or 100. */
int values_check(const struct sandbox *s, const struct values *want,
		 struct cni_err *err);

#endif
