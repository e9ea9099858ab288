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
 * Reads the owner from the len bytes of a file, which are changed. Lines may
 * end in LF, and white space around them does not count: *ret is an owned
 * owner_text(), in the old format where there is no interface name. It is "",
 * which is nobody, where the file says something else, a note made by hand for
 * example; NULL where it is empty or all NUL, which is what a crash leaves.
 * Returns 0 or -ENOMEM.
 */
int owner_read(char *text, size_t len, char **ret);

#endif
