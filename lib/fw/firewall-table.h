/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall-table.h - inside lib/fw: the firewall's tables, sets and rules */
#ifndef CNI_FW_FIREWALL_TABLE_H
#define CNI_FW_FIREWALL_TABLE_H

#include "fw/table.h"

/* Both tables have this name, of families inet and bridge. */
#define FW_FIREWALL_TABLE "cni_firewall"

/*
 * The bit of a packet's mark by which our table tells iptables', and that of
 * ports, that it may pass, as an answer or a published port's. It is on packets
 * to a container, from our chain on, and ends with the way through the veth;
 * and on what an isolated one sends to where a DNAT leads.
 */
#define FW_FIREWALL_MARK 0x1000u

/*
 * Sets of family inet. Keys are names of interfaces as netfilter sees them, the
 * bridge's or, without one, the host's end of a veth.
 *
 *   attachments      interface . hash of the owner text, which is the comment:
 *                    as long as one has an interface, that has its elements in
 *                    the other sets
 *   bridges          between two of these nothing passes
 *   inside           interface . interface: what stays on it may pass
 *   isolated         interface . interface: of what goes from it to it, only
 *                    where a DNAT leads, which is what the guard is not about
 *   accepted         answers and published ports to it are marked
 *   deny4, deny6     interface . prefix: not to be reached from there
 *   limited          from there only allow4 and allow6 are to be reached
 *   no_host          from there the host itself is not to be reached
 */
extern const struct fw_set fw_attachments, fw_bridges, fw_inside, fw_isolated,
	fw_accepted, fw_limited, fw_no_host;
const struct fw_set *fw_deny(unsigned family);
const struct fw_set *fw_allow(unsigned family);

/* Of family bridge: ports between which no frame passes, by owner. */
extern const struct fw_set fw_ports;

extern const struct fw_table fw_firewall_table, fw_firewall_port_table;

/* An attachment's element; owner is its owner text, as a comment has it. */
void fw_attachment_elem(const char *iface, const char *owner,
			struct fw_elem *ret);

#endif
