/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.h - a plugin's configuration as a table of keys */
#ifndef CNI_KEYS_H
#define CNI_KEYS_H

#include "base/json.h"
#include "base/mac.h"
#include "cni/cni.h"

/* An Ethernet address that may be asked for. */
struct cni_mac {
	bool given;
	uint8_t b[MAC_LEN];
};

enum cni_key_type {
	KEY_TYPE_NONE, /* the table's end */
	KEY_TYPE_BOOL,
	KEY_TYPE_STR,
	KEY_TYPE_IFNAME,
	KEY_TYPE_MTU,
	KEY_TYPE_INT,
	KEY_TYPE_UINT,
	KEY_TYPE_WORD,
	KEY_TYPE_LIST,
	KEY_TYPE_OBJ,
	KEY_TYPE_PLAIN_MAC,
	KEY_TYPE_MAC,
};

/*
 * A key: its name, which type it has, and where its value goes in the
 * plugin's own struct. An absent or null key leaves the zero that is there.
 */
struct cni_key {
	const char *name;
	enum cni_key_type type;
	bool or_empty; /* of KEY_IFNAME_OR_EMPTY */
	size_t offset;
	const char *const *words; /* of KEY_WORD */
	const char *what;	  /* of KEY_WORD, for the message */
};

/* bool */
#define KEY_BOOL(key, type_, member)                                           \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_BOOL,                          \
		.offset = offsetof(type_, member)                              \
	}
/* const char *, borrowed from the configuration */
#define KEY_STR(key, type_, member)                                            \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_STR,                           \
		.offset = offsetof(type_, member)                              \
	}
/* const char *: what may name an interface */
#define KEY_IFNAME(key, type_, member)                                         \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_IFNAME,                        \
		.offset = offsetof(type_, member)                              \
	}
/* the same, where "" is as good as no key */
#define KEY_IFNAME_OR_EMPTY(key, type_, member)                                \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_IFNAME,                        \
		.offset = offsetof(type_, member), .or_empty = true            \
	}
/* unsigned: 68 to 65535 bytes, what veth and IPv4 can do; 0 and less become 0,
   the kernel's default */
#define KEY_MTU(key, type_, member)                                            \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_MTU,                           \
		.offset = offsetof(type_, member)                              \
	}
/* int64_t: a whole number of 32 bits; conf() knows its limits */
#define KEY_INT(key, type_, member)                                            \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_INT,                           \
		.offset = offsetof(type_, member)                              \
	}
/* int64_t: 0 to 2^32 - 1 */
#define KEY_UINT(key, type_, member)                                           \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_UINT,                          \
		.offset = offsetof(type_, member)                              \
	}
/* unsigned: the number of the word in words_, which NULL ends; the message
   calls it what_ */
#define KEY_WORD(key, type_, member, words_, what_)                            \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_WORD,                          \
		.offset = offsetof(type_, member), .words = (words_),          \
		.what = (what_)                                                \
	}
/* cJSON *: an array without null, borrowed; conf() reads it */
#define KEY_LIST(key, type_, member)                                           \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_LIST,                          \
		.offset = offsetof(type_, member)                              \
	}
/* cJSON *: an object, borrowed; conf() reads it */
#define KEY_OBJ(key, type_, member)                                            \
	{                                                                      \
		.name = (key), .type = KEY_TYPE_OBJ,                           \
		.offset = offsetof(type_, member)                              \
	}
/* struct cni_mac: "mac" of the configuration itself; before KEY_MAC, which
   overrides it */
#define KEY_PLAIN_MAC(type_, member)                                           \
	{                                                                      \
		.name = "mac", .type = KEY_TYPE_PLAIN_MAC,                     \
		.offset = offsetof(type_, member)                              \
	}
/* struct cni_mac: MAC of CNI_ARGS, overridden by "mac" of args.cni, overridden
   by "mac" of runtimeConfig. A plugin with this key knows no other CNI_ARGS. */
#define KEY_MAC(type_, member)                                                 \
	{                                                                      \
		.name = "mac", .type = KEY_TYPE_MAC,                           \
		.offset = offsetof(type_, member)                              \
	}

/*
 * Reads the configuration's keys into own. Returns 0, or -1 and the reason in
 * err: code 7, or 4 for CNI_ARGS. Nothing of own is owned.
 */
int cni_keys_read(const struct cni_key *keys, const struct cni_call *call,
		  void *own, struct cni_err *err);

/* Reports a key of a wrong type, or range, as js_str() and the like explain it.
   Returns -1, with code 7. */
int cni_key_wrong(struct cni_err *err, const struct js_why *why);

/*
 * Reads a MAC that a link can have: neither zero nor of a group. NULL and ""
 * are none, and leave *ret alone. Returns 0, or -1 with code 7.
 */
int cni_mac_read(const char *text, struct cni_mac *ret, struct cni_err *err);

/* "boolean", "string", ...: the JSON type that the key's value has */
const char *cni_key_json_type(const struct cni_key *key);

#endif
