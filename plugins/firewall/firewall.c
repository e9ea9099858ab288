// SPDX-License-Identifier: GPL-2.0-or-later
/* firewall.c - the firewall plugin: its verbs */
#include "firewall.h"

#include <errno.h>
#include <net/if.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/rules.h"
#include "base/fs.h"
#include "cni/undo.h"
#include "firewalld.h"
#include "fw/firewall-go.h"
#include "ips.h"
#include "living.h"

/* more than the kernel's list of tables ever is */
#define TABLES_MAX 4096

/* An attachment, as prevResult tells it. */
struct wall {
	const struct conf *conf;
	struct fw_firewall f;
	struct fw_member m;
	struct place place;
	char owner[CNI_COMMENT_LEN];
	struct rt *host; /* owned */
};

static void wall_auto(struct wall *w)
{
	rt_close(w->host);
}

static int need_interface(const struct conf *conf, struct cni_err *err)
{
	static const char *const names[] = { "open", "same-bridge",
					     "isolated" };

	if (conf->policy != FW_OPEN)
		return cni_fail(err, CNI_ECONF, 0,
				"interface needs to be set for ingress policy "
				"\"%s\", make sure to chain \"firewall\" "
				"plugin with \"bridge\"",
				names[conf->policy]);
	if (firewall_conf_guards(conf))
		return cni_fail(err, CNI_ECONF, 0,
				"denyTo, denyHost, denyMetadata and allowTo "
				"need an interface of the host in prevResult, "
				"make sure to chain \"firewall\" plugin with "
				"\"bridge\" or \"ptp\"");
	return 0;
}

/* What is to be there; nothing if w->f.iface is NULL. */
static int read_wall(const struct cni_call *call, bool with_filter,
		     struct wall *w, struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	const struct conf *conf = call->own;
	int r = rt_open(&w->host);

	if (r == 0)
		r = living_place(call, w->host, &w->place);
	if (r < 0)
		return rt_fail(err, w->host, r,
			       "cannot find the attachment's interface");
	w->conf = conf;
	w->m.owner = cni_owner(&call->att, w->owner, sizeof(w->owner));
	w->m.port = *w->place.port ? w->place.port : NULL;
	if (!*w->place.iface)
		return need_interface(conf, err);
	w->f = (struct fw_firewall){
		.network = call->att.network,
		.iface = w->place.iface,
		.policy = conf->policy,
		.deny = conf->deny.v,
		.n_deny = conf->deny.n,
		.allow = conf->allow.v,
		.n_allow = conf->allow.n,
		.limited = conf->allow_list != NULL,
		.no_host = conf->no_host,
		.admin = with_filter ? conf->admin : NULL,
	};
	for (size_t i = 0; i < prev->n_ips; i++) {
		w->f.v4 |= prev->ips[i].address.addr.family == AF_INET;
		w->f.v6 |= prev->ips[i].address.addr.family == AF_INET6;
	}
	return 0;
}

/* Returns 1 where firewalld is to be told, 0 or -1. */
static int read_call(const struct cni_call *call, struct wall *w,
		     struct cni_err *err)
{
	const struct conf *conf = call->own;
	int zones;

	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"missing prevResult from earlier plugin");
	zones = firewalld_wanted(call, err);
	if (zones < 0 ||
	    read_wall(call, !zones && conf->backend != BACKEND_NFTABLES, w,
		      err) < 0)
		return -1;
	return zones;
}

/* --- iptables of before nf_tables ------------------------------------------*/

static bool lists_filter(const char *path)
{
	AUTO(str) char *text = NULL;
	size_t len;

	if (fs_read_at(AT_FDCWD, path, TABLES_MAX, &text, &len) < 0)
		return false;
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (strcmp(line, "filter") == 0)
			return true;
	}
	return false;
}

