// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap.c - the portmap plugin: its verbs */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "attach/rules.h"
#include "base/json.h"
#include "cni/undo.h"
#include "conf.h"
#include "firewalld.h"
#include "flows.h"
#include "fw/portmap-go.h"
#include "localnet.h"
#include "map.h"
#include "route/link.h"
#include "route/route.h"

/* --- DEL and GC ------------------------------------------------------------*/

/* All that is of that owner. Returns 1, 0 or -errno. */
static int remove_owner(struct fw *fw, const char *owner)
{
	AUTO(portmap_gone) struct fw_portmap_gone gone = { 0 };
	int r = fw_portmap_del(fw, owner, &gone), more = 0;

	if (r <= 0)
		return r;
	if (*gone.close)
		more = localnet_close(fw, gone.close);
	r = flows_end(fw, gone.v, gone.n, NULL, 0);
	if (r == 0)
		r = more;
	return r < 0 ? r : 1;
}

/* What somebody flushed has left no trace but this one. */
static int close_lost(struct fw *fw, bool all)
{
	AUTO(rt) struct rt *host = NULL;
	int r = rt_open(&host);

	return r < 0 ? r : localnet_close_lost(fw, host, all);
}

/* Whether it had ports, as far as the runtime says it. */
static bool had_ports(const struct cni_call *call)
{
	cJSON *list = NULL;
	struct js_why why;

	return js_arr(call->conf.runtime_config, "portMappings", &list, &why) >
		       0 &&
	       cJSON_GetArraySize(list) > 0;
}

/* Nobody is asked what is lost while there are others, who are many on some
 * hosts, and whose guard is there: the last one closes it. */
static int del_ports(struct fw *fw, const struct cni_call *call)
{
	char owner[CNI_COMMENT_LEN];
	int r = remove_owner(fw, cni_owner(&call->att, owner, sizeof(owner)));

	if (r >= 0)
		r = fw_portmap_is_here(fw);
	return r == 0 ? close_lost(fw, had_ports(call)) : r;
}

static int remove_ports(const struct cni_call *call, struct cni_err *err)
{
	return rules_del(call, del_ports, "remove the mapped ports", err);
}

static int del_go(struct fw *fw, const struct cni_call *call)
{
	const struct cni_result *prev = &call->conf.prev;
	struct ip_addr *ips = calloc(prev->n_ips + 1, sizeof(*ips));
	int r;

	if (!ips)
		return -ENOMEM;
	for (size_t i = 0; i < prev->n_ips; i++)
		ips[i] = prev->ips[i].address.addr;
	r = fw_portmap_go_del(fw, &call->att, ips, prev->n_ips);
	free(ips);
	return r;
}

static int remove_go(const struct cni_call *call, struct cni_err *err)
{
	return rules_del(call, del_go, "remove the Go plugin's rules", err);
}

static int remove_dead(const char *owner, void *arg)
{
	int r = remove_owner(arg, owner);

	return r < 0 ? r : 0;
}

static int gc_ports(struct fw *fw, const char *network,
		    const struct cni_attachment *valid, size_t n)
{
	return fw_portmap_dead(fw, network, valid, n, remove_dead, fw);
}

static int collect(const struct cni_call *call, struct cni_err *err)
{
	return rules_gc(call, gc_ports, "collect dead mapped ports", err);
}

static int collect_go(const struct cni_call *call, struct cni_err *err)
{
	return rules_gc(call, fw_portmap_go_gc,
			"collect the Go plugin's dead rules", err);
}

/* --- ADD -------------------------------------------------------------------*/

/* "8080/tcp", with the address where it is not any */
static const char *print_port(const struct fw_port *p, char buf[80])
{
	const char *proto = p->proto == IPPROTO_TCP   ? "tcp"
			    : p->proto == IPPROTO_UDP ? "udp"
						      : "sctp";
	char ip[IP_STRLEN];

	if (ip_is_zero(&p->host))
		snprintf(buf, 80, "%u/%s", p->port, proto);
	else
		snprintf(buf, 80, "%u/%s of %s", p->port, proto,
			 ip_format(&p->host, ip));
	return buf;
}

