// SPDX-License-Identifier: GPL-2.0-or-later
/* portmap-go-rule.c - a rule of the Go plugin's mapped ports, read back */
#include "fw/portmap-go-rule.h"

#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "base/auto.h"
#include "fw/decode.h"

struct reader {
	struct portmap_go_rule *rule;
	unsigned family;
	enum {
		NOTHING,
		PROTO,
		DPORT
	} loaded;
};

static void add_port(struct portmap_go_rule *rule, uint16_t port)
{
	if (rule->n < ARRAY_SIZE(rule->ports))
		rule->ports[rule->n++] = port;
}

static void read_payload(struct reader *rd, const struct fw_attrs *e)
{
	bool dport = fw_attr_u32(e->at[NFTA_PAYLOAD_BASE]) ==
			     NFT_PAYLOAD_TRANSPORT_HEADER &&
		     fw_attr_u32(e->at[NFTA_PAYLOAD_OFFSET]) == 2 &&
		     fw_attr_u32(e->at[NFTA_PAYLOAD_LEN]) == 2;

	rd->loaded = dport ? DPORT : NOTHING;
}

static void read_cmp(struct reader *rd, const struct fw_attrs *e)
{
	uint32_t len;
	const uint8_t *data = fw_attr_value(e->at[NFTA_CMP_DATA], &len);

	if (fw_attr_u32(e->at[NFTA_CMP_OP]) != NFT_CMP_EQ)
		return;
	if (rd->loaded == PROTO && len >= 1)
		rd->rule->proto = data[0];
	else if (rd->loaded == DPORT && len >= 2)
		add_port(rd->rule, (uint16_t)(data[0] << 8 | data[1]));
}

/* The first one that is as long as an address. */
static void read_immediate(struct reader *rd, const struct fw_attrs *e)
{
	struct ip_addr *to = &rd->rule->to;
	uint32_t len;
	const uint8_t *data = fw_attr_value(e->at[NFTA_IMMEDIATE_DATA], &len);

	if (ip_is_set(to) || !data || len != ip_bytes(rd->family))
		return;
	to->family = (uint8_t)rd->family;
	memcpy(to->b, data, len);
}

/* -m tcp, udp, sctp or multiport; of a range the first one */
static void read_match(struct reader *rd, const struct fw_attrs *e)
{
	const char *name = fw_attr_text(e->at[NFTA_MATCH_NAME]);
	struct xt_multiport_v1 multi;
	struct xt_sctp_info sctp;
	uint32_t len;
	const void *info = fw_attr_bytes(e->at[NFTA_MATCH_INFO], &len);
	struct xt_udp udp; /* as xt_tcp begins */

	if ((strcmp(name, "tcp") == 0 || strcmp(name, "udp") == 0) &&
	    len >= sizeof(udp)) {
		memcpy(&udp, info, sizeof(udp));
		add_port(rd->rule, udp.dpts[0]);
	} else if (strcmp(name, "sctp") == 0 && len >= sizeof(sctp)) {
		memcpy(&sctp, info, sizeof(sctp));
		add_port(rd->rule, sctp.dpts[0]);
	} else if (strcmp(name, "multiport") == 0 && len >= sizeof(multi) &&
		   fw_attr_u32(e->at[NFTA_MATCH_REV]) == 1) {
		memcpy(&multi, info, sizeof(multi));
		for (unsigned i = 0; i < multi.count && i < XT_MULTI_PORTS; i++)
			add_port(rd->rule, multi.ports[i]);
	}
}

static int read_expr(const struct nlattr *elem, void *arg)
{
	struct fw_attrs expr = fw_attrs_in(elem);
	struct fw_attrs e = fw_attrs_in(expr.at[NFTA_EXPR_DATA]);
	const char *name = fw_attr_text(expr.at[NFTA_EXPR_NAME]);
	struct reader *rd = arg;

	if (strcmp(name, "meta") == 0)
		rd->loaded =
			fw_attr_u32(e.at[NFTA_META_KEY]) == NFT_META_L4PROTO
				? PROTO
				: NOTHING;
	else if (strcmp(name, "payload") == 0)
		read_payload(rd, &e);
	else if (strcmp(name, "cmp") == 0)
		read_cmp(rd, &e);
	else if (strcmp(name, "immediate") == 0)
		read_immediate(rd, &e);
	else if (strcmp(name, "match") == 0)
		read_match(rd, &e);
	else if (strcmp(name, "nat") == 0)
		rd->rule->dnat |=
			fw_attr_u32(e.at[NFTA_NAT_TYPE]) == NFT_NAT_DNAT;
	else if (strcmp(name, "target") == 0)
		rd->rule->dnat |= strcmp(fw_attr_text(e.at[NFTA_TARGET_NAME]),
					 "DNAT") == 0;
	return MNL_CB_OK;
}

void portmap_go_rule_read(const struct fw_rule *rule, unsigned family,
			  struct portmap_go_rule *ret)
{
	struct reader rd = { .rule = ret, .family = family };

	*ret = (struct portmap_go_rule){
		.host = { .family = (uint8_t)family },
	};
	if (ip_is_set(&rule->daddr.addr))
		ret->host = rule->daddr.addr;
	if (rule->exprs)
		mnl_attr_parse_nested(rule->exprs, read_expr, &rd);
	/* what it masquerades is what it leads to */
	if (rule->masquerade && !ret->dnat && ip_is_set(&rule->daddr.addr))
		ret->to = rule->daddr.addr;
}

bool portmap_go_rule_is_for(const struct portmap_go_rule *rule,
			    const struct fw_port *port)
{
	bool found = false;

	for (unsigned i = 0; i < rule->n; i++)
		found |= rule->ports[i] == port->port;
	return found && rule->proto == port->proto;
}