/* Its tables are out of reach of nf_tables, and what they drop is dropped. */
static int refuse_legacy(const struct fw_firewall *f, struct cni_err *err)
{
	const char *family = NULL;

	if (f->v4 && lists_filter("/proc/self/net/ip_tables_names"))
		family = "iptables";
	else if (f->v6 && lists_filter("/proc/self/net/ip6_tables_names"))
		family = "ip6tables";
	if (!family)
		return 0;
	cni_fail(err, CNI_EKERNEL, 0,
		 "the FORWARD chain of this host was made by %s-legacy, where "
		 "no exception can be made for %s",
		 family, f->iface);
	cni_detail(err,
		   "make its rules by %s-nft and flush the old ones by "
		   "%s-legacy -F and rmmod; or, if it lets %s pass, say "
		   "\"backend\": \"nftables\"",
		   family, family, f->iface);
	return -1;
}

/* --- ADD -------------------------------------------------------------------*/

static int set_up(const struct cni_call *call, struct wall *w,
		  struct undo *undo, struct cni_err *err)
{
	AUTO(fw) struct fw *fw = NULL;
	int r;

	undo_mark(undo, firewall_remove);
	r = living_mark(w->host, &w->place, true);
	if (r < 0)
		return rt_fail(err, w->host, r, "cannot mark \"%s\"",
			       w->place.port);
	r = fw_open(&fw);
	if (r == 0)
		r = fw_firewall_add(fw, &w->f, &w->m);
	if (r < 0)
		return fw_fail(err, fw, r, "set up the firewall");
	if (r == 0)
		return 0;
	/* a new network: what is left of one that is gone, and who was here
	   when somebody flushed the rules */
	r = living_join(call, w->host, fw, &w->f);
	if (r >= 0)
		r = fw_firewall_sweep(fw);
	return r < 0 ? fw_fail(err, fw, r, "put the network's rules back") : 0;
}

/* The one that goes with the attachment; "" where it is not known, or not here.
 */
static const char *end_of(const struct place *place)
{
	const char *end = *place->port ? place->port : place->iface;

	return if_nametoindex(end) ? end : "";
}

int firewall_add(const struct cni_call *call, struct cni_result *own,
		 struct undo *undo, struct cni_err *err)
{
	AUTO(wall) struct wall w = { 0 };
	int zones;

	(void)own;
	zones = read_call(call, &w, err);
	if (zones < 0)
		return -1;
	if (w.f.iface && w.f.admin && refuse_legacy(&w.f, err) < 0)
		return -1;
	if (w.f.iface && set_up(call, &w, undo, err) < 0)
		return -1;
	return zones ? firewalld_add(call, end_of(&w.place), undo, err) : 0;
}

/* --- CHECK -----------------------------------------------------------------*/

static int check_rules(const struct cni_call *call, const struct wall *w,
		       struct cni_err *err)
{
	AUTO(ips) struct ip_addr *ips = ips_of(&call->conf.prev);
	AUTO(fw) struct fw *fw = NULL;
	const char *missing = NULL;
	int r = ips ? fw_open(&fw) : -ENOMEM;

	if (r == 0)
		r = fw_firewall_has(fw, &w->f, &w->m, &missing);
	/* what the Go plugins know nothing of, they did not make */
	if (r == 0 && !firewall_conf_guards(w->conf))
		r = fw_firewall_go_has(fw, ips, call->conf.prev.n_ips,
				       w->f.iface, w->f.policy);
	if (r < 0)
		return fw_fail(err, fw, r, "look for the firewall's rules");
	return r ? 0
		 : cni_differs(err, "firewall: %s of %s is missing", missing,
			       w->f.iface);
}

int firewall_check(const struct cni_call *call, const struct cni_result *own,
		   struct cni_err *err)
{
	AUTO(wall) struct wall w = { 0 };
	int zones;

	(void)own;
	zones = read_call(call, &w, err);
	if (zones < 0)
		return -1;
	if (w.f.iface && check_rules(call, &w, err) < 0)
		return -1;
	return zones ? firewalld_check(call, err) : 0;
}

/* --- DEL, GC, STATUS -------------------------------------------------------*/

static int unmark(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *host = NULL;
	struct place place = { 0 };
	int r = rt_open(&host);

	if (r == 0)
		r = living_place(call, host, &place);
	if (r == 0)
		r = living_mark(host, &place, false);
	return r < 0 ? rt_fail(err, host, r, "cannot unmark the host's end")
		     : 0;
}