static int report_holder(const struct fw_port_holder *h, struct cni_err *err)
{
	char port[80];

	cni_fail(err, CNI_EEXIST, 0, "host port %s is taken by %s",
		 print_port(&h->port, port), h->owner);
	return -1;
}

/* What the Go plugin mapped for others would win over our mapping. */
static int refuse_go(const struct cni_call *call, struct fw *fw,
		     struct cni_err *err)
{
	const struct conf *conf = call->own;
	struct fw_port_holder holder;
	char port[80];
	int r = fw_portmap_go_holder(fw, &call->att, conf->v, conf->n, &holder);

	if (r < 0)
		return fw_fail(err, fw, r, "look for the Go plugin's ports");
	if (r == 0)
		return 0;
	return cni_fail(err, CNI_EEXIST, 0,
			"host port %s is taken by rules of the Go plugin: %s",
			print_port(&holder.port, port), holder.owner);
}

/* Whether the holder's link is gone, and so the holder: a runtime may have
 * lost it without a DEL. */
static bool is_dead(struct map *m, const struct fw_port_holder *h)
{
	struct rt_link link;

	return *h->link && rt_link_get(m->host, h->link, &link) == -ENODEV;
}

/* What an earlier ADD of the attachment mapped, and this one, which mapped n
 * ports, all or none, does not. */
static int end_replaced(struct map *m, struct fw *fw,
			const struct fw_portmap_gone *gone, size_t n)
{
	const struct fw_portmap *p = &m->p;
	bool open = n > 0 && p->local && strcmp(gone->close, m->iface) == 0;
	int r = 0, more;

	if (*gone->close && !open)
		r = localnet_close(fw, gone->close);
	more = flows_end(fw, gone->v, gone->n, p->v, n);
	return r < 0 ? r : more;
}

static int map_once(struct map *m, struct fw *fw, struct fw_port_holder *holder)
{
	AUTO(portmap_gone) struct fw_portmap_gone gone = { 0 };
	int r = fw_portmap_add(fw, &m->p, holder, &gone);
	int more = end_replaced(m, fw, &gone, r < 0 ? 0 : m->p.n);

	return r < 0 ? r : more;
}

/* Each turn takes another dead holder away: one that is removed is not known to
 * be dead again. */
static int map_ports(struct map *m, struct fw *fw, struct cni_err *err)
{
	struct fw_port_holder holder = { 0 };
	int r = map_once(m, fw, &holder);

	while (r == -EADDRINUSE) {
		if (!is_dead(m, &holder))
			return report_holder(&holder, err);
		r = remove_owner(fw, holder.owner);
		if (r == 0)
			return report_holder(&holder, err);
		if (r > 0)
			r = map_once(m, fw, &holder);
	}
	return r < 0 ? fw_fail(err, fw, r, "map the ports") : 0;
}

static int set_up(const struct cni_call *call, struct map *m, struct undo *undo,
		  struct cni_err *err)
{
	const struct conf *conf = call->own;
	AUTO(fw) struct fw *fw = NULL;
	int r;

	undo_mark(undo, remove_ports);
	r = fw_open(&fw);
	if (r < 0)
		return fw_fail(err, fw, r, "map the ports");
	if (refuse_go(call, fw, err) < 0 || map_ports(m, fw, err) < 0)
		return -1;
	r = m->p.local ? localnet_open(m->iface) : 0;
	if (r < 0)
		return cni_fail(err, CNI_EKERNEL, r,
				"unable to enable route_localnet of %s",
				m->iface);
	r = flows_redirect(fw, m->host, conf->v, conf->n);
	return r < 0 ? fw_fail(err, fw, r, "forget former connections") : 0;
}

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	const struct conf *conf = call->own;
	AUTO(map) struct map m = { 0 };

	(void)own;
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"must be called as chained plugin");
	if (conf->n == 0)
		return 0;
	if (firewalld_refuse(err) < 0 || map_read(call, &m, err) < 0)
		return -1;
	return set_up(call, &m, undo, err);
}

