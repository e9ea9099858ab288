// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack.c - connections that lead to what a port was mapped to before */
#include "fw/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "base/auto.h"
#include "fw/decode.h"
#include "fw/sock.h"

/* what CTA_FILTER_ORIG_FLAGS and _REPLY_FLAGS say is to be compared; the
 * kernel's own CTA_FILTER_F_*, in net/netfilter/nf_conntrack_netlink.c */
#define F_IP_SRC (1u << 0)
#define F_PROTO_NUM (1u << 3)
#define F_PROTO_DST_PORT (1u << 5)

static struct nlmsghdr *begin(struct fw *fw, char buf[FW_REQ_MAX], uint8_t type,
			      uint8_t family, uint16_t flags)
{
	struct nlmsghdr *nlh;
	struct nfgenmsg *gen;

	memset(buf, 0, FW_REQ_MAX);
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = ++fw->seq;
	gen = mnl_nlmsg_put_extra_header(nlh, sizeof(*gen));
	gen->nfgen_family = family;
	gen->version = NFNETLINK_V0;
	return nlh;
}

/* --- one that was read ------------------------------------------------------
 */

/* A tuple's addresses and ports. Returns whether it is one of UDP. */
static bool read_tuple(const struct nlattr *tuple, uint8_t family,
		       struct ip_addr *src, struct ip_addr *dst,
		       uint16_t *sport, uint16_t *dport)
{
	bool v4 = family == AF_INET;
	struct fw_attrs t = fw_attrs_in(tuple);
	struct fw_attrs ip = fw_attrs_in(t.at[CTA_TUPLE_IP]);
	struct fw_attrs proto = fw_attrs_in(t.at[CTA_TUPLE_PROTO]);
	const struct nlattr *s = ip.at[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC];
	const struct nlattr *d = ip.at[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST];
	const struct nlattr *num = proto.at[CTA_PROTO_NUM];
	const struct nlattr *sp = proto.at[CTA_PROTO_SRC_PORT];
	const struct nlattr *dp = proto.at[CTA_PROTO_DST_PORT];
	uint32_t len = ip_bytes(family);

	if (!s || !d || !num || !sp || !dp ||
	    mnl_attr_get_payload_len(s) != len ||
	    mnl_attr_get_payload_len(d) != len ||
	    mnl_attr_validate(num, MNL_TYPE_U8) < 0 ||
	    mnl_attr_validate(sp, MNL_TYPE_U16) < 0 ||
	    mnl_attr_validate(dp, MNL_TYPE_U16) < 0 ||
	    mnl_attr_get_u8(num) != IPPROTO_UDP)
		return false;
	*src = *dst = (struct ip_addr){ .family = family };
	memcpy(src->b, mnl_attr_get_payload(s), len);
	memcpy(dst->b, mnl_attr_get_payload(d), len);
	*sport = ntohs(mnl_attr_get_u16(sp));
	*dport = ntohs(mnl_attr_get_u16(dp));
	return true;
}

/* What tells the kernel which one it is. */
struct key {
	uint8_t family;
	uint8_t tuple[128];
	uint16_t len;
	uint32_t id;
	uint16_t zone;
	bool has_id, has_zone;
};

struct flows {
	uint8_t family;
	fw_flow_fn fn;
	void *arg;
	struct key *v; /* owned */
	size_t n;
};

static void flows_auto(struct flows *f)
{
	free(f->v);
}

