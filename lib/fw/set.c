// SPDX-License-Identifier: GPL-2.0-or-later
/* set.c - sets, and their elements written and read back */
#include "fw/set.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/udata.h>

#include "fw/decode.h"
#include "fw/sock.h"

/* nft's number of a type whose parts are of several */
#define TYPE_BITS 6

/* The length of a part of a key: each begins a register of 32 bits. */
static uint32_t in_registers(uint32_t len)
{
	return (len + 3) / 4 * 4;
}

/* --- an element -----------------------------------------------------------*/

void fw_elem_put(struct fw_elem *e, const void *first, const void *last,
		 uint32_t len)
{
	if (len > sizeof(e->key) - e->len)
		abort();
	memcpy(e->key + e->len, first, len);
	memcpy(e->end + e->len, last, len);
	e->len += in_registers(len);
}

void fw_elem_put_ifname(struct fw_elem *e, const char *name)
{
	char padded[IFNAMSIZ] = "";

	memcpy(padded, name, strnlen(name, IFNAMSIZ - 1));
	fw_elem_put(e, padded, padded, sizeof(padded));
}

bool fw_elem_same(const struct fw_elem *a, const struct fw_elem *b)
{
	return a->len == b->len && memcmp(a->key, b->key, a->len) == 0 &&
	       memcmp(a->end, b->end, a->len) == 0 &&
	       strcmp(a->comment, b->comment) == 0;
}

/* --- written --------------------------------------------------------------*/

static uint32_t type_len(enum fw_type type)
{
	switch (type) {
	case FW_TYPE_IP4:
		return 4;
	case FW_TYPE_ETHER:
		return 6;
	case FW_TYPE_IP6:
	case FW_TYPE_IFNAME:
		return 16;
	default:
		return 0;
	}
}

static unsigned parts(const struct fw_set *set)
{
	unsigned n = 0;

	while (n < FW_KEY_PARTS && set->part[n] != FW_TYPE_NONE)
		n++;
	return n;
}

uint32_t fw_set_key_len(const struct fw_set *set)
{
	uint32_t len = 0;

	for (unsigned i = 0; i < parts(set); i++)
		len += in_registers(type_len(set->part[i]));
	return len;
}

/* The lengths of the parts: with them, each of them may be an interval. */
static void put_parts(struct nlmsghdr *nlh, const struct fw_set *set)
{
	struct nlattr *desc = mnl_attr_nest_start(nlh, NFTA_SET_DESC);
	struct nlattr *list = mnl_attr_nest_start(nlh, NFTA_SET_DESC_CONCAT);

	for (unsigned i = 0; i < parts(set); i++) {
		struct nlattr *e = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);

		mnl_attr_put_u32(nlh, NFTA_SET_FIELD_LEN,
				 htonl(type_len(set->part[i])));
		mnl_attr_nest_end(nlh, e);
	}
	mnl_attr_nest_end(nlh, list);
	mnl_attr_nest_end(nlh, desc);
}

/*
 * For nft alone, which writes it as user data: a key that is a name and nothing
 * else is in the host's byte order (1); it lists the name as empty without.
 */
static void put_byteorder(struct nlmsghdr *nlh)
{
	struct {
		uint8_t type, len;
		uint8_t order[4];
	} udata = { NFTNL_UDATA_SET_KEYBYTEORDER, sizeof(udata.order), { 0 } };
	const uint32_t host = 1;

	memcpy(udata.order, &host, sizeof(host));
	mnl_attr_put(nlh, NFTA_SET_USERDATA, sizeof(udata), &udata);
}

void fw_add_set(struct fw *fw, const struct fw_set *set)
{
	struct nlmsghdr *nlh =
		fw_message(fw, NFT_MSG_NEWSET, set->family, NLM_F_CREATE);
	bool concat = set->interval && parts(set) > 1;
	uint32_t flags = 0, type = 0;

	if (!nlh)
		return;
	if (set->interval)
		flags = NFT_SET_INTERVAL | (concat ? NFT_SET_CONCAT : 0);
	for (unsigned i = 0; i < parts(set); i++)
		type = type << TYPE_BITS | set->part[i];
	mnl_attr_put_strz(nlh, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_NAME, set->name);
	mnl_attr_put_u32(nlh, NFTA_SET_FLAGS, htonl(flags));
	mnl_attr_put_u32(nlh, NFTA_SET_KEY_TYPE, htonl(type));
	mnl_attr_put_u32(nlh, NFTA_SET_KEY_LEN, htonl(fw_set_key_len(set)));
	/* of no use, as rules find it by its name, but it has to be there */
	mnl_attr_put_u32(nlh, NFTA_SET_ID, htonl(nlh->nlmsg_seq));
	if (concat)
		put_parts(nlh, set);
	if (parts(set) == 1 && set->part[0] == FW_TYPE_IFNAME)
		put_byteorder(nlh);
	fw_message_end(fw, nlh);
}

