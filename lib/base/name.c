// SPDX-License-Identifier: GPL-2.0-or-later
/* name.c - what a name may look like; names derived from an attachment */
#include "base/name.h"

#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/sha512.h"

static bool alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

bool cni_name_ok(const char *s)
{
	if (!alnum(*s))
		return false;
	for (; *s; s++)
		if (!alnum(*s) && !strchr("_.-", *s))
			return false;
	return true;
}

/* the UTF-8 forms of Unicode's White_Space outside ASCII */
static const char *const spaces[] = {
	"\xc2\x85",	"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
	"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
	"\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89",
	"\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
	"\xe2\x81\x9f", "\xe3\x80\x80",
};

const char *cni_ifname_problem(const char *s)
{
	static const char bad[] =
		"interface name contains / or : or whitespace characters";

	if (!*s)
		return "interface name is empty";
	if (strlen(s) >= IFNAMSIZ)
		return "interface name is too long";
	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return "interface name is . or ..";
	/* the kernel would look for a free number to put in its place */
	if (strchr(s, '%'))
		return "interface name contains %";
	/* it takes any byte 0xa0 for a Latin-1 space */
	if (strpbrk(s, "/: \t\n\v\f\r\xa0"))
		return bad;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (strstr(s, spaces[i]))
			return bad;
	return NULL;
}

static void hash(const char *s, char hex[SHA512_HEXLEN])
{
	sha512_hex(s, strlen(s), hex);
}

char *cni_owner(const struct cni_attachment *a, char *buf, size_t size)
{
	char net[SHA512_HEXLEN], id[SHA512_HEXLEN];
	int n = snprintf(buf, size, "cni:%s:%s:%s", a->network, a->id,
			 a->ifname);

	if (n >= 0 && (size_t)n < size)
		return buf;
	hash(a->network, net);
	hash(a->id, id);
	snprintf(buf, size, "cni:#%.32s:#%.32s:%s", net, id, a->ifname);
	return buf;
}

bool cni_alias_is(const char *alias, const struct cni_attachment *a)
{
	char owner[CNI_OWNER_LEN];
	size_t len = strlen(cni_owner(a, owner, sizeof(owner)));

	return strncmp(alias, owner, len) == 0 &&
	       (alias[len] == '\0' || alias[len] == ' ');
}

bool cni_alias_read(const char *alias, char *buf, struct cni_attachment *ret)
{
	char *rest = buf;

	snprintf(buf, CNI_OWNER_LEN, "%.*s", (int)strcspn(alias, " "), alias);
	if (strcmp(strsep(&rest, ":"), "cni") != 0)
		return false;
	ret->network = strsep(&rest, ":");
	ret->id = strsep(&rest, ":");
	ret->ifname = rest;
	return rest && ret->id[0] != '#';
}

bool cni_alias_comment(const char *alias, char comment[CNI_COMMENT_LEN])
{
	size_t len = strcspn(alias, " ");
	char text[CNI_OWNER_LEN];
	struct cni_attachment att;

	if (len < CNI_COMMENT_LEN) {
		memcpy(comment, alias, len);
		comment[len] = '\0';
		return true;
	}
	if (!cni_alias_read(alias, text, &att))
		return false;
	cni_owner(&att, comment, CNI_COMMENT_LEN);
	return true;
}

bool cni_owner_in_network(const char *owner, const char *network)
{
	char hex[SHA512_HEXLEN];
	size_t len = strlen(network);

	if (strncmp(owner, "cni:", 4) != 0)
		return false;
	owner += 4;
	if (strncmp(owner, network, len) == 0 && owner[len] == ':')
		return true;
	hash(network, hex);
	return owner[0] == '#' && strncmp(owner + 1, hex, 32) == 0 &&
	       owner[33] == ':';
}

void cni_veth_name(const struct cni_attachment *a, unsigned salt, char name[16])
{
	char net[SHA512_HEXLEN], id[SHA512_HEXLEN], all[3 * SHA512_HEXLEN];

	/* hashed parts first: no two attachments give the same bytes */
	hash(a->network, net);
	hash(a->id, id);
	snprintf(all, sizeof(all), "%s%s%u:%s", net, id, salt, a->ifname);
	hash(all, net);
	snprintf(name, 16, "veth%.8s", net);
}
