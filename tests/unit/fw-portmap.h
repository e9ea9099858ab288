/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-portmap.h - for the tests of mapped ports: three attachments, and steps */
#ifndef FW_PORTMAP_H
#define FW_PORTMAP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fw-test.h"
#include "fw/portmap.h"

#define OWNER "cni:testnet:ctr1:eth0"
#define OTHER "cni:other:ctr1:eth1" /* of the same container */

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_match from[] = {
	{ .kind = FW_MATCH_SADDR, .net = { { AF_INET, { 10 } }, 8 } },
	{ .kind = FW_MATCH_SADDR,
	  .either = true,
	  .net = { { AF_INET, { 11 } }, 8 } },
};
/* Ports that lead to 10.9.0.N and fd00::. */
#define PORTS(n)                                                               \
	{                                                                      \
		{ { AF_INET, { 0 } },                                          \
		  IPPROTO_TCP,                                                 \
		  8080,                                                        \
		  80,                                                          \
		  { AF_INET, { 10, 9, 0, n } } },                              \
			{ { AF_INET, { 127, 0, 0, 1 } },                       \
			  IPPROTO_TCP,                                         \
			  8080,                                                \
			  80,                                                  \
			  { AF_INET, { 10, 9, 0, n } } },                      \
			{ { AF_INET6, { 0 } },                                 \
			  IPPROTO_UDP,                                         \
			  53,                                                  \
			  53,                                                  \
			  { AF_INET6, { 0xfd, [15] = n } } },                  \
	}
static const struct fw_port v[] = PORTS(2), v_others[] = PORTS(3);
static const struct fw_portmap plain = { .owner = OWNER,
					 .iface = "br0",
					 .link = "veth0",
					 .v = v,
					 .n = 3,
					 .snat = true,
					 .local = true,
					 .from = { AF_INET6,
						   { 0xfd, [15] = 1 } } };

static inline struct fw_portmap on_conditions(void)
{
	struct fw_portmap p = plain;

	p.only[0] = from;
	p.n_only[0] = 2;
	return p;
}

/* Another attachment's of the container, which asks for the same. */
static inline struct fw_portmap others(void)
{
	struct fw_portmap p = on_conditions();

	p.owner = OTHER;
	p.v = v_others;
	p.from.b[15] = 9;
	return p;
}

static inline int add_map(struct fw *fw, const struct fw_portmap *p)
{
	AUTO(portmap_gone) struct fw_portmap_gone gone = { 0 };
	struct fw_port_holder holder;

	return fw_portmap_add(fw, p, &holder, &gone);
}

static inline int add(struct fw *fw)
{
	return add_map(fw, &plain);
}

static inline int add_on_conditions(struct fw *fw)
{
	struct fw_portmap p = on_conditions();

	return add_map(fw, &p);
}

static inline int add_others(struct fw *fw)
{
	struct fw_portmap p = others();

	return add_map(fw, &p);
}

/* A third attachment of the container, which has another port. */
static const struct fw_port port_third = {
	{ AF_INET, { 0 } }, IPPROTO_TCP, 9090, 80, { AF_INET, { 10, 9, 0, 4 } }
};
static const struct fw_portmap third = { .owner = "cni:third:ctr1:eth2",
					 .iface = "br0",
					 .link = "veth0",
					 .v = &port_third,
					 .n = 1,
					 .snat = true };

static inline int add_third(struct fw *fw)
{
	return add_map(fw, &third);
}

static inline int has(struct fw *fw)
{
	struct ip_addr found;
	size_t missing;

	return fw_portmap_has(fw, &plain, &missing, &found);
}

static inline int has_others(struct fw *fw)
{
	struct fw_portmap p = others();
	struct ip_addr found;
	size_t missing;

	return fw_portmap_has(fw, &p, &missing, &found);
}

static inline int del_of(struct fw *fw, const char *owner)
{
	AUTO(portmap_gone) struct fw_portmap_gone gone = { 0 };

	return fw_portmap_del(fw, owner, &gone);
}

static inline int del(struct fw *fw)
{
	return del_of(fw, OWNER);
}

static inline int del_others(struct fw *fw)
{
	return del_of(fw, OTHER);
}

#endif
