/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result.h - the result of an ADD, and its form in each spec version */
#ifndef CNI_RESULT_H
#define CNI_RESULT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ipaddr.h"

/* An interface. All strings are owned; NULL where absent. Zero-initialise
   before use, as all that follows. */
struct cni_interface {
	char *name, *mac, *sandbox, *socket_path, *pci_id;
	int64_t mtu; /* 0: absent */
};

struct cni_ip {
	struct ip_net address;
	struct ip_addr gateway; /* unset where absent */
	int interface;		/* index into interfaces, -1 where absent */
};

struct cni_route {
	struct ip_net dst;
	struct ip_addr gw;	       /* unset where absent */
	int64_t mtu, advmss, priority; /* 0: absent */
	int64_t table, scope;	       /* -1: absent; 0 is a value */
};

struct cni_strings {
	char **v;
	size_t n;
};

/* The has_ flags tell an empty list that was given from an absent one. */
struct cni_dns {
	struct cni_strings nameservers, search, options;
	bool has_nameservers, has_search, has_options;
	char *domain;
};

struct cni_result {
	struct cni_interface *interfaces;
	size_t n_interfaces;
	struct cni_ip *ips;
	size_t n_ips;
	struct cni_route *routes;
	size_t n_routes;
	struct cni_dns dns;
};

/* Frees what the result owns and empties it. */
void cni_result_done(struct cni_result *res);
void cni_dns_done(struct cni_dns *dns);

static inline void result_auto(struct cni_result *res)
{
	cni_result_done(res);
}

/*
 * Append a zeroed element (ip: interface -1; route: table and scope -1) and
 * return it, or NULL for lack of memory. The pointer is good until the next
 * append to the same list.
 */
struct cni_interface *cni_add_interface(struct cni_result *res);
struct cni_ip *cni_add_ip(struct cni_result *res);
struct cni_route *cni_add_route(struct cni_result *res);

/*
 * Copies the part of a result that is the interface ifname's, in the sandbox at
 * netns, into own, which is empty: the interface, its addresses, with 0 as
 * their interface, and the routes that go over it. Returns 0 or -ENOMEM.
 */
int cni_result_own(const struct cni_result *all, const char *ifname,
		   const char *netns, struct cni_result *own);

/* Appends a copy of an interface. Returns 0 or -ENOMEM. */
int cni_copy_interface(struct cni_result *to, const struct cni_interface *from);

/*
 * Appends copies of all that from has, its indexes shifted: prevResult comes
 * after the plugin's own. Returns 0 or -ENOMEM; to keeps what was copied until
 * then.
 */
int cni_result_append(struct cni_result *to, const struct cni_result *from);

/*
 * Forgets the interfaces, and the addresses' references to them: an IPAM
 * plugin's result has none (specification section 4), whatever it says.
 */
void cni_result_drop_interfaces(struct cni_result *res);

/* Appends a copy of s. Returns 0 or -ENOMEM. */
int cni_strings_add(struct cni_strings *list, const char *s);

/*
 * Reads obj's member "dns", part of a configuration, into *dns, which is empty.
 * Returns 0, or -1 and the reason in err (code 7); then *dns may hold a part.
 */
int cni_dns_parse(cJSON *obj, struct cni_dns *dns, struct cni_err *err);
bool cni_dns_given(const struct cni_dns *dns);
/* Replaces *to by a copy of from. Returns 0 or -ENOMEM, then *to is empty. */
int cni_dns_copy(struct cni_dns *to, const struct cni_dns *from);

/*
 * Appends the routes in obj's member "routes", part of a configuration.
 * Returns 0, or -1 and the reason in err (code 7).
 */
int cni_routes_parse(cJSON *obj, struct cni_result *res, struct cni_err *err);

/*
 * Reads a result of any supported version; one without cniVersion has the
 * version given. Returns 0, or -1 and the reason in err (code 6).
 * Specification: "Converting between result versions".
 */
int cni_result_parse(cJSON *obj, const char *version, struct cni_result *res,
		     struct cni_err *err);

/*
 * Whether that version can express what a plugin made: 0.1.0 and 0.2.0 know of
 * nothing but addresses. Returns 0, or -1 and the reason in err (code 1).
 */
int cni_result_fits(const struct cni_result *res, const char *version,
		    struct cni_err *err);

/*
 * The result as text of that version, keys in the reference's order. Returns
 * an owned string, or NULL after reporting a lack of memory.
 */
char *cni_result_print(const struct cni_result *res, const char *version,
		       struct cni_err *err);

#endif
