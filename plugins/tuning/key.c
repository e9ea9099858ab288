// SPDX-License-Identifier: GPL-2.0-or-later
/* key.c - a sysctl's key: the file it means */
#include "key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

#define PARTS 16 /* the deepest file in net has 6 */

/* Owned: the key parted by slashes, with the interface, whose dots are its own;
   NULL for lack of memory. */
static char *replace_ifname(const char *key, const char *ifname)
{
	static const char word[] = "IFNAME";
	AUTO(str) char *text = strdup(key);
	const char *at;
	char *ret;

	if (!text)
		return NULL;
	for (char *p = text; (p = strchr(p, '.'));)
		*p = '/';
	at = strstr(text, word);
	if (!at)
		return TAKE(text);
	if (asprintf(&ret, "%.*s%s%s", (int)(at - text), text, ifname,
		     at + strlen(word)) < 0)
		return NULL;
	return ret;
}

/* Splits the path in place. Returns how many parts it has, or 0 for too many.
 */
static size_t split(char *path, const char *part[PARTS])
{
	char *save, *p;
	size_t n = 0;

	for (; (p = strtok_r(path, "/", &save)); path = NULL) {
		if (n == PARTS)
			return 0;
		part[n++] = p;
	}
	return n;
}

/* What joins part i to the one before it. */
static const char *joint(const char *const part[], size_t n, size_t i)
{
	bool has_interface =
		strcmp(part[2], "conf") == 0 || strcmp(part[2], "neigh") == 0;

	if (i == 0)
		return "";
	return has_interface && i > 3 && i < n - 1 ? "." : "/";
}

/* Owned: the parts joined again, or NULL for lack of memory. */
static char *join(const char *const part[], size_t n, size_t size)
{
	char *path = calloc(1, size);
	size_t len = 0;

	for (size_t i = 0; path && i < n; i++)
		len += (size_t)snprintf(path + len, size - len, "%s%s",
					joint(part, n, i), part[i]);
	return path;
}

/* The key in the message is parted by slashes, as the reference has it. */
static int fail_key(const char *key, const char *ifname, struct cni_err *err)
{
	AUTO(str) char *text = replace_ifname(key, ifname);

	return cni_fail(err, CNI_ECONF, 0, "invalid net sysctl key: \"%s\"",
			text ? text : key);
}

int key_path(const char *key, const char *ifname, char **ret,
	     struct cni_err *err)
{
	AUTO(str) char *text = replace_ifname(key, ifname);
	const char *part[PARTS] = { "", "", "" };
	size_t size = text ? strlen(text) + 1 : 0;
	size_t n = text ? split(text, part) : 0;

	/* none of them is "..": dots part, and no interface is called so */
	if (text && (n < 2 || strcmp(part[0], "net") != 0))
		return fail_key(key, ifname, err);
	*ret = text ? join(part, n, size) : NULL;
	return *ret ? 0 : cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}
