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
	FW_TYPE_PROTO = 12,
	FW_TYPE_PORT = 13,
	FW_TYPE_IFNAME = 41,
	FW_TYPE_VERDICT = 0xffffff /* only as data: where to go */
};
#define FW_KEY_PARTS 5
#define FW_DATA_PARTS 2
#define FW_DATA_SIZE 20
#define FW_KEY_SIZE 64 /* the kernel takes no longer key */
#define FW_GOTO_SIZE 64

/*
 * A set; nft: type T . T flags interval. With parts of data, it is a map; nft:
 * type T . T : T . T. The strings are borrowed.
 */
struct fw_set {
	uint8_t family;
	const char *table, *name;
	enum fw_type part[FW_KEY_PARTS]; /* those not there: FW_TYPE_NONE */
	enum fw_type data[FW_DATA_PARTS];
	bool interval;	     /* its elements are from key to end */
	const char *comment; /* NULL: none */
	/* what nft does not show, in the set's user data; NULL: none. Of both
	   the first FW_SET_TEXT - 1 bytes are kept. */
	const char *note;
};
#define FW_SET_TEXT 128

/* How long a key of the set is, in bytes. */
uint32_t fw_set_key_len(const struct fw_set *set);

/* An element. Zero-initialise before use; in a set without intervals, end is
 * as key. */
struct fw_elem {
	uint8_t key[FW_KEY_SIZE], end[FW_KEY_SIZE];
	uint32_t len;
	uint8_t data[FW_DATA_SIZE]; /* of a map */
	uint32_t data_len;
	char to[FW_GOTO_SIZE]; /* of a map of verdicts: goto this chain */
	char comment[FW_COMMENT_SIZE];
};

/*
 * Adds the next part to key and end, as it is in a packet; len is in bytes.
 * More than there is room for is a bug of the caller.
 */
void fw_elem_put(struct fw_elem *e, const void *first, const void *last,
		 uint32_t len);
void fw_elem_put_ifname(struct fw_elem *e, const char *name);
/* The same for the data of a map's element. */
void fw_elem_put_data(struct fw_elem *e, const void *part, uint32_t len);
void fw_elem_put_data_ifname(struct fw_elem *e, const char *name);
/* Whether both have the same key, end, data, verdict and comment. */
bool fw_elem_same(const struct fw_elem *a, const struct fw_elem *b);

/* Of the user data of a set, the note: a kind that nft does not know, and so
 * leaves alone. */
#define FW_UDATA_NOTE 200

/* Puts the list of this key alone into a request. */
void fw_put_key(struct nlmsghdr *nlh, const struct fw_set *set,
		const struct fw_elem *key);

/* Within plan, as in batch.h. A set that is there stays with its elements. */
void fw_add_set(struct fw *fw, const struct fw_set *set);
/* The same, and fw_change() fails with -EEXIST where there is one. */
void fw_add_new_set(struct fw *fw, const struct fw_set *set);
/* With its elements; -EBUSY from fw_change() where a rule looks into it. */
void fw_del_set(struct fw *fw, const struct fw_set *set);

/* A set that was read back: its texts, "" where it has none. */
struct fw_set_seen {
	char name[FW_NAME_SIZE], comment[FW_SET_TEXT], note[FW_SET_TEXT];
};
/* Returns 1 and fills *ret; 0 where there is no such set, or -errno. */
int fw_set_get(struct fw *fw, const struct fw_set *set,
	       struct fw_set_seen *ret);
/* Gives the sets of a table to fn, none where there is none; as fw_rules(). */
typedef int (*fw_set_fn)(const struct fw_set_seen *set, void *arg);
int fw_sets(struct fw *fw, uint8_t family, const char *table, fw_set_fn fn,
	    void *arg);

/*
 * fw_add_elem(): an element of that key which is there makes fw_change() fail
 * with -EEXIST, as does an interval that overlaps another one. It fails with
 * -ENOENT where the set is not there; so does fw_del_elem() where the element
 * is not. That removes what has the key in it, whatever its end and comment.
 * Those that follow each other in one set share messages: the kernel looks for
 * the set, among all of the table, once for each message.
 */
void fw_add_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e);
void fw_del_elem(struct fw *fw, const struct fw_set *set,
		 const struct fw_elem *e);
/* Of a set that nothing else adds to: an element of that key which is there
 * stays. */
void fw_share_elem(struct fw *fw, const struct fw_set *set,
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
