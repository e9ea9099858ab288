// SPDX-License-Identifier: GPL-2.0-or-later
/* owner.c - the text in a reservation */
#include "owner.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/name.h"

#define SPACE " \t\n\v\f\r"

char *owner_text(const char *id, const char *ifname)
{
	char *owner;

	if (!ifname)
		return strdup(id);
	return asprintf(&owner, "%s\r\n%s", id, ifname) < 0 ? NULL : owner;
}

char *owner_split(const char *owner, const char **ret_ifname)
{
	char *id = strdup(owner);
	char *end;

	if (!id)
		return NULL;
	*ret_ifname = "";
	end = strstr(id, "\r\n");
	if (end) {
		*end = '\0';
		*ret_ifname = end + 2;
	}
	return id;
}

/* Cuts white space off both ends, as the reference does before comparing. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, SPACE);
	len = strlen(text);
	while (len && strchr(SPACE, text[len - 1]))
		text[--len] = '\0';
	return text;
}

static bool is_all_nul(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i])
			return false;
	return true;
}

int owner_read(char *text, size_t len, char **ret)
{
	const char *id = "", *ifname = "";
	char *end;

	*ret = NULL;
	if (is_all_nul(text, len))
		return 0;
	if (strlen(text) == len) {
		text = trim(text);
		end = strchr(text, '\n');
		if (end) {
			*end = '\0';
			ifname = trim(end + 1);
		}
		id = trim(text);
	}
	if (!cni_name_ok(id) || (*ifname && cni_ifname_problem(ifname)))
		*ret = strdup("");
	else
		*ret = owner_text(id, *ifname ? ifname : NULL);
	return *ret ? 0 : -ENOMEM;
}
