/* SPDX-License-Identifier: GPL-2.0-or-later */
/* portmap-go-rule.h - inside lib/fw: a rule of the Go plugin's mapped ports */
#ifndef CNI_FW_PORTMAP_GO_RULE_H
#define CNI_FW_PORTMAP_GO_RULE_H

#include "fw/port.h"
#include "fw/rule.h"

/*
 * What the rule says of ports, in either form: of a mapping, or an entry of
 * iptables to the chain that has the mappings of a container.
 */
struct portmap_go_rule {
	uint8_t proto;	     /* 0: any */
	uint16_t ports[15];  /* sent to */
	unsigned n;	     /* of ports */
	struct ip_addr host; /* sent to; any: zero, as in struct fw_port */
	struct ip_addr to;   /* that it leads to, or unset where not told */
	bool dnat;
};
void portmap_go_rule_read(const struct fw_rule *rule, unsigned family,
			  struct portmap_go_rule *ret);

/* Whether that protocol and port are among what it is for. */
bool portmap_go_rule_is_for(const struct portmap_go_rule *rule,
			    const struct fw_port *port);

#endif
