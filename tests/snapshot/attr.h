/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attr.h - attributes as text that a person can read: " name value ...". An
 * attribute that no rule names has its number, so nothing that a newer kernel
 * tells is lost.
 */
#ifndef SNAPSHOT_ATTR_H
#define SNAPSHOT_ATTR_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise before use, or by text_clear(). */
struct text {
	size_t len;
	char buf[65536];
};

void text_clear(struct text *t);
__attribute__((format(printf, 2, 3))) void text_add(struct text *t,
						    const char *fmt, ...);
/* Quoted where it is a text, else in hexadecimal. */
void text_add_data(struct text *t, const void *data, size_t len);
bool text_is(const void *data, size_t len);
/* An IP or MAC address, by its length. */
void text_add_addr(struct text *t, const void *data, size_t len);

/* Prints an attribute that a rule calls so. */
typedef void (*attr_fn)(struct text *t, const char *name,
			const struct nlattr *a, void *arg);

struct rule {
	const char *name; /* NULL ends an array of them */
	uint16_t type;
	attr_fn fn;
};

/* Nothing; text or hexadecimal; an IP or MAC address */
void attr_skip(struct text *t, const char *name, const struct nlattr *a,
	       void *arg);
void attr_data(struct text *t, const char *name, const struct nlattr *a,
	       void *arg);
void attr_addr(struct text *t, const char *name, const struct nlattr *a,
	       void *arg);
/* A number in the machine's order of bytes; most significant byte first */
void attr_number(struct text *t, const char *name, const struct nlattr *a,
		 void *arg);
void attr_big(struct text *t, const char *name, const struct nlattr *a,
	      void *arg);

/* Attributes in an attribute: in braces, or without where name is "" */
void attr_nest(struct text *t, const char *name, const struct nlattr *a,
	       const struct rule *rules, void *arg);

/* The attributes in len bytes: those that rules name, in their order, or the
   rest of them. rules may be NULL. */
void attr_print_named(struct text *t, const void *data, size_t len,
		      const struct rule *rules, void *arg);
void attr_print_rest(struct text *t, const void *data, size_t len,
		     const struct rule *rules);

/* The attributes behind a header of that size: those of rules, and the rest. */
void attr_print_behind(struct text *t, const struct nlmsghdr *h, size_t header,
		       const struct rule *rules, void *arg);

#endif
