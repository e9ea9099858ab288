// SPDX-License-Identifier: GPL-2.0-or-later
/* alloc.c - choosing addresses, and all or none of them */
#include "alloc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "owner.h"
#include "repair.h"

/*
 * Looking at one name after the other is the cheapest way past a few taken
 * addresses. After this many, the folder is listed instead, once.
 */
#define PROBES 64

/* one range set's turn */
struct turn {
	struct store *store;
	const struct range_set *set;
	size_t n; /* the set's number */
	const char *owner;
	const struct ip_addr *wanted; /* NULL: any */
};

/* Returns 1, 0 where the address is taken, or -errno. */
static int take(const struct turn *t, const struct ip_addr *ip)
{
	int r = store_reserve(t->store, ip, t->owner);

	if (r == -EEXIST)
		return 0;
	if (r < 0)
		return r;
	r = store_set_last(t->store, t->n, ip);
	if (r == 0)
		return 1;
	/* an ADD that fails now would hold the address for nobody */
	store_release(t->store, ip, t->owner);
	return r;
}

/* The next free address. Returns 1, 0 where there is none, or -errno, with the
 * address that could not be had in *ret. */
static int take_next(const struct turn *t, struct ip_addr *ret)
{
	AUTO(ip_list) struct ip_list names = { 0 };
	struct range_walk walk;
	struct ip_addr last, ip;
	unsigned probes = 0;
	int r;

	store_get_last(t->store, t->n, &last);
	range_walk_start(&walk, t->set, &last);
	while (range_walk_next(&walk, &ip)) {
		if (++probes == PROBES) {
			r = store_names(t->store, &names);
			if (r < 0)
				return r;
			ip_list_sort(&names);
		}
		if (probes < PROBES ? store_has(t->store, &ip)
				    : ip_list_has(&names, &ip))
			continue;
		r = take(t, &ip);
		if (r == 0)
			continue;
		*ret = ip;
		return r;
	}
	return 0;
}

static int take_one(const struct turn *t, struct ip_addr *ret)
{
	if (!t->wanted)
		return take_next(t, ret);
	*ret = *t->wanted;
	return take(t, ret);
}

static int fail_full(const struct turn *t, const char *set, struct cni_err *err)
{
	AUTO(ip_list) struct ip_list names = { 0 };
	size_t n = 0;

	cni_fail(err, CNI_EPOOL, 0,
		 "no IP addresses available in range set: %s", set);
	if (store_names(t->store, &names) == 0) {
		for (size_t i = 0; i < names.n; i++)
			n += range_set_offers(t->set, &names.v[i]);
		cni_detail(err, "%zu addresses of it are reserved in %s", n,
			   t->store->path);
	}
	store_tell_unknown(t->store, err);
	return -1;
}

static int fail_taken(const struct turn *t, struct cni_err *err)
{
	char set[512], ip[IP_STRLEN];

	range_set_format(t->set, set, sizeof(set));
	if (!t->wanted)
		return fail_full(t, set, err);
	ip_format(t->wanted, ip);
	cni_fail(err, CNI_EPOOL, 0,
		 "requested IP address %s is not available in range set %s", ip,
		 set);
	cni_detail(err, "%s/%s is there", t->store->path, ip);
	store_tell_unknown(t->store, err);
	return -1;
}

/* A file system may have no name like that of an IPv6 address: vfat, exfat. */
static int fail_reserve(const struct turn *t, const struct ip_addr *ip, int r,
			struct cni_err *err)
{
	char name[IP_STRLEN];

	cni_fail(err, CNI_EIO, r, "cannot reserve an address in %s",
		 t->store->path);
	if (r == -EINVAL && ip->family)
		cni_detail(err,
			   "its file system takes no file called %s: set "
			   "\"dataDir\" to a folder on one that does",
			   ip_format(ip, name));
	return -1;
}

static int allocate(const struct turn *t, struct ip_addr *ret,
		    struct cni_err *err)
{
	char ip[IP_STRLEN];
	int r;

	*ret = (struct ip_addr){ 0 };
	if (t->wanted && !range_set_offers(t->set, t->wanted))
		return cni_fail(err, CNI_EPOOL, 0,
				"requested ip %s is subnet's gateway",
				ip_format(t->wanted, ip));
	r = take_one(t, ret);
	/* a file may have been emptied in place, which no index notices */
	if (r == 0 && !t->store->scanned) {
		r = repair_store(t->store);
		if (r == 0)
			r = take_one(t, ret);
	}
	if (r < 0)
		return fail_reserve(t, ret, r, err);
	return r > 0 ? 0 : fail_taken(t, err);
}

