// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-elem.c - mapped ports as elements, and the set of an attachment */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static const char *word_of(const char *text)
{
	return *text ? text : NOTHING;
}

/* Its longest is shorter than FW_SET_TEXT. */
void portmap_note_print(const struct portmap_note *n, char ret[FW_SET_TEXT])
{
	snprintf(ret, FW_SET_TEXT, "%s %s %s%s%s%s%s %s %s", word_of(n->iface),
		 word_of(n->link), n->snat ? "s" : "", n->snat_all ? "a" : "",
		 n->local ? "l" : "", n->waits ? "w" : "", n->lo6 ? "6" : "",
		 word_of(n->only[0]), word_of(n->only[1]));
}

static void take_word(char **rest, char *ret, size_t size)
{
	const char *word = strsep(rest, " ");

	if (word && strcmp(word, NOTHING) != 0)
		snprintf(ret, size, "%s", word);
}

void portmap_note_parse(const char *text, struct portmap_note *ret)
{
	char copy[FW_SET_TEXT], flags[8] = "", *rest = copy;

	*ret = (struct portmap_note){ 0 };
	snprintf(copy, sizeof(copy), "%s", text);
	take_word(&rest, ret->iface, sizeof(ret->iface));
	take_word(&rest, ret->link, sizeof(ret->link));
	take_word(&rest, flags, sizeof(flags));
	for (int v6 = 0; v6 < 2; v6++)
		take_word(&rest, ret->only[v6], sizeof(ret->only[v6]));
	ret->snat = strchr(flags, 's') != NULL;
	ret->snat_all = strchr(flags, 'a') != NULL;
	ret->local = strchr(flags, 'l') != NULL;
	ret->waits = strchr(flags, 'w') != NULL;
	ret->lo6 = strchr(flags, '6') != NULL;
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

static void put_host(const struct fw_port *p, struct fw_elem *e)
{
	if (!ip_is_zero(&p->host))
		put_ip(e, &p->host);
	put_port(e, p->proto, p->port);
}

static const struct fw_set *put_map(const struct fw_port *p, struct fw_elem *e)
{
	const struct portmap_sets *sets = portmap_sets(p->host.family);
	uint16_t to_port = htons(p->to_port);

	put_host(p, e);
	fw_elem_put_data(e, p->to.b, ip_bytes(p->to.family));
	fw_elem_put_data(e, &to_port, sizeof(to_port));
	return ip_is_zero(&p->host) ? &sets->ports : &sets->addrs;
}

static const struct fw_set *put_if(const struct portmap_note *note,
				   const struct fw_port *p, struct fw_elem *e)
{
	const struct portmap_sets *sets = portmap_sets(p->host.family);
	const char *hash = note->only[p->host.family == AF_INET6];
	struct portmap_if chain;

	if (!*hash)
		return NULL;
	portmap_if_init(&chain, p->host.family, hash, NULL, 0);
	put_host(p, e);
	memcpy(e->to, chain.name, sizeof(e->to));
	return ip_is_zero(&p->host) ? &sets->if_ports : &sets->if_addrs;
}

static const struct fw_set *put_lo(const struct portmap_note *note,
				   const struct fw_port *p, struct fw_elem *e)
{
	if (!note->lo6 || p->host.family != AF_INET6 ||
	    (!ip_is_zero(&p->host) && !ip_is_loopback(&p->host)))
		return NULL;
	put_host(p, e);
	fw_elem_put_data(e, note->from.b, 16);
	return ip_is_zero(&p->host) ? &portmap_lo_ports : &portmap_lo_addrs;
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

/* A mapping, to be sorted by all but its host. */
struct sorted {
	const struct fw_port *p;
};

static int by_mapping(const void *a, const void *b)
{
	const struct fw_port *p = ((const struct sorted *)a)->p;
	const struct fw_port *q = ((const struct sorted *)b)->p;
	int r = ip_cmp(&p->to, &q->to);

	if (r == 0)
		r = p->proto - q->proto;
	if (r == 0)
		r = p->port - q->port;
	return r ? r : p->to_port - q->to_port;
}

/* One that has all the elements is first. */
static int by_mapping_local(const void *a, const void *b)
{
	int r = by_mapping(a, b);

	return r ? r
		 : is_local(((const struct sorted *)b)->p) -
			       is_local(((const struct sorted *)a)->p);
}

int portmap_repeated(const struct fw_port *v, size_t n, bool **ret)
{
	struct sorted *sorted = calloc(n + 1, sizeof(*sorted));
	bool *repeated = calloc(n + 1, sizeof(*repeated));

	if (!sorted || !repeated) {
		free(sorted);
		free(repeated);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i].p = &v[i];
	qsort(sorted, n, sizeof(*sorted), by_mapping_local);
	for (size_t i = 1; i < n; i++)
		repeated[sorted[i].p - v] =
			by_mapping(&sorted[i - 1], &sorted[i]) == 0;
	free(sorted);
	*ret = repeated;
	return 0;
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
	case PORTMAP_IF:
		return put_if(note, p, ret);
	case PORTMAP_LO:
		return put_lo(note, p, ret);
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

const struct fw_set *portmap_host_elem(const struct fw_port *p,
				       struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	if (ip_is_zero(&p->host))
		return NULL;
	put_ip(ret, &p->host);
	return &portmap_sets(p->host.family)->hosts;
}

/* of a type that nft can print and read */
static void put_owner(struct fw_elem *e, const char *owner)
{
	char hex[SHA512_HEXLEN];

	sha512_hex(owner, strlen(owner), hex);
	put(e, hex, 16);
	snprintf(e->comment, sizeof(e->comment), "%s", owner);
}

void portmap_open_elem(const struct portmap_note *note, const char *owner,
		       struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	fw_elem_put_ifname(ret, note->iface);
	put_owner(ret, owner);
}

void portmap_waiting_elem(const struct portmap_note *note, const char *owner,
			  struct fw_elem *ret)
{
	*ret = (struct fw_elem){ 0 };
	put_owner(ret, owner);
	fw_elem_put_data(ret, note->from.b, 16);
}

bool portmap_same_container(const char *a, const char *b)
{
	const char *id[2] = { a, b };
	size_t len[2];

	for (int i = 0; i < 2; i++) {
		const char *end = strrchr(id[i], ':');

		id[i] = strchr(id[i], ':');
		if (!id[i] || !end || id[i] == end)
			return false;
		id[i] = strchr(id[i] + 1, ':');
		if (!id[i] || id[i] == end)
			return false;
		len[i] = (size_t)(end - id[i]);
	}
	return len[0] == len[1] && memcmp(id[0], id[1], len[0]) == 0;
}
