// SPDX-License-Identifier: GPL-2.0-or-later
/* result.c - the lists of a result: append, copy, free */
#include "cni/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

/* Room for one more element, zeroed; NULL for lack of memory. */
static void *append(void **list, size_t *n, size_t size)
{
	char *p = realloc(*list, (*n + 1) * size);

	if (!p)
		return NULL;
	*list = p;
	p += *n * size;
	(*n)++;
	return memset(p, 0, size);
}

struct cni_interface *cni_add_interface(struct cni_result *res)
{
	return append((void **)&res->interfaces, &res->n_interfaces,
		      sizeof(*res->interfaces));
}

struct cni_ip *cni_add_ip(struct cni_result *res)
{
	struct cni_ip *ip =
		append((void **)&res->ips, &res->n_ips, sizeof(*res->ips));

	if (ip)
		ip->interface = -1;
	return ip;
}

struct cni_route *cni_add_route(struct cni_result *res)
{
	struct cni_route *rt = append((void **)&res->routes, &res->n_routes,
				      sizeof(*res->routes));

	if (rt)
		rt->table = rt->scope = -1;
	return rt;
}

int cni_strings_add(struct cni_strings *list, const char *s)
{
	char *copy = strdup(s);
	char **slot;

	if (!copy)
		return -ENOMEM;
	slot = append((void **)&list->v, &list->n, sizeof(*list->v));
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

static void strings_done(struct cni_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct cni_strings){ 0 };
}

static int strings_copy(struct cni_strings *to, const struct cni_strings *from)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r == 0; i++)
		r = cni_strings_add(to, from->v[i]);
	return r;
}

void cni_dns_done(struct cni_dns *dns)
{
	strings_done(&dns->nameservers);
	strings_done(&dns->search);
	strings_done(&dns->options);
	free(dns->domain);
	*dns = (struct cni_dns){ 0 };
}

bool cni_dns_given(const struct cni_dns *dns)
{
	return dns->has_nameservers || dns->has_search || dns->has_options ||
	       (dns->domain && dns->domain[0]);
}

int cni_dns_copy(struct cni_dns *to, const struct cni_dns *from)
{
	cni_dns_done(to);
	if (from->domain) {
		to->domain = strdup(from->domain);
		if (!to->domain)
			return -ENOMEM;
	}
	to->has_nameservers = from->has_nameservers;
	to->has_search = from->has_search;
	to->has_options = from->has_options;
	if (strings_copy(&to->nameservers, &from->nameservers) < 0 ||
	    strings_copy(&to->search, &from->search) < 0 ||
	    strings_copy(&to->options, &from->options) < 0) {
		cni_dns_done(to);
		return -ENOMEM;
	}
	return 0;
}

/* strdup() for members that may be absent */
static bool copy_str(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

int cni_copy_interface(struct cni_result *to, const struct cni_interface *from)
{
	struct cni_interface *ifc = cni_add_interface(to);

	if (!ifc)
		return -ENOMEM;
	ifc->mtu = from->mtu;
	if (!copy_str(&ifc->name, from->name) ||
	    !copy_str(&ifc->mac, from->mac) ||
	    !copy_str(&ifc->sandbox, from->sandbox) ||
	    !copy_str(&ifc->socket_path, from->socket_path) ||
	    !copy_str(&ifc->pci_id, from->pci_id))
		return -ENOMEM;
	return 0;
}

int cni_result_append(struct cni_result *to, const struct cni_result *from)
{
	int base = (int)to->n_interfaces;

	for (size_t i = 0; i < from->n_interfaces; i++)
		if (cni_copy_interface(to, &from->interfaces[i]) < 0)
			return -ENOMEM;
	for (size_t i = 0; i < from->n_ips; i++) {
		struct cni_ip *ip = cni_add_ip(to);

		if (!ip)
			return -ENOMEM;
		*ip = from->ips[i];
		if (ip->interface >= 0)
			ip->interface += base;
	}
	for (size_t i = 0; i < from->n_routes; i++) {
		struct cni_route *rt = cni_add_route(to);

		if (!rt)
			return -ENOMEM;
		*rt = from->routes[i];
	}
	if (!cni_dns_given(&to->dns))
		return cni_dns_copy(&to->dns, &from->dns);
	return 0;
}

void cni_result_drop_interfaces(struct cni_result *res)
{
	for (size_t i = 0; i < res->n_interfaces; i++) {
		struct cni_interface *ifc = &res->interfaces[i];

		free(ifc->name);
		free(ifc->mac);
		free(ifc->sandbox);
		free(ifc->socket_path);
		free(ifc->pci_id);
	}
	free(res->interfaces);
	res->interfaces = NULL;
	res->n_interfaces = 0;
	for (size_t i = 0; i < res->n_ips; i++)
		res->ips[i].interface = -1;
}

void cni_result_done(struct cni_result *res)
{
	cni_result_drop_interfaces(res);
	free(res->ips);
	free(res->routes);
	cni_dns_done(&res->dns);
	*res = (struct cni_result){ 0 };
}
