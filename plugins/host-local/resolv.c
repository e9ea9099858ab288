// SPDX-License-Identifier: GPL-2.0-or-later
/* resolv.c - a parser of resolv.conf(5) */
#include "resolv.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"

#define FILE_MAX (1u << 20)
#define SPACE " \t\v\f\r"

/* Appends the words that are left of a line. */
static int add_words(struct cni_strings *list, bool *has, char **rest)
{
	const char *word;
	int r;

	while ((word = strtok_r(NULL, SPACE, rest))) {
		r = cni_strings_add(list, word);
		if (r < 0)
			return r;
		*has = true;
	}
	return 0;
}

static int set_domain(struct cni_dns *dns, const char *word)
{
	char *domain = strdup(word);

	if (!domain)
		return -ENOMEM;
	free(dns->domain);
	dns->domain = domain;
	return 0;
}

static int parse_line(char *line, struct cni_dns *dns)
{
	char *rest = NULL;
	const char *key = strtok_r(line, SPACE, &rest);
	const char *word;

	if (!key || *key == '#' || *key == ';')
		return 0;
	if (strcmp(key, "search") == 0)
		return add_words(&dns->search, &dns->has_search, &rest);
	if (strcmp(key, "options") == 0)
		return add_words(&dns->options, &dns->has_options, &rest);
	word = strtok_r(NULL, SPACE, &rest);
	if (!word)
		return 0;
	if (strcmp(key, "domain") == 0)
		return set_domain(dns, word);
	if (strcmp(key, "nameserver") == 0) {
		dns->has_nameservers = true;
		return cni_strings_add(&dns->nameservers, word);
	}
	return 0;
}

/* the cause in the words of the reference: as errno's, in lower case */
static int fail(struct cni_err *err, const char *what, const char *path, int r)
{
	const char *why = strerror(-r);

	return cni_fail(err, CNI_EIO, 0, "%s %s: %c%s", what, path,
			tolower((unsigned char)*why), why + 1);
}

int resolv_read(const char *path, struct cni_dns *dns, struct cni_err *err)
{
	/* O_NONBLOCK: a FIFO here must not keep the container waiting */
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO(str) char *text = NULL;
	char *rest = NULL;
	size_t len;
	int r;

	if (fd < 0)
		return fail(err, "open", path, -errno);
	r = fs_read_fd(fd, FILE_MAX, &text, &len);
	if (r < 0) {
		fail(err, "read", path, r);
		if (r == -EFBIG)
			cni_detail(err, "it has more than %u bytes", FILE_MAX);
		return -1;
	}
	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		r = parse_line(line, dns);
		if (r < 0)
			return fail(err, "read", path, r);
	}
	return 0;
}