static int del_rules(struct fw *fw, const struct cni_call *call)
{
	return fw_firewall_del(fw, &call->att);
}

int firewall_remove(const struct cni_call *call, struct cni_err *err)
{
	int r = unmark(call, err);

	return rules_del(call, del_rules, "remove the firewall's rules", err) <
			       0
		       ? -1
		       : r;
}

/* The bridge, where nobody but the attachment is on it; else "". */
static int find_lone_bridge(const struct cni_call *call, char ret[IFNAMSIZ])
{
	AUTO(rt) struct rt *host = NULL;
	struct place place = { 0 };
	int r = rt_open(&host);

	if (r == 0)
		r = living_place(call, host, &place);
	if (r == 0 && *place.iface)
		r = living_others(host, place.iface, place.port);
	if (r == 0)
		memcpy(ret, place.iface, IFNAMSIZ);
	return r;
}

/*
 * Their rules name no owner. Those of the addresses are this attachment's as
 * long as it has them; the bridge's are taken where nobody else is on it.
 */
static int remove_go(const struct cni_call *call, struct cni_err *err)
{
	const struct cni_result *prev = &call->conf.prev;
	AUTO(ips) struct ip_addr *ips = NULL;
	AUTO(fw) struct fw *fw = NULL;
	char bridge[IFNAMSIZ] = "";
	int r;

	if (!call->conf.has_prev)
		return 0;
	ips = ips_of(prev);
	r = ips ? fw_open_any(&fw) : -ENOMEM;
	if (r == 0)
		return 0;
	if (r > 0)
		r = fw_firewall_go_isolates(fw);
	if (r > 0)
		r = find_lone_bridge(call, bridge);
	if (r >= 0)
		r = fw_firewall_go_del(fw, ips, prev->n_ips,
				       *bridge ? bridge : NULL);
	if (r < 0)
		return fw_fail(err, fw, r, "remove the Go plugins' rules");
	rules_close_later(call, TAKE(fw));
	return 0;
}

static int collect(const struct cni_call *call, struct cni_err *err)
{
	return rules_gc(call, fw_firewall_gc, "collect dead rules", err);
}

static int unmark_dead(const struct cni_call *call, struct cni_err *err)
{
	AUTO(rt) struct rt *host = NULL;
	int r;

	if (!call->has_valid)
		return 0;
	r = rt_open(&host);
	if (r == 0)
		r = living_unmark(call, host);
	return r < 0 ? rt_fail(err, host, r, "cannot unmark dead links") : 0;
}

static int ask_rules(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	return rules_status("firewall", err);
}

static const struct cni_step del[] = {
	{ "remove its rules", firewall_remove },
	{ "remove its addresses from firewalld's zone", firewalld_del },
	{ "remove the Go plugins' rules", remove_go },
	{ 0 },
};
static const struct cni_step gc[] = {
	{ "unmark dead links", unmark_dead },
	{ "collect dead rules", collect },
	{ "collect dead addresses in firewalld's zones", firewalld_gc },
	{ 0 },
};
static const struct cni_step status[] = {
	{ "ask nf_tables", ask_rules },
	{ "ask firewalld", firewalld_status },
	{ 0 },
};

const struct cni_plugin plugin_firewall = {
	.name = "firewall",
	.help = "firewall keeps networks apart from each other, lets a host's\n"
		"firewall pass them, and limits what containers may reach. It\n"
		"comes after bridge or ptp in a list of plugins:\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"cniVersions\": [\"1.0.0\", \"1.1.0\"],\n"
		"        \"name\": \"mynet\",\n"
		"        \"plugins\": [\n"
		"            { \"type\": \"bridge\", \"bridge\": \"cni0\" },\n"
		"            { \"type\": \"firewall\",\n"
		"              \"ingressPolicy\": \"same-bridge\" }\n"
		"        ]\n"
		"    }\n",
	.flags = CNI_SANDBOX,
	.keys = firewall_keys,
	.conf_size = sizeof(struct conf),
	.conf = firewall_conf_read,
	.conf_done = firewall_conf_done,
	.add = firewall_add,
	.check = firewall_check,
	.del = del,
	.gc = gc,
	.status = status,
};
