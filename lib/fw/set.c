// SPDX-License-Identifier: GPL-2.0-or-later
/* set.c - sets and their elements, written */
#include "fw/set.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/udata.h>

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

void fw_elem_put_data(struct fw_elem *e, const void *part, uint32_t len)
{
	if (len > sizeof(e->data) - e->data_len)
		abort();
	memcpy(e->data + e->data_len, part, len);
	e->data_len += in_registers(len);
}

void fw_elem_put_data_ifname(struct fw_elem *e, const char *name)
{
	char padded[IFNAMSIZ] = "";

	memcpy(padded, name, strnlen(name, IFNAMSIZ - 1));
	fw_elem_put_data(e, padded, sizeof(padded));
}

bool fw_elem_same(const struct fw_elem *a, const struct fw_elem *b)
{
	return a->len == b->len && memcmp(a->key, b->key, a->len) == 0 &&
	       memcmp(a->end, b->end, a->len) == 0 &&
	       a->data_len == b->data_len &&
	       memcmp(a->data, b->data, a->data_len) == 0 &&
	       strcmp(a->to, b->to) == 0 && strcmp(a->comment, b->comment) == 0;
}

/* --- written --------------------------------------------------------------*/

static uint32_t type_len(enum fw_type type)
{
	switch (type) {
	case FW_TYPE_IP4:
		return 4;
	case FW_TYPE_ETHER:
		return 6;
	case FW_TYPE_PROTO:
		return 1;
	case FW_TYPE_PORT:
		return 2;
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

struct udata {
	uint8_t data[2 * (FW_SET_TEXT + 2) + 2 * (sizeof(uint32_t) + 2)];
	uint32_t len;
};

static void put_udata(struct udata *u, uint8_t type, const void *data,
		      size_t len)
{
	u->data[u->len++] = type;
	u->data[u->len++] = (uint8_t)len;
	memcpy(u->data + u->len, data, len);
	u->len += (uint32_t)len;
}

static void put_text(struct udata *u, uint8_t type, const char *text)
{
	char cut[FW_SET_TEXT];

	if (!text)
		return;
	snprintf(cut, sizeof(cut), "%s", text);
	put_udata(u, type, cut, strlen(cut) + 1);
}

/*
 * For nft alone, which writes it as user data: a key, or a map's data, that is
 * a name and nothing else is in the host's byte order (1); it lists the name as
 * empty without.
 */
static void put_set_udata(struct nlmsghdr *nlh, const struct fw_set *set)
{
	const uint32_t host = 1;
	struct udata u = { .len = 0 };

	if (parts(set) == 1 && set->part[0] == FW_TYPE_IFNAME)
		put_udata(&u, NFTNL_UDATA_SET_KEYBYTEORDER, &host,
			  sizeof(host));
	if (set->data[0] == FW_TYPE_IFNAME)
		put_udata(&u, NFTNL_UDATA_SET_DATABYTEORDER, &host,
			  sizeof(host));
	put_text(&u, NFTNL_UDATA_SET_COMMENT, set->comment);
	put_text(&u, FW_UDATA_NOTE, set->note);
	if (u.len > 0)
		mnl_attr_put(nlh, NFTA_SET_USERDATA, u.len, u.data);
}

static void put_data_type(struct nlmsghdr *nlh, const struct fw_set *set)
{
	uint32_t type = 0, len = 0;

	if (set->data[0] == FW_TYPE_VERDICT) {
		mnl_attr_put_u32(nlh, NFTA_SET_DATA_TYPE,
				 htonl(NFT_DATA_VERDICT));
		return;
	}
	for (unsigned i = 0; i < FW_DATA_PARTS && set->data[i]; i++) {
		type = type << TYPE_BITS | set->data[i];
		len += in_registers(type_len(set->data[i]));
	}
	mnl_attr_put_u32(nlh, NFTA_SET_DATA_TYPE, htonl(type));
	mnl_attr_put_u32(nlh, NFTA_SET_DATA_LEN, htonl(len));
}

static void set_message(struct fw *fw, const struct fw_set *set,
			uint16_t nlm_flags)
{
	struct nlmsghdr *nlh =
		fw_message(fw, NFT_MSG_NEWSET, set->family, nlm_flags);
	bool concat = set->interval && parts(set) > 1;
	uint32_t flags = 0, type = 0;

	if (!nlh)
		return;
	if (set->interval)
		flags = NFT_SET_INTERVAL | (concat ? NFT_SET_CONCAT : 0);
	if (set->data[0])
		flags |= NFT_SET_MAP;
	for (unsigned i = 0; i < parts(set); i++)
		type = type << TYPE_BITS | set->part[i];
	mnl_attr_put_strz(nlh, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_NAME, set->name);
	mnl_attr_put_u32(nlh, NFTA_SET_FLAGS, htonl(flags));
	mnl_attr_put_u32(nlh, NFTA_SET_KEY_TYPE, htonl(type));
	mnl_attr_put_u32(nlh, NFTA_SET_KEY_LEN, htonl(fw_set_key_len(set)));
	/* of no use, as rules find it by its name, but it has to be there */
	mnl_attr_put_u32(nlh, NFTA_SET_ID, htonl(nlh->nlmsg_seq));
	if (set->data[0])
		put_data_type(nlh, set);
	if (concat)
		put_parts(nlh, set);
	put_set_udata(nlh, set);
	fw_message_end(fw, nlh);
}

void fw_add_set(struct fw *fw, const struct fw_set *set)
{
	set_message(fw, set, NLM_F_CREATE);
}

void fw_add_new_set(struct fw *fw, const struct fw_set *set)
{
	set_message(fw, set, NLM_F_CREATE | NLM_F_EXCL);
}

void fw_del_set(struct fw *fw, const struct fw_set *set)
{
	struct nlmsghdr *nlh = fw_message(fw, NFT_MSG_DELSET, set->family, 0);

	if (!nlh)
		return;
	mnl_attr_put_strz(nlh, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_NAME, set->name);
	fw_message_end(fw, nlh);
}

static void put_key(struct nlmsghdr *nlh, uint16_t type, const uint8_t *key,
		    uint32_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(nlh, nest);
}

static void put_goto(struct nlmsghdr *nlh, const char *chain)
{
	struct nlattr *data = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_DATA);
	struct nlattr *verdict = mnl_attr_nest_start(nlh, NFTA_DATA_VERDICT);

	mnl_attr_put_u32(nlh, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_GOTO));
	mnl_attr_put_strz(nlh, NFTA_VERDICT_CHAIN, chain);
	mnl_attr_nest_end(nlh, verdict);
	mnl_attr_nest_end(nlh, data);
}

