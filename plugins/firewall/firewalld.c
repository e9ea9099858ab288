// SPDX-License-Identifier: GPL-2.0-or-later
/* firewalld.c - an attachment's addresses as sources of a zone of firewalld */
#include "firewalld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/masq.h"
#include "base/json.h"
#include "bus.h"
#include "cni/undo.h"
#include "conf.h"
#include "fw/sources.h"
#include "ips.h"

#define SERVICE "org.fedoraproject.FirewallD1"

/* "10.9.0.2/32" */
static const char *as_source(const struct ip_addr *ip, char buf[IP_STRLEN])
{
	struct ip_net net = { *ip, (uint8_t)ip_bits(ip->family) };

	return ip_net_format(&net, buf);
}

static struct bus_call method(const char *name, const char *first,
			      const char *second)
{
	return (struct bus_call){ SERVICE,
				  "/org/fedoraproject/FirewallD1",
				  SERVICE ".zone",
				  name,
				  { first, second } };
}

static int fail_open(int r, struct cni_err *err)
{
	if (r == -EOPNOTSUPP)
		return cni_fail(err, CNI_EKERNEL, 0,
				"firewalld cannot be told of containers: this "
				"firewall plugin was built without libdbus");
	if (r == -ELIBACC)
		return cni_fail(err, CNI_EKERNEL, 0,
				"firewalld cannot be told of containers: "
				"libdbus-1.so.3 is not installed");
	return cni_fail(err, CNI_EKERNEL, r == -ENOTCONN ? 0 : r,
			"firewalld cannot be told of containers: no answer "
			"from the system's D-Bus");
}

/* No bus to ask, but its rules are there. */
static int refuse_unheard(int r, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int runs = fw_open_any(&fw);

	if (runs > 0)
		runs = fw_has_firewalld(fw);
	if (runs <= 0)
		return 0;
	fail_open(r, err);
	cni_detail(err,
		   "it has rules on this host; \"backend\": \"nftables\" does "
		   "without it");
	return -1;
}

int firewalld_wanted(const struct cni_call *call, struct cni_err *err)
{
	const struct conf *conf = call->own;
	AUTO(bus) struct bus *bus = NULL;
	int r;

	if (conf->backend == BACKEND_FIREWALLD)
		return 1;
	if (conf->backend != BACKEND_AUTO || !bus_may_be())
		return 0;
	r = bus_open(&bus);
	if (r == -EOPNOTSUPP || r == -ELIBACC)
		return refuse_unheard(r, err);
	return r == 0 && bus_has(bus, SERVICE) == 1;
}

/* --- one source ------------------------------------------------------------*/

static int add_source(struct bus *bus, const char *zone,
		      const struct ip_addr *ip, struct cni_err *err)
{
	char text[IP_STRLEN];
	struct bus_call call = method("addSource", zone, as_source(ip, text));
	AUTO(str) char *answer = NULL;

	if (bus_ask_text(bus, &call, &answer) == 0 ||
	    strstr(bus_why(bus), "ZONE_ALREADY_SET"))
		return 0;
	cni_fail(err, CNI_EKERNEL, 0,
		 "failed to add the address %s to %s zone: %s", text, zone,
		 bus_why(bus));
	return -1;
}

/* From whatever zone it is in: the configuration may have changed. */
static int remove_source(struct bus *bus, const struct ip_addr *ip,
			 const char *only, struct cni_err *err)
{
	char text[IP_STRLEN];
	struct bus_call ask =
		method("getZoneOfSource", as_source(ip, text), NULL);
	AUTO(str) char *zone = NULL, *answer = NULL;
	struct bus_call call;

	/* who does not run has forgotten it */
	if (bus_ask_text(bus, &ask, &zone) < 0 || !*zone ||
	    (only && strcmp(only, zone) != 0))
		return 0;
	call = method("removeSource", zone, text);
	if (bus_ask_text(bus, &call, &answer) == 0 ||
	    strstr(bus_why(bus), "UNKNOWN_SOURCE"))
		return 0;
	return cni_fail(err, CNI_EKERNEL, 0,
			"failed to remove the address %s from %s zone: %s",
			text, zone, bus_why(bus));
}

/* --- ADD and CHECK ---------------------------------------------------------*/

static void free_list(char **list, size_t n)
{
	for (size_t i = 0; list && i < n; i++)
		free(list[i]);
	free(list);
}

