// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - rules and chains read back from the kernel */
#include "fw/read.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "fw/decode.h"
#include "fw/sock.h"

struct rules {
	fw_rule_fn fn;
	void *arg;
};

/* Whether it is a reply of that kind, as far as its fixed headers go. */
static bool is_reply(const struct nlmsghdr *nlh, unsigned type)
{
	return nlh->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | type) &&
	       mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct nfgenmsg);
}

static int take_rule(const struct nlmsghdr *nlh, void *arg)
{
	const struct rules *rules = arg;
	struct fw_rule rule;

	if (!is_reply(nlh, NFT_MSG_NEWRULE))
		return -EBADMSG;
	fw_decode_rule(nlh, &rule);
	return rules->fn(&rule, rules->arg);
}

int fw_rules(struct fw *fw, const struct fw_chain *chain, fw_rule_fn fn,
	     void *arg)
{
	struct rules rules = { fn, arg };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req = fw_request_init(fw, buf, NFT_MSG_GETRULE,
					       chain->family, NLM_F_DUMP);
	int r;

	mnl_attr_put_strz(req, NFTA_RULE_TABLE, chain->table);
	mnl_attr_put_strz(req, NFTA_RULE_CHAIN, chain->name);
	r = fw_request(fw, req, take_rule, &rules);
	return r == -ENOENT ? 0 : r;
}

struct chains {
	fw_chain_fn fn;
	void *arg;
};

/* libnftnl does not read a chain, for the reason in decode.c */
static int chain_attr(const struct nlattr *attr, void *arg)
{
	bool text = mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0;
	struct fw_chain *chain = arg;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_CHAIN_TABLE:
		chain->table = text ? mnl_attr_get_str(attr) : NULL;
		break;
	case NFTA_CHAIN_NAME:
		chain->name = text ? mnl_attr_get_str(attr) : NULL;
		break;
	}
	return MNL_CB_OK;
}

static int take_chain(const struct nlmsghdr *nlh, void *arg)
{
	const struct nfgenmsg *gen = mnl_nlmsg_get_payload(nlh);
	const struct chains *chains = arg;
	struct fw_chain chain = { 0 };

	if (!is_reply(nlh, NFT_MSG_NEWCHAIN))
		return -EBADMSG;
	chain.family = gen->nfgen_family;
	mnl_attr_parse(nlh, sizeof(*gen), chain_attr, &chain);
	if (!chain.table || !chain.name)
		return -EBADMSG;
	return chains->fn(&chain, chains->arg);
}

int fw_chains(struct fw *fw, uint8_t family, fw_chain_fn fn, void *arg)
{
	struct chains chains = { fn, arg };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETCHAIN, family, NLM_F_DUMP);

	return fw_request(fw, req, take_chain, &chains);
}

static int see_chain(const struct fw_chain *chain, void *arg)
{
	(void)chain;
	(void)arg;
	return 0;
}

int fw_chain_get(struct fw *fw, const struct fw_chain *chain)
{
	struct chains one = { see_chain, NULL };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETCHAIN, chain->family, 0);
	int r;

	mnl_attr_put_strz(req, NFTA_CHAIN_TABLE, chain->table);
	mnl_attr_put_strz(req, NFTA_CHAIN_NAME, chain->name);
	r = fw_request(fw, req, take_chain, &one);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int chain_use_attr(const struct nlattr *attr, void *arg)
{
	int *use = arg;

	if (mnl_attr_get_type(attr) == NFTA_CHAIN_USE &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*use = (int)ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

static int take_chain_use(const struct nlmsghdr *nlh, void *arg)
{
	if (!is_reply(nlh, NFT_MSG_NEWCHAIN))
		return -EBADMSG;
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), chain_use_attr, arg);
	return 0;
}

int fw_chain_use(struct fw *fw, const struct fw_chain *chain)
{
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETCHAIN, chain->family, 0);
	int use = 0, r;

	mnl_attr_put_strz(req, NFTA_CHAIN_TABLE, chain->table);
	mnl_attr_put_strz(req, NFTA_CHAIN_NAME, chain->name);
	r = fw_request(fw, req, take_chain_use, &use);
	return r == -ENOENT ? 0 : r < 0 ? r : use;
}

static int use_attr(const struct nlattr *attr, void *arg)
{
	int *use = arg;

	if (mnl_attr_get_type(attr) == NFTA_TABLE_USE &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*use = (int)ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

static int take_use(const struct nlmsghdr *nlh, void *arg)
{
	if (!is_reply(nlh, NFT_MSG_NEWTABLE))
		return -EBADMSG;
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), use_attr, arg);
	return 0;
}

int fw_table_use(struct fw *fw, uint8_t family, const char *table)
{
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETTABLE, family, 0);
	int use = 0, r;

	mnl_attr_put_strz(req, NFTA_TABLE_NAME, table);
	r = fw_request(fw, req, take_use, &use);
	return r == -ENOENT ? 0 : r < 0 ? r : use;
}
