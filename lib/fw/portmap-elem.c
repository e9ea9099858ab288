// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-elem.c - mapped ports as elements, and the set of an attachment */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>

#include "base/sha512.h"
#include "fw/portmap-table.h"

#define NOTHING "-"

void portmap_own_init(struct portmap_own *own, const char *owner)
{
	char hex[SHA512_HEXLEN];

	sha512_hex(owner, strlen(owner), hex);
	snprintf(own->name, sizeof(own->name), "own-%.32s", hex);
	own->note[0] = '\0';
	own->set = (struct fw_set){
		.family = NFPROTO_INET,
		.table = FW_PORTMAP_TABLE,
		.name = own->name,
		.part = { FW_TYPE_IP6, FW_TYPE_PROTO, FW_TYPE_PORT, FW_TYPE_IP6,
			  FW_TYPE_PORT },
		.comment = owner,
		.note = own->note,
	};
}

void portmap_note_print(const struct portmap_note *n, char ret[FW_SET_TEXT])
{
	snprintf(ret, FW_SET_TEXT, "%s %s %s%s%s",
		 *n->iface ? n->iface : NOTHING, *n->link ? n->link : NOTHING,
		 n->snat ? "s" : "", n->snat_all ? "a" : "",
		 n->local ? "l" : "");
}

static void take_name(char **rest, char ret[IFNAMSIZ])
{
	const char *word = strsep(rest, " ");

	if (word && strcmp(word, NOTHING) != 0)
		snprintf(ret, IFNAMSIZ, "%s", word);
}

void portmap_note_parse(const char *text, struct portmap_note *ret)
{
	char copy[FW_SET_TEXT], *rest = copy;

	*ret = (struct portmap_note){ 0 };
	snprintf(copy, sizeof(copy), "%s", text);
	take_name(&rest, ret->iface);
	take_name(&rest, ret->link);
	if (!rest)
		return;
	ret->snat = strchr(rest, 's') != NULL;
	ret->snat_all = strchr(rest, 'a') != NULL;
	ret->local = strchr(rest, 'l') != NULL;
}

static void put(struct fw_elem *e, const void *part, uint32_t len)
{
	fw_elem_put(e, part, part, len);
}

static void put_ip(struct fw_elem *e, const struct ip_addr *ip)
{
	put(e, ip->b, ip_bytes(ip->family));
}

static void put_port(struct fw_elem *e, uint8_t proto, uint16_t port)
{
	uint16_t be = htons(port);

	put(e, &proto, sizeof(proto));
	put(e, &be, sizeof(be));
}

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static void put_any(struct fw_elem *e, const struct ip_addr *ip)
{
	uint8_t b[16];

	if (ip->family == AF_INET) {
		memcpy(b, mapped, sizeof(mapped));
		memcpy(b + sizeof(mapped), ip->b, 4);
	} else {
		memcpy(b, ip->b, sizeof(b));
	}
	put(e, b, sizeof(b));
}

static void take_any(const uint8_t *b, struct ip_addr *ret)
{
	*ret = (struct ip_addr){ .family = AF_INET6 };
	if (memcmp(b, mapped, sizeof(mapped)) == 0) {
		ret->family = AF_INET;
		memcpy(ret->b, b + sizeof(mapped), 4);
	} else {
		memcpy(ret->b, b, 16);
	}
}

void portmap_own_elem(const struct fw_port *p, struct fw_elem *ret)
{
	uint16_t to_port = htons(p->to_port);

	*ret = (struct fw_elem){ 0 };
	put_any(ret, &p->host);
	put_port(ret, p->proto, p->port);
	put_any(ret, &p->to);
	put(ret, &to_port, sizeof(to_port));
}

bool portmap_own_port(const struct fw_elem *e, struct fw_port *ret)
{
	uint16_t port;

	if (e->len != 16 + 4 + 4 + 16 + 4)
		return false;
	take_any(e->key, &ret->host);
	ret->proto = e->key[16];
	memcpy(&port, e->key + 20, sizeof(port));
	ret->port = ntohs(port);
	take_any(e->key + 24, &ret->to);
	memcpy(&port, e->key + 40, sizeof(port));
	ret->to_port = ntohs(port);
	return ret->to.family == ret->host.family;
}

static const struct fw_set *put_map(const struct fw_port *p, struct fw_elem *e)
{
	const struct portmap_sets *sets = portmap_sets(p->host.family);
	uint16_t to_port = htons(p->to_port);
	bool any = ip_is_zero(&p->host);

	if (!any)
		put_ip(e, &p->host);
	put_port(e, p->proto, p->port);
	fw_elem_put_data(e, p->to.b, ip_bytes(p->to.family));
	fw_elem_put_data(e, &to_port, sizeof(to_port));
	return any ? &sets->ports : &sets->addrs;
}

static void put_mapping(struct fw_elem *e, const struct fw_port *p)
{
	uint16_t to_port = htons(p->to_port);

	put_port(e, p->proto, p->port);
	put_ip(e, &p->to);
	put(e, &to_port, sizeof(to_port));
}

static bool is_local(const struct fw_port *p)
{
	return p->host.family == AF_INET &&
	       (ip_is_zero(&p->host) || ip_is_loopback(&p->host));
}

const struct fw_set *portmap_elem(enum portmap_kind kind,
				  const struct portmap_note *note,
				  const struct fw_port *p, const char *owner,
				  struct fw_elem *ret)
{
	const struct portmap_sets *sets = portmap_sets(p->host.family);
	bool some = note->snat && !note->snat_all;

	*ret = (struct fw_elem){ 0 };
	snprintf(ret->comment, sizeof(ret->comment), "%s", owner);
	switch (kind) {
	case PORTMAP_MAP:
		return put_map(p, ret);
	case PORTMAP_HAIRPIN:
		if (!some || !*note->iface)
			return NULL;
		fw_elem_put_ifname(ret, note->iface);
		put_mapping(ret, p);
		return &sets->hairpin;
	case PORTMAP_SELF:
		if (!some)
			return NULL;
		put_ip(ret, &p->to);
		put_mapping(ret, p);
		return &sets->self;
	case PORTMAP_LOCAL:
		if (!some || !note->local || !is_local(p))
			return NULL;
		fw_elem_put_ifname(ret, note->iface);
		put_mapping(ret, p);
		return &sets->local;
	default:
		if (!note->snat_all)
			return NULL;
		put_mapping(ret, p);
		return &sets->all;
	}
}

void portmap_open_elem(const struct portmap_note *note, const char *owner,
		       struct fw_elem *ret)
{
	char hex[SHA512_HEXLEN];

	/* of a type that nft can print and read */
	sha512_hex(owner, strlen(owner), hex);
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, note->iface);
	put(ret, hex, 16);
	snprintf(ret->comment, sizeof(ret->comment), "%s", owner);
}