/* Those of the network that the zone has not got. */
static int put_back(struct bus *bus, const char *zone,
		    const struct ip_addr *ips, size_t n, struct cni_err *err)
{
	struct bus_call call = method("getSources", zone, NULL);
	char **have = NULL, text[IP_STRLEN];
	size_t n_have = 0;
	int r = 0;

	if (bus_ask_list(bus, &call, &have, &n_have) < 0) {
		free_list(have, n_have);
		return cni_fail(err, CNI_EKERNEL, 0,
				"cannot list the sources of %s zone: %s", zone,
				bus_why(bus));
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		bool there = false;

		as_source(&ips[i], text);
		for (size_t k = 0; k < n_have; k++)
			there |= strcmp(have[k], text) == 0;
		if (!there)
			r = add_source(bus, zone, &ips[i], err);
	}
	free_list(have, n_have);
	return r;
}

/* what one ADD takes out of zones, for the time that it takes */
#define SWEEP_MAX 16

/*
 * Whose interface is gone, since nobody called DEL. It comes before the
 * network's are listed: who has such an address by then is put back. What stays
 * in its zone stays noted, and is no reason to refuse an ADD.
 */
static void sweep(struct bus *bus)
{
	struct fw_whose gone = { .network = NULL };
	AUTO(ips) struct ip_addr *ips = NULL;
	AUTO(fw) struct fw *fw = NULL;
	size_t n = 0;

	if (fw_open(&fw) < 0 || fw_sources_list(fw, &gone, &ips, &n) < 0)
		return;
	for (size_t i = 0; i < n && i < SWEEP_MAX; i++) {
		struct cni_err ignored = { 0 };

		if (remove_source(bus, &ips[i], NULL, &ignored) < 0)
			continue;
		/* not one that somebody else has noted meanwhile */
		gone.ips = &ips[i];
		gone.n_ips = 1;
		(void)fw_sources_del(fw, &gone);
	}
}

/* Noted before it is told: what is told is found again. */
static int note(const struct cni_call *call, const char *iface,
		struct ip_addr **ret, size_t *ret_n, struct cni_err *err)
{
	struct fw_whose all = { .network = call->att.network };
	AUTO(ips) struct ip_addr *ips = ips_of(&call->conf.prev);
	AUTO(fw) struct fw *fw = NULL;
	int r = ips ? fw_open(&fw) : -ENOMEM;

	if (r == 0)
		r = fw_sources_add(fw, &call->att, iface, ips,
				   call->conf.prev.n_ips);
	if (r == 0)
		r = fw_sources_list(fw, &all, ret, ret_n);
	return r < 0 ? fw_fail(err, fw, r, "note addresses of firewalld's zone")
		     : 0;
}

int firewalld_add(const struct cni_call *call, const char *iface,
		  struct undo *undo, struct cni_err *err)
{
	const struct conf *conf = call->own;
	AUTO(ips) struct ip_addr *ips = NULL;
	AUTO(bus) struct bus *bus = NULL;
	size_t n = 0;
	int r = bus_open(&bus);

	if (r < 0)
		return fail_open(r, err);
	undo_mark(undo, firewalld_del);
	sweep(bus);
	if (note(call, iface, &ips, &n, err) < 0)
		return -1;
	return put_back(bus, conf->zone, ips, n, err);
}

int firewalld_check(const struct cni_call *call, struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	const struct conf *conf = call->own;
	AUTO(bus) struct bus *bus = NULL;
	char text[IP_STRLEN];
	int r = bus_open(&bus);

	if (r < 0)
		return fail_open(r, err);
	for (size_t i = 0; i < prev->n_ips; i++) {
		const char *source =
			as_source(&prev->ips[i].address.addr, text);
		struct bus_call ask = method("querySource", conf->zone, source);
		bool has = false;

		if (bus_ask_bool(bus, &ask, &has) < 0)
			return cni_fail(err, CNI_EKERNEL, 0,
					"failed to find the address %s in %s "
					"zone: %s",
					source, conf->zone, bus_why(bus));
		if (!has)
			return cni_differs(err,
					   "the address %s is not in %s zone",
					   source, conf->zone);
	}
	return 0;
}

/* --- DEL, GC, STATUS -------------------------------------------------------*/

