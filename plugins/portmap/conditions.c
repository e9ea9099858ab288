// SPDX-License-Identifier: GPL-2.0-or-later
/* conditions.c - conditionsV4 and conditionsV6, as matches of a packet */
#include "conditions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/json.h"
#include "condition-value.h"

/* of one list; each of these rules fits into a message */
#define WAYS_MAX 64
#define EACH_MAX 8

/* The words, and the matches that were read from those before at. */
struct reader {
	const char *key;
	unsigned family;
	char *text; /* owned: the words' */
	char **w;   /* owned */
	size_t n, at;
	struct fw_match *v; /* owned; there are fewer than words */
	size_t n_v;
	struct cni_err *err;
};

static void reader_auto(struct reader *rd)
{
	free(rd->text);
	free(rd->w);
	free(rd->v);
}

static int refuse(const struct reader *rd, const char *word, const char *why)
{
	return cni_fail(rd->err, CNI_EUNSUPPORTED, 0, "%s: \"%s\" %s", rd->key,
			word, why);
}

static int not_known(const struct reader *rd, const char *word)
{
	return refuse(rd, word, "is not supported");
}

/* The next word, which is used up; NULL at the end. */
static char *next(struct reader *rd)
{
	return rd->at < rd->n ? rd->w[rd->at++] : NULL;
}

static bool next_is(struct reader *rd, const char *word)
{
	if (rd->at == rd->n || strcmp(rd->w[rd->at], word) != 0)
		return false;
	rd->at++;
	return true;
}

/* One value of a match that is begun in *m. Of a negated list all hold. */
static int add_value(struct reader *rd, const struct fw_match *begun,
		     const char *word, char any, bool first)
{
	struct fw_match m = *begun;

	m.either = !first && !m.negated;
	if (!condition_value(word, rd->family, any, &m))
		return not_known(rd, word);
	rd->v[rd->n_v++] = m;
	return 0;
}

/* --- arguments of iptables --------------------------------------------------
 */

static const struct option {
	const char *name[3];
	const char *module; /* that has it; NULL: none */
	enum fw_match_kind kind;
	bool list; /* A,B */
} options[] = {
	{ { "-s", "--source", "--src" }, NULL, FW_MATCH_SADDR, true },
	{ { "-d", "--destination", "--dst" }, NULL, FW_MATCH_DADDR, true },
	{ { "-i", "--in-interface" }, NULL, FW_MATCH_IIFNAME, false },
	{ { "-o", "--out-interface" }, NULL, FW_MATCH_OIFNAME, false },
	{ { "--mark" }, "mark", FW_MATCH_MARK, false },
	{ { "--src-type" }, "addrtype", FW_MATCH_SADDR_TYPE, true },
	{ { "--dst-type" }, "addrtype", FW_MATCH_DADDR_TYPE, true },
};

static const struct option *find_option(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		for (int k = 0; k < 3 && options[i].name[k]; k++)
			if (strcmp(word, options[i].name[k]) == 0)
				return &options[i];
	return NULL;
}

/* The module "mark" or "addrtype", as its bit. 0 for another one. */
static unsigned module_bit(const char *name)
{
	return strcmp(name, "mark") == 0       ? 1
	       : strcmp(name, "addrtype") == 0 ? 2
					       : 0;
}

static int read_list(struct reader *rd, const struct fw_match *begun,
		     char *list)
{
	char *word;
	int r = 0;

	for (bool first = true; r == 0 && (word = strsep(&list, ",")) != NULL;
	     first = false)
		r = add_value(rd, begun, word, '+', first);
	return r;
}

static int read_option(struct reader *rd, const struct option *o,
		       const char *word, bool negated)
{
	struct fw_match m = { .kind = o->kind,
			      .negated = negated,
			      .mask = UINT32_MAX };
	char *value = next(rd);

	if (!value)
		return refuse(rd, word, "has no value");
	if (negated && o->list && strchr(value, ','))
		return refuse(rd, value, "is a list after \"!\"");
	if (!o->list)
		return add_value(rd, &m, value, '+', true);
	return read_list(rd, &m, value);
}

static int read_iptables(struct reader *rd)
{
	unsigned modules = 0;
	int r = 0;

	while (r == 0 && rd->at < rd->n) {
		bool negated = next_is(rd, "!");
		const char *word = next(rd), *module;
		const struct option *o = word ? find_option(word) : NULL;

		if (!word)
			return refuse(rd, "!", "has nothing after it");
		if (o && (!o->module || modules & module_bit(o->module))) {
			r = read_option(rd, o, word, negated);
			continue;
		}
		if (negated ||
		    (strcmp(word, "-m") != 0 && strcmp(word, "--match") != 0))
			return not_known(rd, word);
		module = next(rd);
		if (!module)
			return refuse(rd, word, "has no value");
		if (!module_bit(module))
			return not_known(rd, module);
		modules |= module_bit(module);
	}
	return r;
}

/* --- words of nft -----------------------------------------------------------
 */

/* "!= VALUE", "{ VALUE, VALUE }" and the like */
static int read_values(struct reader *rd, struct fw_match *m)
{
	const char *word;
	int r = 0;

	if (next_is(rd, "!=") || next_is(rd, "ne"))
		m->negated = true;
	else if (!next_is(rd, "=="))
		next_is(rd, "eq");
	if (!next_is(rd, "{")) {
		word = next(rd);
		if (!word)
			return refuse(rd, rd->w[rd->n - 1], "has no value");
		return add_value(rd, m, word, '*', true);
	}
	for (bool first = true; r == 0; first = false) {
		word = next(rd);
		if (!word)
			return refuse(rd, "{", "has no end");
		r = add_value(rd, m, word, '*', first);
		if (r == 0 && next_is(rd, "}"))
			return 0;
		if (r == 0 && !next_is(rd, ","))
			return refuse(rd, word, "is followed by no \",\"");
	}
	return r;
}

