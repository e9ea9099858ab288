// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw-iface.c - of which interface a rule of masquerade is: names as short as
 * there are, and rules without one
 */
#include "fw-test.h"
#include "fw/masq.h"

static struct fw_masq masq(const char *iif, const char *subnet)
{
	struct fw_masq m = { .network = "testnet", .iif = iif };

	EQ_INT(ip_net_parse(subnet, &m.subnet), 0);
	return m;
}

/* A commit takes along what is dead, and nothing of all interfaces is. */
static void the_shortest_name_is_one_and_none_is_not(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq dead = masq("b", "10.8.0.0/24");
	struct fw_masq m = masq("lo", "10.9.0.0/24");

	sh("ip link add name b type bridge");
	EQ_INT(fw_masq_ensure(fw, &dead, 1), 1);
	nft("add rule inet cni_masq postrouting ip saddr 10.7.0.0/24 "
	    "ip daddr != 10.7.0.0/24 ip daddr != 224.0.0.0/4 masquerade "
	    "comment \"cni:testnet\"");
	sh("ip link del dev b");
	EQ_INT(fw_masq_has(fw, &dead, 1), 1);
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	EQ_INT(fw_masq_has(fw, &dead, 1), 0);
	EQ_INT(fw_masq_has(fw, &m, 1), 1);
	EQ_STR(sh("nft list table inet cni_masq | grep -c 'ip saddr 10.7'"),
	       "1");
}

TAP_MAIN(TEST(the_shortest_name_is_one_and_none_is_not))
