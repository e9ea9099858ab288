// SPDX-License-Identifier: GPL-2.0-or-later
/* attr.c - attributes as text */
#include "attr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <endian.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "netlink.h"

void text_clear(struct text *t)
{
	t->len = 0;
	t->buf[0] = '\0';
}

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, sizeof(t->buf) - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
	if (t->len >= sizeof(t->buf))
		die("an object of more than %zu bytes of text", sizeof(t->buf));
}

/* Where the name of an interface is compared, it is filled up with zeros. */
bool text_is(const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t n = strnlen((const char *)p, len);

	if (n == 0 || n == len || (n < len - 1 && len != IFNAMSIZ))
		return false;
	for (size_t i = 0; i < len; i++)
		if (i < n ? !isprint(p[i]) : p[i] != 0)
			return false;
	return true;
}

void text_add_data(struct text *t, const void *data, size_t len)
{
	const unsigned char *p = data;

	if (text_is(p, len)) {
		text_add(t, "\"%s\"", (const char *)data);
		return;
	}
	for (size_t i = 0; i < len; i++)
		text_add(t, "%02x", p[i]);
}

void text_add_addr(struct text *t, const void *data, size_t len)
{
	const unsigned char *p = data;
	char ip[INET6_ADDRSTRLEN];

	if (len == 4 || len == 16) {
		inet_ntop(len == 4 ? AF_INET : AF_INET6, p, ip, sizeof(ip));
		text_add(t, "%s", ip);
		return;
	}
	for (size_t i = 0; i < len; i++)
		text_add(t, "%s%02x", i ? ":" : "", p[i]);
}

void attr_skip(struct text *t, const char *name, const struct nlattr *a,
	       void *arg)
{
	(void)t;
	(void)name;
	(void)a;
	(void)arg;
}

void attr_data(struct text *t, const char *name, const struct nlattr *a,
	       void *arg)
{
	(void)arg;
	text_add(t, " %s ", name);
	text_add_data(t, netlink_data(a), netlink_len(a));
}

void attr_addr(struct text *t, const char *name, const struct nlattr *a,
	       void *arg)
{
	(void)arg;
	text_add(t, " %s ", name);
	text_add_addr(t, netlink_data(a), netlink_len(a));
}

static void add_number(struct text *t, const char *name, const struct nlattr *a,
		       bool reverse)
{
	const unsigned char *p = netlink_data(a);
	size_t len = netlink_len(a);
	uint64_t v = 0;

	text_add(t, " %s ", name);
	if (len > sizeof(v)) {
		text_add_data(t, p, len);
		return;
	}
	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[reverse ? len - 1 - i : i];
	text_add(t, "%llu", (unsigned long long)v);
}

void attr_number(struct text *t, const char *name, const struct nlattr *a,
		 void *arg)
{
	(void)arg;
	add_number(t, name, a, __BYTE_ORDER == __LITTLE_ENDIAN);
}

void attr_big(struct text *t, const char *name, const struct nlattr *a,
	      void *arg)
{
	(void)arg;
	add_number(t, name, a, false);
}

void attr_nest(struct text *t, const char *name, const struct nlattr *a,
	       const struct rule *rules, void *arg)
{
	if (*name)
		text_add(t, " %s {", name);
	attr_print_named(t, netlink_data(a), netlink_len(a), rules, arg);
	attr_print_rest(t, netlink_data(a), netlink_len(a), rules);
	if (*name)
		text_add(t, " }");
}

void attr_print_named(struct text *t, const void *data, size_t len,
		      const struct rule *rules, void *arg)
{
	const struct nlattr *a;

	for (const struct rule *r = rules; r && r->name; r++) {
		const void *p = data;
		size_t left = len;

		while ((a = netlink_next(&p, &left)))
			if (netlink_type(a) == r->type)
				r->fn(t, r->name, a, arg);
	}
}

static bool is_named(const struct rule *r, unsigned type)
{
	for (; r && r->name; r++)
		if (r->type == type)
			return true;
	return false;
}

void attr_print_rest(struct text *t, const void *data, size_t len,
		     const struct rule *rules)
{
	const struct nlattr *a;

	while ((a = netlink_next(&data, &len))) {
		if (is_named(rules, netlink_type(a)))
			continue;
		text_add(t, " %u=", netlink_type(a));
		text_add_data(t, netlink_data(a), netlink_len(a));
	}
}

void attr_print_behind(struct text *t, const struct nlmsghdr *h, size_t header,
		       const struct rule *rules, void *arg)
{
	size_t len;
	const void *p = netlink_behind(h, header, &len);

	attr_print_named(t, p, len, rules, arg);
	attr_print_rest(t, p, len, rules);
}
