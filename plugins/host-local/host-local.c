// SPDX-License-Identifier: GPL-2.0-or-later
/* host-local.c - addresses from ranges, kept in files on this host */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "base/auto.h"
#include "cni/cni.h"
#include "cni/undo.h"
#include "conf.h"
#include "gc.h"
#include "owner.h"
#include "resolv.h"
#include "status.h"
#include "store.h"

static int fail_memory(struct cni_err *err)
{
	return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

static int fail_release(const struct store *s, int r, struct cni_err *err)
{
	return cni_fail(err, CNI_EIO, r, "cannot release in %s", s->path);
}

/* The addresses that an ADD reserved, to be taken back if its result gets
   lost. */
struct lease {
	struct store_conf conf; /* the strings live as long as the call */
	char *owner;		/* owned */
	struct ip_list ips;
	struct timespec *made; /* owned: when each of them was reserved */
};

static void lease_free(void *arg)
{
	struct lease *lease = arg;

	if (!lease)
		return;
	free(lease->owner);
	free(lease->made);
	ip_list_done(&lease->ips);
	free(lease);
}

DEFINE_AUTO(lease, struct lease *, lease_free)

static struct lease *lease_new(const struct cni_attachment *att,
			       const struct store_conf *conf)
{
	AUTO(lease) struct lease *lease = calloc(1, sizeof(*lease));

	if (!lease)
		return NULL;
	lease->conf = *conf;
	lease->owner = owner_text(att->id, att->ifname);
	return lease->owner ? TAKE(lease) : NULL;
}

/* Takes down when the addresses were reserved. Returns 0 or -errno. */
static int lease_date(struct lease *lease, const struct store *store)
{
	int r = 0;

	lease->made = calloc(lease->ips.n, sizeof(*lease->made));
	if (!lease->made)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < lease->ips.n; i++)
		r = store_reserved_at(store, &lease->ips.v[i], &lease->made[i]);
	return r;
}

/* Whether the reservation that there is of ip is still that one, or -errno. */
static int lease_holds(const struct lease *lease, const struct store *store,
		       const struct ip_addr *ip)
{
	struct timespec t;
	size_t i = 0;
	int r;

	while (i < lease->ips.n && ip_cmp(&lease->ips.v[i], ip) != 0)
		i++;
	if (i == lease->ips.n)
		return 0;
	r = store_reserved_at(store, ip, &t);
	return r < 0 ? r
		     : t.tv_sec == lease->made[i].tv_sec &&
			       t.tv_nsec == lease->made[i].tv_nsec;
}

/*
 * The lock was not held meanwhile: the runtime may have given up on this call
 * and called DEL, after which another attachment can have the address.
 */
static int lease_undo(void *arg, struct cni_err *err)
{
	AUTO(store) struct store store = STORE_CLOSED;
	AUTO(ip_list) struct ip_list held = { 0 };
	struct lease *lease = arg;
	int r = store_open(&store, &lease->conf, STORE_CHANGE, err);

	if (r <= 0)
		return r;
	r = store_find(&store, lease->owner, &held);
	for (size_t i = held.n; r >= 0 && i-- > 0;) {
		r = lease_holds(lease, &store, &held.v[i]);
		if (r > 0)
			r = store_release(&store, &held.v[i], lease->owner);
	}
	return r < 0 ? fail_release(&store, r, err) : 0;
}

/* The addresses, one of each set in their order, as they go into the result. */
static int fill_ips(const struct ipam *ipam, const struct ip_list *ips,
		    struct cni_result *res, struct cni_err *err)
{
	for (size_t i = 0; i < ips->n; i++) {
		const struct range *range =
			range_set_find(&ipam->sets[i], &ips->v[i]);
		struct cni_ip *ip = cni_add_ip(res);

		if (!ip)
			return fail_memory(err);
		ip->address.addr = ips->v[i];
		ip->address.plen = range->subnet.plen;
		ip->gateway = range->gateway;
	}
	return 0;
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	const struct ipam *ipam = call->own;
	AUTO(store) struct store store = STORE_CLOSED;
	AUTO(lease) struct lease *lease = NULL;
	const struct ip_list *ips;
	int r;

	if (cni_result_append(own, &ipam->fixed) < 0)
		return fail_memory(err);
	if (ipam->resolv_conf &&
	    resolv_read(ipam->resolv_conf, &own->dns, err) < 0)
		return -1;
	lease = lease_new(&call->att, &ipam->store);
	if (!lease)
		return fail_memory(err);
	if (store_open(&store, &ipam->store, STORE_CREATE, err) < 0)
		return -1;
	if (alloc_addresses(&store, ipam, &call->att, &lease->ips, err) < 0)
		return -1;
	r = lease_date(lease, &store);
	if (r < 0) {
		cni_fail(err, CNI_EIO, r, "cannot read the reservations in %s",
			 store.path);
		r = alloc_give_back(&store, lease->owner, &lease->ips);
		return r < 0 ? fail_release(&store, r, err) : -1;
	}
	ips = &lease->ips;
	undo_push(undo, "release the addresses", lease_undo, TAKE(lease),
		  lease_free);
	return fill_ips(ipam, ips, own, err);
}

/* Releases all that owner holds. Returns how many it held, or -errno. */
static int release_all(struct store *s, const char *owner)
{
	AUTO(ip_list) struct ip_list ips = { 0 };
	int n, r = store_find(s, owner, &ips);

	n = (int)ips.n;
	if (r == 0)
		r = alloc_give_back(s, owner, &ips);
	return r < 0 ? r : n;
}

