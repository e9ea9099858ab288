/* SPDX-License-Identifier: GPL-2.0-or-later */
/* name.h - what a name may look like; names derived from an attachment */
#ifndef CNI_NAME_H
#define CNI_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* one interface of one container on one network; borrows its strings */
struct cni_attachment {
	const char *network;
	const char *id;	    /* container ID */
	const char *ifname; /* inside the sandbox */
};

/* a network name or container ID: [a-zA-Z0-9][a-zA-Z0-9_.-]* */
bool cni_name_ok(const char *s);

/*
 * NULL if s may name an interface, else why not, in the words of the
 * reference's library. Rejects what Linux rejects and Unicode white space.
 */
const char *cni_ifname_problem(const char *s);

/* room for an owner text and the NUL: IFLA_IFALIAS holds no more (IFALIASZ) */
#define CNI_OWNER_LEN 256
/* the same for an nf_tables comment, which nft limits to 128 bytes */
#define CNI_COMMENT_LEN 128

/*
 * Writes "cni:<network>:<id>:<ifname>", the text that marks a kernel object
 * as belonging to the attachment, into buf; size is CNI_OWNER_LEN or
 * CNI_COMMENT_LEN. Where that does not fit, network and id are replaced by
 * '#' and 32 hex digits of their hash. Returns buf.
 */
char *cni_owner(const struct cni_attachment *a, char *buf, size_t size);

/*
 * The alias of a link is its owner text, after which a blank and words for
 * people may follow. Whether it is this attachment's.
 */
bool cni_alias_is(const char *alias, const struct cni_attachment *a);

/*
 * Reads the attachment that an alias names. Its strings are in buf, of
 * CNI_OWNER_LEN bytes. Returns false where it names none, or by hashes.
 */
bool cni_alias_read(const char *alias, char *buf, struct cni_attachment *ret);

/*
 * Writes the owner text as a comment, where that of a link is given, its alias:
 * a comment is shorter, so that where it does not fit the parts are hashed.
 * Returns false where they cannot be told.
 */
bool cni_alias_comment(const char *alias, char comment[CNI_COMMENT_LEN]);

/*
 * The text with which every cni_owner() of that network and size starts,
 * "cni:<network>:"; network names cannot hold a colon. The hashed form
 * depends on the id too, so the object of a network whose texts do not fit
 * may start with either; match with cni_owner_in_network().
 */
bool cni_owner_in_network(const char *owner, const char *network);

/*
 * Writes the host veth's name, "veth" and 8 hex digits of a hash of the
 * attachment and salt. salt 0 is the usual name; the next ones serve when
 * the name is taken by another owner.
 */
void cni_veth_name(const struct cni_attachment *a, unsigned salt,
		   char name[16]);

#endif