static int keep_attr(const struct nlattr *attr, void *arg)
{
	const struct nlattr **at = arg;

	if (mnl_attr_get_type(attr) <= CTA_MAX)
		at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int take_flow(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *at[CTA_MAX + 1] = { NULL };
	struct flows *f = arg;
	struct fw_flow flow;
	struct ip_addr other;
	uint16_t port;
	struct key *v;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return -EBADMSG;
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), keep_attr, at);
	if (!at[CTA_TUPLE_ORIG] || !at[CTA_TUPLE_REPLY] ||
	    mnl_attr_get_payload_len(at[CTA_TUPLE_ORIG]) >
		    sizeof(f->v->tuple) ||
	    !read_tuple(at[CTA_TUPLE_ORIG], f->family, &other, &flow.to, &port,
			&flow.to_port) ||
	    !read_tuple(at[CTA_TUPLE_REPLY], f->family, &flow.from, &other,
			&flow.from_port, &port) ||
	    !f->fn(&flow, f->arg))
		return 0;
	v = realloc(f->v, (f->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->v = v;
	v = &v[f->n++];
	*v = (struct key){ .family = f->family };
	v->len = mnl_attr_get_payload_len(at[CTA_TUPLE_ORIG]);
	memcpy(v->tuple, mnl_attr_get_payload(at[CTA_TUPLE_ORIG]), v->len);
	if (at[CTA_ID] && mnl_attr_validate(at[CTA_ID], MNL_TYPE_U32) == 0) {
		v->id = mnl_attr_get_u32(at[CTA_ID]);
		v->has_id = true;
	}
	if (at[CTA_ZONE] &&
	    mnl_attr_validate(at[CTA_ZONE], MNL_TYPE_U16) == 0) {
		v->zone = mnl_attr_get_u16(at[CTA_ZONE]);
		v->has_zone = true;
	}
	return 0;
}

/* --- requests ---------------------------------------------------------------
 */

static void put_filter(struct nlmsghdr *nlh, uint8_t family, uint16_t to_port,
		       const struct ip_addr *from)
{
	uint32_t orig = F_PROTO_NUM, reply = 0;
	struct nlattr *tuple, *nest;

	tuple = mnl_attr_nest_start(nlh, CTA_TUPLE_ORIG);
	nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, IPPROTO_UDP);
	if (to_port) {
		mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(to_port));
		orig |= F_PROTO_DST_PORT;
	}
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, tuple);
	if (from) {
		tuple = mnl_attr_nest_start(nlh, CTA_TUPLE_REPLY);
		nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
		mnl_attr_put(nlh,
			     family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC,
			     ip_bytes(family), from->b);
		mnl_attr_nest_end(nlh, nest);
		mnl_attr_nest_end(nlh, tuple);
		reply = F_IP_SRC;
	}
	nest = mnl_attr_nest_start(nlh, CTA_FILTER);
	mnl_attr_put_u32(nlh, CTA_FILTER_ORIG_FLAGS, orig);
	mnl_attr_put_u32(nlh, CTA_FILTER_REPLY_FLAGS, reply);
	mnl_attr_nest_end(nlh, nest);
}

/* The tuple and the ID: another connection of the same tuple stays. */
static int forget(struct fw *fw, const struct key *key)
{
	char buf[FW_REQ_MAX];
	struct nlmsghdr *nlh =
		begin(fw, buf, IPCTNL_MSG_CT_DELETE, key->family, NLM_F_ACK);
	int r;

	mnl_attr_put(nlh, CTA_TUPLE_ORIG | NLA_F_NESTED, key->len, key->tuple);
	if (key->has_zone)
		mnl_attr_put_u16(nlh, CTA_ZONE, key->zone);
	if (key->has_id)
		mnl_attr_put_u32(nlh, CTA_ID, key->id);
	r = fw_request(fw, nlh, NULL, NULL);
	return r == -ENOENT ? 0 : r;
}

static bool is_none(int r)
{
	return r == -EINVAL || r == -EOPNOTSUPP || r == -EPROTONOSUPPORT;
}

int fw_flows_forget(struct fw *fw, unsigned family, uint16_t to_port,
		    const struct ip_addr *from, fw_flow_fn fn, void *arg)
{
	AUTO(flows)
	struct flows f = { .family = (uint8_t)family, fn, arg, NULL, 0 };
	char buf[FW_REQ_MAX];
	struct nlmsghdr *nlh =
		begin(fw, buf, IPCTNL_MSG_CT_GET, f.family, NLM_F_DUMP);
	int r;

	put_filter(nlh, f.family, to_port, from);
	r = fw_request(fw, nlh, take_flow, &f);
	for (size_t i = 0; i < f.n && r == 0; i++)
		r = forget(fw, &f.v[i]);
	if (r < 0)
		return is_none(r) ? 0 : r;
	return (int)f.n;
}
