/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owner.h - the text in a reservation: "<containerID>\r\n<ifname>", or, in the
 * old format, "<containerID>"
 */
#ifndef HOST_LOCAL_OWNER_H
#define HOST_LOCAL_OWNER_H

#include <stddef.h>

/* The text; ifname NULL: the old format. An owned string, or NULL. */
char *owner_text(const char *id, const char *ifname);

/*
 * Splits an owner into an owned copy of the container ID and *ret_ifname, which
 * points into the copy, to "" for the old format. Returns NULL for lack of
 * memory.
 */
char *owner_split(const char *owner, const char **ret_ifname);

/*
 * The owner in what a file holds, which is changed: without white space at its
 * ends. NULL for garbage: no attachment could be called that, so no DEL will
 * ever ask for it, and it would hold its address for good.
 */
char *owner_read(char *text, size_t len);

#endif
