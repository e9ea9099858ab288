// SPDX-License-Identifier: GPL-2.0-or-later
/* set-read.c - sets and their elements, read back */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libnftnl/udata.h>

#include "fw/decode.h"
#include "fw/set.h"
#include "fw/sock.h"

/* --- elements -------------------------------------------------------------*/

struct elems {
	fw_elem_fn fn;
	void *arg;
};

/* The chain of a verdict, where it fits; "" for another kind of data. */
static void take_goto(const struct nlattr *data, char ret[FW_GOTO_SIZE])
{
	struct fw_attrs d = fw_attrs_in(data);
	struct fw_attrs v = fw_attrs_in(d.at[NFTA_DATA_VERDICT]);
	const struct nlattr *chain = v.at[NFTA_VERDICT_CHAIN];

	if (chain && mnl_attr_validate(chain, MNL_TYPE_NUL_STRING) == 0 &&
	    strlen(mnl_attr_get_str(chain)) < FW_GOTO_SIZE)
		snprintf(ret, FW_GOTO_SIZE, "%s", mnl_attr_get_str(chain));
}

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
	take_goto(a.at[NFTA_SET_ELEM_DATA], e.to);
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

	fw_put_key(req, set, key);
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

/* --- sets -----------------------------------------------------------------*/

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
	text_in(at[1], FW_UDATA_NOTE, seen.note);
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