/* An attachment gets one address of a set, however it was asked for. */
static int check_held(const struct range_set *set, const struct ip_list *held,
		      const char *id, struct cni_err *err)
{
	char ip[IP_STRLEN];

	for (size_t i = 0; i < held->n; i++)
		if (range_set_find(set, &held->v[i]))
			return cni_fail(err, CNI_EEXIST, 0,
					"%s has been allocated to %s, "
					"duplicate allocation is not allowed",
					ip_format(&held->v[i], ip), id);
	return 0;
}

/* Takes the first address of the list that the set holds; NULL if none. */
static const struct ip_addr *pick(struct ip_list *wanted,
				  const struct range_set *set,
				  struct ip_addr *buf)
{
	for (size_t i = 0; i < wanted->n; i++) {
		if (!range_set_find(set, &wanted->v[i]))
			continue;
		*buf = wanted->v[i];
		wanted->n--;
		memmove(&wanted->v[i], &wanted->v[i + 1],
			(wanted->n - i) * sizeof(*buf));
		return buf;
	}
	return NULL;
}

static int fail_left_over(const struct ip_list *wanted, struct cni_err *err)
{
	char text[512] = "", ip[IP_STRLEN];
	size_t len = 0;

	for (size_t i = 0; i < wanted->n && len < sizeof(text) - 1; i++) {
		snprintf(text + len, sizeof(text) - len, " %s",
			 ip_format(&wanted->v[i], ip));
		len += strlen(text + len);
	}
	return cni_fail(err, CNI_EPOOL, 0,
			"failed to allocate all requested IPs:%s", text);
}

static int fail_memory(struct cni_err *err)
{
	return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

/* what the attachment holds, whoever reserved it */
static int find_held(struct store *s, const struct cni_attachment *att,
		     const char *owner, struct ip_list *ret,
		     struct cni_err *err)
{
	int r = store_find(s, owner, ret);

	if (r == 0)
		r = store_find(s, att->id, ret);
	if (r < 0)
		return cni_fail(err, CNI_EIO, r, "cannot read the store %s",
				s->path);
	return 0;
}

static int allocate_sets(struct turn *t, const struct ipam *ipam,
			 const struct cni_attachment *att,
			 struct ip_list *wanted, struct ip_list *ret,
			 struct cni_err *err)
{
	AUTO(ip_list) struct ip_list held = { 0 };
	struct ip_addr ip, buf;

	if (find_held(t->store, att, t->owner, &held, err) < 0)
		return -1;
	for (size_t i = 0; i < ipam->n_sets; i++) {
		struct cni_err why = { 0 };

		t->n = i;
		t->set = &ipam->sets[i];
		t->wanted = pick(wanted, t->set, &buf);
		if (check_held(t->set, &held, att->id, &why) < 0 ||
		    allocate(t, &ip, &why) < 0) {
			cni_fail(err, why.code, 0,
				 "failed to allocate for range %zu: %s", i,
				 why.msg);
			if (why.details[0])
				cni_detail(err, "%s", why.details);
			return -1;
		}
		if (ip_list_add(ret, &ip) < 0) {
			store_release(t->store, &ip, t->owner);
			return fail_memory(err);
		}
	}
	return wanted->n ? fail_left_over(wanted, err) : 0;
}

int alloc_give_back(struct store *s, const char *owner, struct ip_list *ips)
{
	int r = 0;

	/* the index is shortest to walk from its end */
	for (size_t i = ips->n; i-- > 0;) {
		int one = store_release(s, &ips->v[i], owner);

		if (r == 0)
			r = one;
	}
	ip_list_done(ips);
	return r;
}

int alloc_addresses(struct store *s, const struct ipam *ipam,
		    const struct cni_attachment *att, struct ip_list *ret,
		    struct cni_err *err)
{
	AUTO(str) char *owner = owner_text(att->id, att->ifname);
	AUTO(ip_list) struct ip_list wanted = { 0 };
	struct turn turn = { .store = s, .owner = owner };
	int r;

	if (!owner)
		return fail_memory(err);
	for (size_t i = 0; i < ipam->wanted.n; i++)
		if (ip_list_add(&wanted, &ipam->wanted.v[i]) < 0)
			return fail_memory(err);
	if (allocate_sets(&turn, ipam, att, &wanted, ret, err) == 0)
		return 0;
	r = alloc_give_back(s, owner, ret);
	if (r < 0)
		cni_fail(err, CNI_EIO, r, "cannot release in %s", s->path);
	return -1;
}