static void put_elem(struct nlmsghdr *nlh, const struct fw_set *set,
		     const struct fw_elem *e, bool whole)
{
	struct nlattr *elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
	struct fw_comment c;

	put_key(nlh, NFTA_SET_ELEM_KEY, e->key, e->len);
	if (set->interval)
		put_key(nlh, NFTA_SET_ELEM_KEY_END, e->end, e->len);
	if (whole && e->data_len > 0)
		put_key(nlh, NFTA_SET_ELEM_DATA, e->data, e->data_len);
	if (whole && *e->to)
		put_goto(nlh, e->to);
	if (whole && *e->comment) {
		fw_comment_make(&c, e->comment);
		mnl_attr_put(nlh, NFTA_SET_ELEM_USERDATA, c.len, c.data);
	}
	mnl_attr_nest_end(nlh, elem);
}

static struct nlattr *begin_list(struct nlmsghdr *nlh, const struct fw_set *set)
{
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set->name);
	return mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
}

/* no element is larger than this: key, end, data, comment, and their headers */
#define ELEM_MAX 512

/*
 * One more element in the last message, where that is a list of this set's and
 * has room. Returns whether it was.
 */
static bool put_more(struct fw *fw, uint16_t type, const struct fw_set *set,
		     const struct fw_elem *e)
{
	struct nlmsghdr *nlh;
	struct nlattr *list;

	if (fw->batch.r < 0 || fw->batch.of != set || fw->batch.type != type)
		return false;
	nlh = (struct nlmsghdr *)(fw->batch.buf + fw->batch.last);
	if (nlh->nlmsg_len > FW_MSG_MAX - ELEM_MAX)
		return false;
	list = (struct nlattr *)((char *)nlh + fw->batch.list);
	put_elem(nlh, set, e, type == NFT_MSG_NEWSETELEM);
	mnl_attr_nest_end(nlh, list);
	fw->batch.len = fw->batch.last + NLMSG_ALIGN(nlh->nlmsg_len);
	return true;
}

static void elem_message(struct fw *fw, uint16_t type, uint16_t flags,
			 const struct fw_set *set, const struct fw_elem *e)
{
	struct nlmsghdr *nlh;
	struct nlattr *list;

	if (put_more(fw, type, set, e))
		return;
	nlh = fw_message(fw, type, set->family, flags);
	if (!nlh)
		return;
	list = begin_list(nlh, set);
	put_elem(nlh, set, e, type == NFT_MSG_NEWSETELEM);
	mnl_attr_nest_end(nlh, list);
	fw_message_end(fw, nlh);
	fw->batch.of = set;
	fw->batch.type = type;
	fw->batch.list = (uint32_t)((char *)list - (char *)nlh);
}

void fw_add_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e)
{
	elem_message(fw, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, set, e);
}

void fw_share_elem(struct fw *fw, const struct fw_set *set,
		   const struct fw_elem *e)
{
	elem_message(fw, NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, e);
}

void fw_del_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e)
{
	elem_message(fw, NFT_MSG_DELSETELEM, 0, set, e);
}

void fw_put_key(struct nlmsghdr *nlh, const struct fw_set *set,
		const struct fw_elem *key)
{
	struct nlattr *list = begin_list(nlh, set);

	put_elem(nlh, set, key, false);
	mnl_attr_nest_end(nlh, list);
}