/* --- CHECK and STATUS ------------------------------------------------------*/

static int check_localnet(const struct map *m, struct cni_err *err)
{
	int r = m->p.local ? localnet_is_open(m->iface) : 1;

	if (r < 0)
		return cni_fail(err, CNI_EKERNEL, r,
				"unable to read route_localnet of %s",
				m->iface);
	return r ? 0
		 : cni_differs(err, "route_localnet of %s is off", m->iface);
}

/* Whether ::1 is let out by an address that is still the host's. */
static int check_from(const struct map *m, const struct ip_addr *from,
		      struct cni_err *err)
{
	char text[IP_STRLEN];
	struct rt_way way;
	int r;

	if (!ip_is_set(from))
		return 0;
	r = rt_route_lookup(m->host, from, &way);
	if (r < 0 && !map_is_no_way(r))
		return rt_fail(err, m->host, r, "cannot look for %s",
			       ip_format(from, text));
	return r == 0 && way.type == RTN_LOCAL
		       ? 0
		       : cni_differs(err,
				     "::1 is let out by %s, which is no "
				     "address of the host",
				     ip_format(from, text));
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	const struct conf *conf = call->own;
	AUTO(map) struct map m = { 0 };
	AUTO(fw) struct fw *fw = NULL;
	struct ip_addr from = { 0 };
	size_t missing = 0;
	char port[80];
	int r;

	(void)own;
	if (!call->conf.has_prev)
		return cni_fail(err, CNI_ECONF, 0,
				"Required prevResult missing");
	if (conf->n == 0)
		return 0;
	if (map_read(call, &m, err) < 0)
		return -1;
	r = fw_open(&fw);
	if (r == 0)
		r = fw_portmap_has(fw, &m.p, &missing, &from);
	if (r == 1)
		return check_from(&m, &from, err) < 0 ? -1
						      : check_localnet(&m, err);
	if (r == 0)
		r = fw_portmap_go_has(fw, &call->att, conf->v, conf->n);
	if (r < 0)
		return fw_fail(err, fw, r, "look for the mapped ports");
	if (r == 1)
		return 0;
	if (missing < conf->n)
		return cni_differs(err, "host port %s is not mapped",
				   print_port(&conf->v[missing], port));
	return cni_differs(err, "the rules of mapped ports are not whole");
}

static int ask_rules(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	return rules_status("portmap", err);
}

static const struct cni_step del[] = {
	{ "remove its mapped ports", remove_ports },
	{ "remove what the Go plugin made", remove_go },
	{ 0 },
};
static const struct cni_step gc[] = {
	{ "collect dead mapped ports", collect },
	{ "collect what the Go plugin made", collect_go },
	{ 0 },
};
static const struct cni_step status[] = {
	{ "ask nf_tables", ask_rules },
	{ 0 },
};

const struct cni_plugin plugin_portmap = {
	.name = "portmap",
	.help = "portmap leads ports of the host to those of containers. It\n"
		"comes after bridge or ptp in a list of plugins; the runtime\n"
		"says which ports:\n"
		"\n"
		"    {\n"
		"        \"cniVersion\": \"1.0.0\",\n"
		"        \"cniVersions\": [\"1.0.0\", \"1.1.0\"],\n"
		"        \"name\": \"mynet\",\n"
		"        \"plugins\": [\n"
		"            { \"type\": \"bridge\", \"bridge\": \"cni0\" },\n"
		"            { \"type\": \"portmap\",\n"
		"              \"capabilities\": { \"portMappings\": true } }\n"
		"        ]\n"
		"    }\n",
	.flags = CNI_SANDBOX,
	.keys = portmap_keys,
	.conf_size = sizeof(struct conf),
	.conf = portmap_conf_read,
	.conf_done = portmap_conf_done,
	.add_prefix = "failed to parse config: ",
	.add = add,
	.check = check,
	.del = del,
	.gc = gc,
	.status = status,
};
