/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port.h - a port of the host that leads to one of an attachment */
#ifndef CNI_FW_PORT_H
#define CNI_FW_PORT_H

#include <stdint.h>

#include "base/ipaddr.h"

/* A mapping: what comes to host and port is led to to and to_port. */
struct fw_port {
	struct ip_addr host; /* 0.0.0.0 and :: are any address of the family */
	uint8_t proto;	     /* IPPROTO_TCP, ... */
	uint16_t port, to_port;
	struct ip_addr to; /* of the same family */
};

#endif