/* The same of a file that was changed in place, or under the folder's date. */
static int release_unindexed(struct store *s, const char *owner, const char *id)
{
	AUTO(ip_list) struct ip_list ips = { 0 };
	int r = store_read(s, owner, id, &ips);

	return r < 0 ? r : alloc_give_back(s, owner, &ips);
}

static int release(const struct cni_call *call, struct cni_err *err)
{
	AUTO(store) struct store store = STORE_CLOSED;
	AUTO(str) char *owner = owner_text(call->att.id, call->att.ifname);
	struct store_conf conf;
	int r;

	if (!owner)
		return fail_memory(err);
	if (ipam_read_store(call, &conf, err) < 0)
		return -1;
	r = store_open(&store, &conf, STORE_CHANGE, err);
	if (r <= 0)
		return r;
	r = release_all(&store, owner);
	/* old versions of the reference plugin wrote no interface name */
	if (r == 0)
		r = release_all(&store, call->att.id);
	if (r == 0 && !store.scanned)
		r = release_unindexed(&store, owner, call->att.id);
	return r < 0 ? fail_release(&store, r, err) : 0;
}

static int del(const struct cni_call *call, struct cni_err *err)
{
	struct ip_addr wanted;
	int r = release(call, err);

	/* as the reference, but only after all that could be done is done */
	return ipam_read_args(call->args, &wanted, err) < 0 ? -1 : r;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct ipam *ipam = call->own;
	AUTO(store) struct store store = STORE_CLOSED;
	AUTO(str) char *owner = owner_text(call->att.id, call->att.ifname);
	AUTO(ip_list) struct ip_list held = { 0 };
	int r;

	(void)own; /* as the reference: whatever addresses there are */
	if (!owner)
		return fail_memory(err);
	r = store_open(&store, &ipam->store, STORE_LOOK, err);
	if (r < 0)
		return -1;
	if (r > 0) {
		r = store_find(&store, owner, &held);
		if (r == 0 && held.n == 0)
			r = store_find(&store, call->att.id, &held);
		if (r < 0)
			return cni_fail(err, CNI_EIO, r,
					"cannot read the store %s", store.path);
	}
	if (held.n > 0)
		return 0;
	cni_fail(err, CNI_ESTATE, 0,
		 "host-local: Failed to find address added by container %s",
		 call->att.id);
	if (r >= 0 && store.dir >= 0)
		store_tell_unknown(&store, err);
	return -1;
}

/* Whether a reservation belongs to one of the valid attachments. */
static bool is_valid(const void *arg, const char *id, const char *ifname)
{
	const struct cni_call *call = arg;

	if (*ifname)
		return cni_is_valid(call, id, ifname);
	for (size_t i = 0; i < call->n_valid; i++)
		if (strcmp(call->valid[i].id, id) == 0)
			return true;
	return false;
}

static int gc(const struct cni_call *call, struct cni_err *err)
{
	AUTO(store) struct store store = STORE_CLOSED;
	struct store_conf conf;
	int r;

	if (!call->has_valid)
		return 0;
	if (ipam_read_store(call, &conf, err) < 0)
		return -1;
	r = store_open(&store, &conf, STORE_CHANGE, err);
	if (r <= 0)
		return r;
	r = gc_store(&store, is_valid, call);
	return r < 0 ? fail_release(&store, r, err) : 0;
}

static int status(const struct cni_call *call, struct cni_err *err)
{
	return status_check(call->own, err);
}

static int read_conf(const struct cni_call *call, void *own,
		     struct cni_err *err)
{
	return ipam_read(call, own, err);
}

static void conf_done(void *own)
{
	ipam_done(own);
}

static const struct cni_step del_steps[] = {
	{ "release the addresses", del },
	{ 0 },
};

static const struct cni_step gc_steps[] = {
	{ "release dead addresses", gc },
	{ 0 },
};

static const struct cni_step status_steps[] = {
	{ "look at store and pool", status },
	{ 0 },
};

const struct cni_plugin plugin_host_local = {
	.name = "host-local",
	.help = "host-local hands out IP addresses from ranges and keeps\n"
		"track of them in files on this host. It is called by another\n"
		"plugin, whose configuration names it as \"ipam\":\n"
		"\n"
		"{\n"
		"  \"cniVersion\": \"1.1.0\",\n"
		"  \"name\": \"mynet\",\n"
		"  \"type\": \"bridge\",\n"
		"  \"isGateway\": true,\n"
		"  \"ipMasq\": true,\n"
		"  \"ipam\": {\n"
		"    \"type\": \"host-local\",\n"
		"    \"ranges\": [\n"
		"      [{ \"subnet\": \"10.22.0.0/16\" }],\n"
		"      [{ \"subnet\": \"fd00:22::/64\" }]\n"
		"    ],\n"
		"    \"routes\": [{ \"dst\": \"0.0.0.0/0\" }, "
		"{ \"dst\": \"::/0\" }]\n"
		"  }\n"
		"}\n"
		"\n"
		"Reservations are in /var/lib/cni/networks/mynet (\"dataDir\").\n",
	.flags = CNI_IPAM | CNI_POOL,
	.conf_size = sizeof(struct ipam),
	.conf = read_conf,
	.conf_done = conf_done,
	.add = add,
	.del = del_steps,
	.check = check,
	.gc = gc_steps,
	.status = status_steps,
};