static int remove_noted(const struct fw_whose *whose, struct cni_err *err)
{
	AUTO(ips) struct ip_addr *ips = NULL;
	AUTO(fw) struct fw *fw = NULL;
	AUTO(bus) struct bus *bus = NULL;
	size_t n = 0;
	int r = fw_open_any(&fw), worst = 0;

	if (r > 0)
		r = fw_sources_list(fw, whose, &ips, &n);
	if (r < 0)
		return fw_fail(err, fw, r, "look for addresses of firewalld's");
	if (n == 0)
		return 0;
	/* where there is no bus any more there is no firewalld */
	if (bus_open(&bus) == 0)
		for (size_t i = 0; i < n; i++)
			if (remove_source(bus, &ips[i], NULL, err) < 0)
				worst = -1;
	if (worst == 0)
		r = fw_sources_del(fw, whose);
	if (r < 0)
		return fw_fail(err, fw, r, "forget addresses of firewalld's");
	return worst < 0 ? -1 : 1;
}

/* Whether the Go plugins would look there. */
static bool may_be_go(const struct cni_call *call)
{
	AUTO(fw) struct fw *fw = NULL;
	const char *backend = "";
	struct js_why why;

	(void)js_str(call->conf.json, "backend", &backend, &why);
	if (strcmp(backend, "firewalld") == 0)
		return bus_may_be();
	return strcmp(backend, "iptables") != 0 && bus_may_be() &&
	       fw_open_any(&fw) > 0 && fw_has_firewalld(fw) > 0;
}

/* One that somebody has noted is his by now. */
static int remove_unnoted(struct bus *bus, struct fw *fw,
			  const struct ip_addr *ip, const char *zone,
			  struct cni_err *err)
{
	int r = fw ? fw_sources_has(fw, ip) : 0;

	if (r < 0)
		return fw_fail(err, fw, r,
			       "look for an address of firewalld's");
	return r > 0 ? 0 : remove_source(bus, ip, zone, err);
}

/* What the Go plugins told it is noted nowhere. */
static int remove_go(const struct cni_call *call, struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	AUTO(bus) struct bus *bus = NULL;
	AUTO(fw) struct fw *fw = NULL;
	const char *zone = "trusted";
	struct js_why why;
	int r, worst = 0;

	(void)js_str(call->conf.json, "firewalldZone", &zone, &why);
	if (!call->conf.has_prev || !may_be_go(call) || bus_open(&bus) < 0)
		return 0;
	r = fw_open_any(&fw);
	if (r < 0)
		return fw_fail(err, fw, r, "look for addresses of firewalld's");
	for (size_t i = 0; i < prev->n_ips; i++)
		if (remove_unnoted(bus, r > 0 ? fw : NULL,
				   &prev->ips[i].address.addr, zone, err) < 0)
			worst = -1;
	return worst;
}

int firewalld_del(const struct cni_call *call, struct cni_err *err)
{
	struct fw_whose own = { .network = call->att.network,
				.att = &call->att };
	int r = remove_noted(&own, err);

	return r != 0 ? (r < 0 ? -1 : 0) : remove_go(call, err);
}

int firewalld_gc(const struct cni_call *call, struct cni_err *err)
{
	struct fw_whose dead = { .network = call->att.network,
				 .valid = call->valid,
				 .n_valid = call->n_valid };

	if (!call->has_valid)
		return 0;
	return remove_noted(&dead, err) < 0 ? -1 : 0;
}

/* As for an IPAM process: a runtime asks without a deadline, and a bus that is
 * slow has not said that it is not ready. */
#define STATUS_MS 100

static int slow_status(const struct cni_call *call)
{
	dprintf(call->err_fd,
		"%s: the system's D-Bus took longer than %d ms for STATUS: "
		"firewalld is taken for ready\n",
		call->self, STATUS_MS);
	return 0;
}

int firewalld_status(const struct cni_call *call, struct cni_err *err)
{
	const struct conf *conf = call->own;
	int r;

	if (conf->backend != BACKEND_FIREWALLD)
		return 0;
	r = bus_has_within(SERVICE, STATUS_MS);
	if (r == 1)
		return 0;
	if (r == -ETIME)
		return slow_status(call);
	if (r < 0 && r != -EIO)
		fail_open(r, err);
	else
		cni_fail(err, CNI_ENOTREADY, 0,
			 "firewalld does not run, and it is the backend");
	err->code = CNI_ENOTREADY;
	return -1;
}
