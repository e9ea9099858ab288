/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set.h - inside lib/fw: sets, and their elements written and read back */
#ifndef CNI_FW_SET_H
#define CNI_FW_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/read.h"

/* The type of a part of a key: nft's number of it. */
enum fw_type {
	FW_TYPE_NONE = 0,
	FW_TYPE_IP4 = 7,
	FW_TYPE_IP6 = 8,
	FW_TYPE_ETHER = 9,
	FW_TYPE_IFNAME = 41
};
#define FW_KEY_PARTS 3
#define FW_KEY_SIZE 64 /* the kernel takes no longer key */

/* A set; nft: type T . T flags interval. The strings are borrowed. */
struct fw_set {
	uint8_t family;
	const char *table, *name;
	enum fw_type part[FW_KEY_PARTS]; /* those not there: FW_TYPE_NONE */
	bool interval;			 /* its elements are from key to end */
};

/* How long a key of the set is, in bytes. */
uint32_t fw_set_key_len(const struct fw_set *set);

/* An element. Zero-initialise before use; in a set without intervals, end is
 * as key. */
struct fw_elem {
	uint8_t key[FW_KEY_SIZE], end[FW_KEY_SIZE];
	uint32_t len;
	char comment[FW_COMMENT_SIZE];
};

/*
 * Adds the next part to key and end, as it is in a packet; len is in bytes.
 * More than there is room for is a bug of the caller.
 */
void fw_elem_put(struct fw_elem *e, const void *first, const void *last,
		 uint32_t len);
void fw_elem_put_ifname(struct fw_elem *e, const char *name);
/* Whether both have the same key, end and comment. */
bool fw_elem_same(const struct fw_elem *a, const struct fw_elem *b);

/* Within plan, as in batch.h. A set that is there stays with its elements. */
void fw_add_set(struct fw *fw, const struct fw_set *set);
/*
 * fw_add_elem(): an element of that key which is there makes fw_change() fail
 * with -EEXIST, as does an interval that overlaps another one. It fails with
 * -ENOENT where the set is not there; so does fw_del_elem() where the element
 * is not. That removes what has the key in it, whatever its end and comment.
 */
void fw_add_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e);
void fw_del_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e);

/*
 * The element that key is in, an interval's being the whole of it. Returns 1
 * and fills *ret; 0 where there is none, nor a set; or -errno.
 */
int fw_elem_get(struct fw *fw, const struct fw_set *set,
		const struct fw_elem *key, struct fw_elem *ret);

/*
 * Gives each element of the set to fn, none where there is no set, in no
 * order; as fw_rules() does.
 */
typedef int (*fw_elem_fn)(const struct fw_elem *e, void *arg);
int fw_elems(struct fw *fw, const struct fw_set *set, fw_elem_fn fn, void *arg);

#endif
