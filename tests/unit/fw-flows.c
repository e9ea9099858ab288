// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-flows.c - connections of UDP, and answers that no kernel of today sends */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "failing-malloc.h"
#include "fw-fake.h"
#include "fw/conntrack.h"

/* --- a connection, as conntrack tells of it ---------------------------------
 */

/* What is as it should not be. */
enum fault {
	WHOLE,
	NO_REPLY,
	NO_PORT,
	NOT_UDP,
	SHORT_ADDRESS,
	LONG_PORT,
	LONG_TUPLE,
	ODD_ID
};

static unsigned family = AF_INET;

static void put_ips(struct nlmsghdr *h, enum fault fault)
{
	static const struct ip_addr addr[] = {
		{ AF_INET, { 10, 9, 0, 2 } }, { AF_INET6, { 0xfd, [15] = 2 } }
	};
	bool v6 = family == AF_INET6;
	size_t len = ip_bytes(family);

	mnl_attr_put(h, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC,
		     fault == SHORT_ADDRESS ? len - 1 : len, addr[v6].b);
	mnl_attr_put(h, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, len, addr[v6].b);
}

static void put_tuple(struct nlmsghdr *h, uint16_t type, enum fault fault)
{
	static const uint8_t zero[128];
	struct nlattr *tuple = mnl_attr_nest_start(h, type);
	struct nlattr *nest = mnl_attr_nest_start(h, CTA_TUPLE_IP);

	put_ips(h, fault);
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(h, CTA_PROTO_NUM,
			fault == NOT_UDP ? IPPROTO_TCP : IPPROTO_UDP);
	mnl_attr_put_u16(h, CTA_PROTO_SRC_PORT, htons(53));
	if (fault == LONG_PORT)
		mnl_attr_put_u32(h, CTA_PROTO_DST_PORT, 0);
	else if (fault != NO_PORT)
		mnl_attr_put_u16(h, CTA_PROTO_DST_PORT, htons(5300));
	mnl_attr_nest_end(h, nest);
	if (fault == LONG_TUPLE)
		mnl_attr_put(h, CTA_TUPLE_ZONE + 9, sizeof(zero), zero);
	mnl_attr_nest_end(h, tuple);
}

/* Answers the next request with such a connection. */
static void tell(struct fw *fw, enum fault fault)
{
	char buf[1024] = "";
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	mnl_nlmsg_put_extra_header(h, sizeof(struct nfgenmsg));
	put_tuple(h, CTA_TUPLE_ORIG, fault);
	if (fault != NO_REPLY)
		put_tuple(h, CTA_TUPLE_REPLY,
			  fault == LONG_TUPLE ? WHOLE : fault);
	if (fault == ODD_ID) {
		mnl_attr_put_u16(h, CTA_ID, 7);
		mnl_attr_put_u32(h, CTA_ZONE, 7);
	} else {
		mnl_attr_put_u32(h, CTA_ID, 7);
		mnl_attr_put_u16(h, CTA_ZONE, htons(7));
	}
	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, fw->seq + 1,
	       mnl_nlmsg_get_payload(h), mnl_nlmsg_get_payload_len(h));
}

/* It is all that there is. */
static void end(struct fw *fw, int r)
{
	answer(NLMSG_DONE, NLM_F_MULTI, fw->seq + 1, &r, sizeof(r));
}

static bool is_asked(const struct fw_flow *flow, void *arg)
{
	++*(int *)arg;
	EQ_INT(flow->to.family, family);
	EQ_INT(flow->to.b[ip_bytes(family) - 1], 2);
	EQ_INT(flow->from.b[ip_bytes(family) - 1], 2);
	EQ_INT(flow->to_port, 5300);
	EQ_INT(flow->from_port, 53);
	return true;
}

/* How many were forgotten, and asked for. */
static int forget(struct fw *fw, int *ret_asked)
{
	int r;

	*ret_asked = 0;
	next_answer = 0;
	r = fw_flows_forget(fw, family, 5300, NULL, is_asked, ret_asked);
	n_answers = next_answer = 0;
	return r;
}

/* --- the tests --------------------------------------------------------------
 */

/* The kernel does not know them, which is as good as that they have ended. */
static void those_that_are_told_are_forgotten(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int asked;

	tell(fw, WHOLE);
	tell(fw, ODD_ID);
	tell(fw, WHOLE);
	end(fw, 0);
	EQ_INT(forget(fw, &asked), 3);
	EQ_INT(asked, 3);
	/* and the next time there is none */
	EQ_INT(forget(fw, &asked), 0);
}

static void what_is_not_whole_is_left(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int asked;

	for (enum fault f = NO_REPLY; f <= LONG_TUPLE; f++) {
		tell(fw, f);
		end(fw, 0);
		EQ_INT(forget(fw, &asked), 0);
		EQ_INT(asked, 0);
	}
}

static void so_it_is_by_ipv6(void)
{
	family = AF_INET6;
	those_that_are_told_are_forgotten();
	what_is_not_whole_is_left();
	family = AF_INET;
}

static void an_answer_without_a_header_is_not_understood(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const uint16_t cut = 0;
	int asked;

	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, fw->seq + 1, &cut, sizeof(cut));
	end(fw, 0);
	EQ_INT(forget(fw, &asked), -EBADMSG);
}

static void a_kernel_without_conntrack_has_none(void)
{
	static const int none[] = { -EINVAL, -EOPNOTSUPP, -EPROTONOSUPPORT };
	AUTO(fw) struct fw *fw = fresh();
	int asked;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		end(fw, none[i]);
		EQ_INT(forget(fw, &asked), 0);
	}
	end(fw, -EPERM);
	EQ_INT(forget(fw, &asked), -EPERM);
}

static void lack_of_memory_is_reported(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int asked;

	tell(fw, WHOLE);
	end(fw, 0);
	fail_at = 1;
	count = 0;
	EQ_INT(forget(fw, &asked), -ENOMEM);
	fail_at = 0;
}

TAP_MAIN(TEST(those_that_are_told_are_forgotten),
	 TEST(what_is_not_whole_is_left), TEST(so_it_is_by_ipv6),
	 TEST(an_answer_without_a_header_is_not_understood),
	 TEST(a_kernel_without_conntrack_has_none),
	 TEST(lack_of_memory_is_reported))
