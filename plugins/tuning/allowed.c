// SPDX-License-Identifier: GPL-2.0-or-later
/* allowed.c - the host's list of sysctls that may be written */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "key.h"

#define LIST_MAX (1u << 20)
/* before a letter or digit, '\' means in RE2 what it does not in POSIX */
#define SAME_ESCAPES "wWsSbB"

/* Owned: the list; NULL and 0 where there is none. Returns 0 or -errno. It may
   be a symbolic link, as Kubernetes' mounts of files are. */
static int read_list(char **ret)
{
	AUTO(fd) int fd = open(KEY_ALLOWED, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return fs_read_fd(fd, LIST_MAX, ret, &len);
}

/* What the reference's expressions have or refuse, and POSIX's take for
   something else; or NULL. */
static const char *foreign(const char *line)
{
	bool set = false;
	int depth = 0;

	for (const char *p = line; *p; p++) {
		if (*p == '\\' && set)
			return "a backslash between brackets";
		if (*p == '\\') {
			p++;
			if (strchr("0123456789<>`'", *p) ||
			    ((*p | 32) >= 'a' && (*p | 32) <= 'z' &&
			     !strchr(SAME_ESCAPES, *p)))
				return "a backslash before a letter, a digit or "
				       "one of <>`'";
		} else if (set) {
			set = *p != ']';
		} else if (*p == '[') {
			set = true;
			/* a bracket that is first is one of the set */
			p += p[1] == '^';
			p += p[1] == ']';
		} else if (*p == '(') {
			depth++;
			if (p[1] == '?')
				return "(?";
		} else if (*p == ')' && --depth < 0) {
			return "a ) too many";
		}
	}
	return NULL;
}

static int fail_compile(const char *line, const char *why, struct cni_err *err)
{
	cni_fail(err, CNI_ECONF, 0, "error parsing regexp: %s: `%s`", why,
		 line);
	cni_detail(err, "it is in " KEY_ALLOWED);
	return -1;
}

static int compile(const char *line, regex_t *re, struct cni_err *err)
{
	const char *why = foreign(line);
	char text[128];
	int r;

	if (why)
		return fail_compile(line, why, err);
	r = regcomp(re, line, REG_EXTENDED);
	if (r == 0)
		return 0;
	regerror(r, NULL, text, sizeof(text));
	return fail_compile(line, text, err);
}

/* The leftmost match, and of those the longest, is the whole key where any
   match is. */
static bool matches(const regex_t *re, const char *key)
{
	regmatch_t m;

	return regexec(re, key, 1, &m, 0) == 0 && m.rm_so == 0 &&
	       (size_t)m.rm_eo == strlen(key);
}

/* Clears each key that the line matches. */
static int apply(const char *line, const char **key, size_t n,
		 struct cni_err *err)
{
	regex_t re;

	if (compile(line, &re, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (key[i] && matches(&re, key[i]))
			key[i] = NULL;
	regfree(&re);
	return 0;
}

static int fail_key(const char *key, const char *lines, struct cni_err *err)
{
	cni_fail(err, CNI_ECONF, 0,
		 "Sysctl %s is not allowed. Only the following sysctls are "
		 "allowed: [%s]",
		 key, lines);
	cni_detail(err, "no line of " KEY_ALLOWED " matches it as a whole");
	return -1;
}

static int apply_all(char *list, const char **key, size_t n,
		     struct cni_err *err)
{
	AUTO(str) char *lines = calloc(1, strlen(list) + 1);
	char *line, *end, *save, *to = lines;

	if (!lines)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");

	for (; (line = strtok_r(list, "\n", &save)); list = NULL) {
		line += strspn(line, " \t\r\v\f");
		end = line + strlen(line);
		while (end > line && strchr(" \t\r\v\f", end[-1]))
			*--end = '\0';
		if (!*line)
			continue;
		if (apply(line, key, n, err) < 0)
			return -1;
		if (to != lines)
			*to++ = ' ';
		to = stpcpy(to, line);
	}
	for (size_t i = 0; i < n; i++)
		if (key[i])
			return fail_key(key[i], lines, err);
	return 0;
}

static size_t collect(const cJSON *obj, const char **key)
{
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach (v, obj) {
		key[n++] = v->string;
	}
	return n;
}

int key_allowed(const cJSON *a, const cJSON *b, struct cni_err *err)
{
	size_t n =
		(size_t)cJSON_GetArraySize(a) + (size_t)cJSON_GetArraySize(b);
	AUTO(str) char *list = NULL;
	const char **key;
	int r;

	if (n == 0)
		return 0;
	r = read_list(&list);
	if (r < 0) {
		cni_fail(err, CNI_EIO, r, "cannot read " KEY_ALLOWED);
		if (r == -EFBIG)
			cni_detail(err, "it has more than %u bytes", LIST_MAX);
		return -1;
	}
	if (!list)
		return 0;
	key = calloc(n, sizeof(*key));
	if (!key)
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	collect(b, key + collect(a, key));
	r = apply_all(list, key, n, err);
	free(key);
	return r;
}