/* "mark & MASK ==", or without a mask */
static int read_mask(struct reader *rd, struct fw_match *m)
{
	const char *word;

	if (!next_is(rd, "&") && !next_is(rd, "and"))
		return 0;
	word = next(rd);
	if (!word || !condition_number(word, &m->mask))
		return not_known(rd, word ? word : "&");
	return 0;
}

/* saddr, daddr: which of the two kinds; -1 for another word */
static int read_side(struct reader *rd, enum fw_match_kind from,
		     enum fw_match_kind to)
{
	return next_is(rd, "saddr")   ? (int)from
	       : next_is(rd, "daddr") ? (int)to
				      : -1;
}

/* What is compared, up to the comparison; -1 where that is not known. */
static int read_field(struct reader *rd)
{
	bool meta = next_is(rd, "meta");
	int kind;

	if (next_is(rd, "iifname"))
		return FW_MATCH_IIFNAME;
	if (next_is(rd, "oifname"))
		return FW_MATCH_OIFNAME;
	if (next_is(rd, "mark"))
		return FW_MATCH_MARK;
	if (meta)
		return -1;
	if (next_is(rd, rd->family == AF_INET ? "ip" : "ip6"))
		return read_side(rd, FW_MATCH_SADDR, FW_MATCH_DADDR);
	if (!next_is(rd, "fib"))
		return -1;
	kind = read_side(rd, FW_MATCH_SADDR_TYPE, FW_MATCH_DADDR_TYPE);
	return kind >= 0 && next_is(rd, "type") ? kind : -1;
}

static int read_nft(struct reader *rd)
{
	int r = 0;

	while (r == 0 && rd->at < rd->n) {
		struct fw_match m = { .mask = UINT32_MAX };
		int kind = read_field(rd);

		if (kind < 0 && rd->at == rd->n)
			return refuse(rd, rd->w[rd->n - 1], "has no value");
		if (kind < 0)
			return not_known(rd, rd->w[rd->at]);
		m.kind = (enum fw_match_kind)kind;
		if (m.kind == FW_MATCH_MARK)
			r = read_mask(rd, &m);
		if (r == 0)
			r = read_values(rd, &m);
	}
	return r;
}

/* --- words ------------------------------------------------------------------
 */

/* Appends a string, of nft with blanks around what stands for itself. */
static char *append(char *to, const char *s, bool nft)
{
	for (; *s; s++) {
		size_t len = 0;

		if (nft && (*s == '!' || *s == '=') && s[1] == '=')
			len = 2;
		else if (nft && strchr("{},&", *s))
			len = 1;
		if (len == 0) {
			*to++ = *s;
			continue;
		}
		*to++ = ' ';
		memcpy(to, s, len);
		to += len;
		*to++ = ' ';
		s += len - 1;
	}
	return to;
}

/* As many words as there are strings, or for nft as there are in them. */
static void split(struct reader *rd, const cJSON *list, bool nft)
{
	char *to = rd->text, *from, *word;
	const cJSON *s;

	cJSON_ArrayForEach (s, list) {
		if (!nft)
			rd->w[rd->n++] = to;
		to = append(to, s->valuestring, nft);
		*to++ = nft ? ' ' : '\0';
	}
	*to = '\0';
	if (!nft)
		return;
	from = rd->text;
	while ((word = strsep(&from, " \t")) != NULL)
		if (*word)
			rd->w[rd->n++] = word;
}

static int read_words(struct reader *rd, const cJSON *list)
{
	bool nft = !conditions_of_iptables(list);
	size_t len = 1;
	const cJSON *s;

	cJSON_ArrayForEach (s, list) {
		if (!cJSON_IsString(s))
			return cni_fail(rd->err, CNI_ECONF, 0,
					"%s: expected strings, got %s", rd->key,
					js_kind(s));
		len += 3 * strlen(s->valuestring) + 2;
	}
	rd->text = calloc(1, len);
	/* no more words, and no more values, than there are characters */
	rd->w = calloc(len, sizeof(*rd->w));
	rd->v = calloc(len, sizeof(*rd->v));
	if (!rd->text || !rd->w || !rd->v)
		return cni_fail(rd->err, CNI_EINTERNAL, 0, "out of memory");
	split(rd, list, nft);
	return nft ? read_nft(rd) : read_iptables(rd);
}

bool conditions_of_iptables(const cJSON *list)
{
	const cJSON *first = cJSON_GetArrayItem(list, 0);

	return cJSON_IsString(first) &&
	       (first->valuestring[0] == '-' || first->valuestring[0] == '!');
}

int conditions_read(const cJSON *list, const char *key, unsigned family,
		    struct fw_match **ret, size_t *ret_n, struct cni_err *err)
{
	AUTO(reader)
	struct reader rd = { .key = key, .family = family, .err = err };

	if (read_words(&rd, list) < 0)
		return -1;
	if (fw_match_ways(rd.v, rd.n_v) > WAYS_MAX ||
	    fw_match_each(rd.v, rd.n_v) > EACH_MAX)
		return cni_fail(err, CNI_EUNSUPPORTED, 0,
				"%s: more than %d rules, or %d matches in each",
				key, WAYS_MAX, EACH_MAX);
	*ret_n = rd.n_v;
	*ret = TAKE(rd.v);
	return 0;
}
