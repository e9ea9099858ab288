// SPDX-License-Identifier: GPL-2.0-or-later
/* set.c - sets, and their elements written and read back */
#include "fw/set.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/udata.h>

#include "fw/decode.h"
#include "fw/sock.h"

/* nft's number of a type whose parts are of several */
#define TYPE_BITS 6
/* of a kind that nft does not know, and so leaves alone */
#define UDATA_NOTE 200

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

bool fw_elem_same(const struct fw_elem *a, const struct fw_elem *b)
{
	return a->len == b->len && memcmp(a->key, b->key, a->len) == 0 &&
	       memcmp(a->end, b->end, a->len) == 0 &&
	       a->data_len == b->data_len &&
	       memcmp(a->data, b->data, a->data_len) == 0 &&
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
	uint8_t data[2 * (FW_SET_TEXT + 2)];
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
 * For nft alone, which writes it as user data: a key that is a name and nothing
 * else is in the host's byte order (1); it lists the name as empty without.
 */
static void put_set_udata(struct nlmsghdr *nlh, const struct fw_set *set)
{
	const uint32_t host = 1;
	struct udata u = { .len = 0 };

	if (parts(set) == 1 && set->part[0] == FW_TYPE_IFNAME)
		put_udata(&u, NFTNL_UDATA_SET_KEYBYTEORDER, &host,
			  sizeof(host));
	put_text(&u, NFTNL_UDATA_SET_COMMENT, set->comment);
	put_text(&u, UDATA_NOTE, set->note);
	if (u.len > 0)
		mnl_attr_put(nlh, NFTA_SET_USERDATA, u.len, u.data);
}

static void put_data_type(struct nlmsghdr *nlh, const struct fw_set *set)
{
	uint32_t type = 0, len = 0;

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

void fw_del_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e)
{
	elem_message(fw, NFT_MSG_DELSETELEM, 0, set, e);
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
	const uint8_t *data =
		fw_attr_value(a.at[NFTA_SET_ELEM_DATA], &e.data_len);

	if (!key || e.len > sizeof(e.key) || (end && end_len != e.len) ||
	    e.data_len > sizeof(e.data))
		return -EBADMSG;
	memcpy(e.key, key, e.len);
	memcpy(e.end, end ? end : key, e.len);
	if (data)
		memcpy(e.data, data, e.data_len);
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

static struct nlattr *put_one(struct nlmsghdr *req, const struct fw_set *set,
			      const struct fw_elem *key)
{
	struct nlattr *list = begin_list(req, set);

	put_elem(req, set, key, false);
	return list;
}

int fw_elem_get(struct fw *fw, const struct fw_set *set,
		const struct fw_elem *key, struct fw_elem *ret)
{
	struct elems one = { copy_elem, ret };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETSETELEM, set->family, 0);
	int r;

	mnl_attr_nest_end(req, put_one(req, set, key));
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

/* --- sets read back -------------------------------------------------------*/

struct sets {
	fw_set_fn fn;
	void *arg;
};

static int set_attr(const struct nlattr *attr, void *arg)
{
	const struct nlattr **at = arg;

	if (mnl_attr_get_type(attr) == NFTA_SET_NAME)
		at[0] = attr;
	else if (mnl_attr_get_type(attr) == NFTA_SET_USERDATA)
		at[1] = attr;
	return MNL_CB_OK;
}

/* A text of that type in user data, "" where there is none. */
static void text_in(const struct nlattr *attr, uint8_t type,
		    char ret[FW_SET_TEXT])
{
	const uint8_t *p = attr ? mnl_attr_get_payload(attr) : NULL;
	uint32_t len = attr ? mnl_attr_get_payload_len(attr) : 0, i = 0;

	ret[0] = '\0';
	while (p && len - i >= 2 && p[i + 1] <= len - i - 2) {
		if (p[i] == type) {
			snprintf(ret, FW_SET_TEXT, "%.*s", p[i + 1],
				 (const char *)p + i + 2);
			return;
		}
		i += 2u + p[i + 1];
	}
}

static int take_set(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *at[2] = { NULL, NULL };
	const struct sets *sets = arg;
	struct fw_set_seen seen;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return -EBADMSG;
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), set_attr, at);
	if (!at[0] || mnl_attr_validate(at[0], MNL_TYPE_NUL_STRING) < 0)
		return -EBADMSG;
	snprintf(seen.name, sizeof(seen.name), "%s", mnl_attr_get_str(at[0]));
	text_in(at[1], NFTNL_UDATA_SET_COMMENT, seen.comment);
	text_in(at[1], UDATA_NOTE, seen.note);
	return sets->fn(&seen, sets->arg);
}

static int copy_set(const struct fw_set_seen *set, void *arg)
{
	*(struct fw_set_seen *)arg = *set;
	return 0;
}

int fw_set_get(struct fw *fw, const struct fw_set *set, struct fw_set_seen *ret)
{
	struct sets one = { copy_set, ret };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETSET, set->family, 0);
	int r;

	mnl_attr_put_strz(req, NFTA_SET_TABLE, set->table);
	mnl_attr_put_strz(req, NFTA_SET_NAME, set->name);
	*ret = (struct fw_set_seen){ 0 };
	r = fw_request(fw, req, take_set, &one);
	return r == -ENOENT ? 0 : r < 0 ? r : ret->name[0] != '\0';
}

int fw_sets(struct fw *fw, uint8_t family, const char *table, fw_set_fn fn,
	    void *arg)
{
	struct sets all = { fn, arg };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETSET, family, NLM_F_DUMP);
	int r;

	mnl_attr_put_strz(req, NFTA_SET_TABLE, table);
	r = fw_request(fw, req, take_set, &all);
	return r == -ENOENT ? 0 : r;
}
