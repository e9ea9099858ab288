// SPDX-License-Identifier: GPL-2.0-or-later
/* condition-value.c - what a condition compares with */
#include "condition-value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <linux/rtnetlink.h>

#include "base/auto.h"
#include "base/name.h"

static bool read_addr(const char *word, unsigned family, struct fw_match *m)
{
	struct ip_addr addr;

	if (ip_net_parse(word, &m->net) < 0) {
		if (ip_parse(word, &addr) < 0)
			return false;
		m->net = (struct ip_net){ addr, 0 };
		m->net.plen = (uint8_t)ip_bits(addr.family);
	}
	/* "not any" is nothing */
	return m->net.addr.family == family &&
	       !(m->negated && m->net.plen == 0);
}

/* any: what says at its end that names begin so, '+' or '*' */
static bool read_name(const char *word, char any, struct fw_match *m)
{
	size_t len = strlen(word);
	bool quoted =
		any == '*' && len > 1 && word[0] == '"' && word[len - 1] == '"';

	if (quoted) {
		word++;
		len -= 2;
	}
	m->begins = len > 0 && word[len - 1] == any;
	len -= m->begins;
	if (len >= sizeof(m->name))
		return false;
	memcpy(m->name, word, len);
	m->name[len] = '\0';
	return !cni_ifname_problem(m->name) && !strpbrk(m->name, "\"*\\");
}

bool condition_number(const char *text, uint32_t *ret)
{
	unsigned long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoull(text, &end, 0);
	if (*end || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* MARK or MARK/MASK */
static bool read_mark(const char *word, struct fw_match *m)
{
	char copy[32], *mask;

	if (strlen(word) >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%s", word);
	mask = strchr(copy, '/');
	if (mask) {
		*mask++ = '\0';
		if (!condition_number(mask, &m->mask))
			return false;
	}
	return condition_number(copy, &m->value);
}

static bool read_type(const char *word, struct fw_match *m)
{
	static const struct {
		const char *name;
		uint32_t type;
	} known[] = {
		{ "unicast", RTN_UNICAST },
		{ "local", RTN_LOCAL },
		{ "broadcast", RTN_BROADCAST },
		{ "anycast", RTN_ANYCAST },
		{ "multicast", RTN_MULTICAST },
		{ "blackhole", RTN_BLACKHOLE },
		{ "unreachable", RTN_UNREACHABLE },
		{ "prohibit", RTN_PROHIBIT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcasecmp(word, known[i].name) != 0)
			continue;
		m->value = known[i].type;
		return true;
	}
	return false;
}

bool condition_value(const char *word, unsigned family, char any,
		     struct fw_match *m)
{
	switch (m->kind) {
	case FW_MATCH_SADDR:
	case FW_MATCH_DADDR:
		return read_addr(word, family, m);
	case FW_MATCH_IIFNAME:
	case FW_MATCH_OIFNAME:
		return read_name(word, any, m);
	case FW_MATCH_MARK:
		return read_mark(word, m);
	case FW_MATCH_SADDR_TYPE:
	case FW_MATCH_DADDR_TYPE:
		return read_type(word, m);
	}
	return false;
}
