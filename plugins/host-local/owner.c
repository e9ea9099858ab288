// SPDX-License-Identifier: GPL-2.0-or-later
/* owner.c - the text in a reservation */
#include "owner.h"

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

static bool plausible(const char *owner)
{
	const char *ifname;
	AUTO(str) char *id = owner_split(owner, &ifname);

	return id && cni_name_ok(id) &&
	       (!strstr(owner, "\r\n") || !cni_ifname_problem(ifname));
}

char *owner_read(char *text, size_t len)
{
	if (strlen(text) != len)
		return NULL;
	text = trim(text);
	return plausible(text) ? text : NULL;
}