static void put_key(struct nlmsghdr *nlh, uint16_t type, const uint8_t *key,
		    uint32_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(nlh, nest);
}

/* A list with this element alone. */
static void put_elem(struct nlmsghdr *nlh, const struct fw_set *set,
		     const struct fw_elem *e, const char *comment)
{
	struct nlattr *list, *elem;
	struct fw_comment c;

	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set->name);
	list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
	elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
	put_key(nlh, NFTA_SET_ELEM_KEY, e->key, e->len);
	if (set->interval)
		put_key(nlh, NFTA_SET_ELEM_KEY_END, e->end, e->len);
	if (*comment) {
		fw_comment_make(&c, comment);
		mnl_attr_put(nlh, NFTA_SET_ELEM_USERDATA, c.len, c.data);
	}
	mnl_attr_nest_end(nlh, elem);
	mnl_attr_nest_end(nlh, list);
}

void fw_add_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e)
{
	struct nlmsghdr *nlh = fw_message(fw, NFT_MSG_NEWSETELEM, set->family,
					  NLM_F_CREATE | NLM_F_EXCL);

	if (!nlh)
		return;
	put_elem(nlh, set, e, e->comment);
	fw_message_end(fw, nlh);
}

void fw_del_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e)
{
	struct nlmsghdr *nlh =
		fw_message(fw, NFT_MSG_DELSETELEM, set->family, 0);

	if (!nlh)
		return;
	put_elem(nlh, set, e, "");
	fw_message_end(fw, nlh);
}

/* --- read back ------------------------------------------------------------*/

struct elems {
	fw_elem_fn fn;
	void *arg;
};

static int take_elem(const struct nlattr *attr, const struct elems *elems)
{
	struct fw_attrs a = fw_attrs_in(attr);
	const struct nlattr *comment = a.at[NFTA_SET_ELEM_USERDATA];
	struct fw_elem e = { 0 };
	uint32_t end_len;
	const uint8_t *key = fw_attr_value(a.at[NFTA_SET_ELEM_KEY], &e.len);
	const uint8_t *end =
		fw_attr_value(a.at[NFTA_SET_ELEM_KEY_END], &end_len);

	if (!key || e.len > sizeof(e.key) || (end && end_len != e.len))
		return -EBADMSG;
	memcpy(e.key, key, e.len);
	memcpy(e.end, end ? end : key, e.len);
	if (comment)
		fw_decode_comment(mnl_attr_get_payload(comment),
				  mnl_attr_get_payload_len(comment), e.comment);
	return elems->fn(&e, elems->arg);
}

static int take_list(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *elem;
	int r = 0;

	if (nlh->nlmsg_type !=
		    (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return -EBADMSG;
	mnl_attr_for_each (attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested (elem, attr)
			if (r == 0)
				r = take_elem(elem, arg);
	}
	return r;
}

static int copy_elem(const struct fw_elem *e, void *arg)
{
	*(struct fw_elem *)arg = *e;
	return 0;
}

int fw_elem_get(struct fw *fw, const struct fw_set *set,
		const struct fw_elem *key, struct fw_elem *ret)
{
	struct elems one = { copy_elem, ret };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETSETELEM, set->family, 0);
	int r;

	put_elem(req, set, key, "");
	*ret = (struct fw_elem){ 0 };
	r = fw_request(fw, req, take_list, &one);
	return r == -ENOENT ? 0 : r < 0 ? r : ret->len > 0;
}

int fw_elems(struct fw *fw, const struct fw_set *set, fw_elem_fn fn, void *arg)
{
	struct elems all = { fn, arg };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req = fw_request_init(fw, buf, NFT_MSG_GETSETELEM,
					       set->family, NLM_F_DUMP);
	int r;

	mnl_attr_put_strz(req, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(req, NFTA_SET_ELEM_LIST_SET, set->name);
	r = fw_request(fw, req, take_list, &all);
	return r == -ENOENT ? 0 : r;
}
