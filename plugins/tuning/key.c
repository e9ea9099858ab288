// SPDX-License-Identifier: GPL-2.0-or-later
/* key.c - a sysctl's key: the file it means */
#include "key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

#define PARTS 16 /* the deepest file in net has 6 */

static char *replace_ifname(const char *key, const char *ifname)
{
	const char *at = strstr(key, "IFNAME");
	size_t before = at ? (size_t)(at - key) : strlen(key);
	const char *rest = at ? at + strlen("IFNAME") : "";
	size_t size = strlen(key) + strlen(ifname) + 1;
	char *ret = malloc(size);

	if (!ret)
		return NULL;
	memcpy(ret, key, before);
	ret[before] = '\0';
	/* its own dots are part of it */
	for (char *p = ret; (p = strchr(p, '.'));)
		*p = '/';
	if (at)
		strcat(ret, ifname);
	before = strlen(ret);
	strcat(ret, rest);
	for (char *p = ret + before; (p = strchr(p, '.'));)
		*p = '/';
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

int key_path(const char *key, const char *ifname, char **ret,
	     struct cni_err *err)
{
	AUTO(str) char *text = replace_ifname(key, ifname);
	const char *part[PARTS] = { "", "", "" };
	size_t n = text ? split(text, part) : 0;
	AUTO(str)
	char *path = text ? calloc(1, strlen(key) + strlen(ifname) + 1) : NULL;

	if (!path)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	if (n < 2 || strcmp(part[0], "net") != 0)
		return cni_fail(err, CNI_ECONF, 0,
				"invalid net sysctl key: \"%s\"", key);
	/* none of them is "..": dots part, and no interface is called so */
	for (size_t i = 0; i < n; i++)
		strcat(strcat(path, joint(part, n, i)), part[i]);
	*ret = TAKE(path);
	return 0;
}
