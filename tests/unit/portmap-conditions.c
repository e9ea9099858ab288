// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * portmap-conditions.c - conditionsV4 and conditionsV6, word by word
 *
 * unit: plugins/portmap/conditions.c plugins/portmap/condition-value.c
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../../plugins/portmap/conditions.h"
#include "base/json.h"
#include "failing-malloc.h"
#include "tap.h"

/* The matches, as "saddr 10.0.0.0/8, or saddr ..., iifname not eth*". */
static const char *print(const struct fw_match *v, size_t n)
{
	static const char *const kind[] = { "saddr",	 "daddr", "iifname",
					    "oifname",	 "mark",  "saddr type",
					    "daddr type" };
	static char text[4096];
	char ip[IP_STRLEN], *to = text;

	*to = '\0';
	for (size_t i = 0; i < n; i++) {
		to += sprintf(to, "%s%s%s%s ", i ? ", " : "",
			      v[i].either ? "or " : "", kind[v[i].kind],
			      v[i].negated ? " not" : "");
		if (v[i].kind <= FW_MATCH_DADDR)
			to += sprintf(to, "%s", ip_net_format(&v[i].net, ip));
		else if (v[i].kind <= FW_MATCH_OIFNAME)
			to += sprintf(to, "%s%s", v[i].name,
				      v[i].begins ? "*" : "");
		else if (v[i].kind == FW_MATCH_MARK)
			to += sprintf(to, "%x/%x", v[i].value, v[i].mask);
		else
			to += sprintf(to, "%u", v[i].value);
	}
	return text;
}

/* Reads the words of JSON, for IPv6 where they begin with 6. */
static int read_list(const char *words, struct fw_match **ret, size_t *ret_n,
		     struct cni_err *err)
{
	bool v6 = *words == '6';
	char text[2048], why[128];
	cJSON *list;
	int r;

	snprintf(text, sizeof(text), "[%s]", words + v6);
	list = js_parse(text, strlen(text), why, sizeof(why));
	OK(list);
	*err = (struct cni_err){ 0 };
	*ret = NULL;
	*ret_n = 0;
	r = conditions_read(list, "conditionsV4", v6 ? AF_INET6 : AF_INET, ret,
			    ret_n, err);
	cJSON_Delete(list);
	return r;
}

static void what_is_taken(void)
{
	static const struct {
		const char *words, *means;
	} t[] = {
		{ "", "" },
		{ "\"-m\",\"mark\"", "" },
		{ "\"-s\",\"10.1.2.3\"", "saddr 10.1.2.3/32" },
		{ "\"-s\",\"0.0.0.0/0\"", "saddr 0.0.0.0/0" },
		{ "\"!\",\"--source\",\"10.0.0.0/8\"", "saddr not 10.0.0.0/8" },
		{ "\"--src\",\"10.0.0.0/8,11.0.0.1\"",
		  "saddr 10.0.0.0/8, or saddr 11.0.0.1/32" },
		{ "6\"-d\",\"fd00::1\",\"--dst\",\"::/0\"",
		  "daddr fd00::1/128, daddr ::/0" },
		{ "\"--destination\",\"1.2.3.4/31\"", "daddr 1.2.3.4/31" },
		{ "\"-i\",\"eth0\",\"!\",\"-o\",\"eth+\"",
		  "iifname eth0, oifname not eth*" },
		{ "\"--in-interface\",\"abcdefghijklmno\","
		  "\"--out-interface\",\"abcdefghijklmno+\"",
		  "iifname abcdefghijklmno, oifname abcdefghijklmno*" },
		{ "\"-m\",\"mark\",\"--mark\",\"0xFFffFFff\",\"--mark\",\"010\"",
		  "mark ffffffff/ffffffff, mark 8/ffffffff" },
		{ "\"--match\",\"mark\",\"!\",\"--mark\",\"1/0x3\"",
		  "mark not 1/3" },
		{ "\"-m\",\"addrtype\",\"--src-type\",\"LOCAL,unicast\","
		  "\"!\",\"--dst-type\",\"Prohibit\"",
		  "saddr type 2, or saddr type 1, daddr type not 8" },
		{ "\"ip saddr 10.0.0.0/8\"", "saddr 10.0.0.0/8" },
		{ "\"ip\",\"daddr\",\"!=10.0.0.1\"", "daddr not 10.0.0.1/32" },
		{ "6\"ip6 saddr { fd00::/8,\",\"fe80::/10 }\"",
		  "saddr fd00::/8, or saddr fe80::/10" },
		{ "\"ip saddr ne {10.0.0.1}\"", "saddr not 10.0.0.1/32" },
		{ "\"ip saddr != { 10.0.0.1, 10.0.0.2 }\"",
		  "saddr not 10.0.0.1/32, saddr not 10.0.0.2/32" },
		{ "\"iifname \\\"eth*\\\" oifname lo\"",
		  "iifname eth*, oifname lo" },
		{ "\"meta iifname\",\"eq\",\"a\",\"meta\",\"oifname==b\"",
		  "iifname a, oifname b" },
		{ "\"mark 1 meta mark != 0x2\"",
		  "mark 1/ffffffff, mark not 2/ffffffff" },
		{ "\"mark & 3 == 1 mark and 0xff 7\"", "mark 1/3, mark 7/ff" },
		{ "\"fib saddr type local fib daddr type != { local, anycast }\"",
		  "saddr type 2, daddr type not 2, daddr type not 4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct fw_match *v;
		struct cni_err err;
		size_t n;

		EQ_INT(read_list(t[i].words, &v, &n, &err), 0);
		EQ_STR(print(v, n), t[i].means);
		if (err.set)
			printf("# %s: %s\n", t[i].words, err.msg);
		free(v);
	}
}

#define NOT "is not supported"

static void what_is_refused_is_named(void)
{
	static const struct {
		const char *words, *word, *why;
		unsigned code;
	} t[] = {
		{ "\"-j\",\"ACCEPT\"", "-j", NOT, 2 },
		{ "\"-s 10.0.0.0/8\"", "-s 10.0.0.0/8", NOT, 2 },
		{ "\"--source=10.0.0.0/8\"", "--source=10.0.0.0/8", NOT, 2 },
		{ "\"-p\",\"tcp\"", "-p", NOT, 2 },
		{ "\"-s\"", "-s", "has no value", 2 },
		{ "\"-s\",\"\"", "", NOT, 2 },
		{ "\"-s\",\"a.example\"", "a.example", NOT, 2 },
		{ "\"-s\",\"10.0.0.0/33\"", "10.0.0.0/33", NOT, 2 },
		{ "\"-s\",\"10.0.0.0/255.0.0.0\"", "10.0.0.0/255.0.0.0", NOT,
		  2 },
		{ "\"-s\",\"10.0.0.1,,10.0.0.2\"", "", NOT, 2 },
		{ "\"-s\",\"fd00::1\"", "fd00::1", NOT, 2 },
		{ "6\"-s\",\"10.0.0.1\"", "10.0.0.1", NOT, 2 },
		{ "\"!\"", "!", "has nothing after it", 2 },
		{ "\"!\",\"!\",\"-s\",\"10.0.0.1\"", "!", NOT, 2 },
		{ "\"!\",\"-s\",\"0.0.0.0/0\"", "0.0.0.0/0", NOT, 2 },
		{ "\"!\",\"-s\",\"10.0.0.1,10.0.0.2\"", "10.0.0.1,10.0.0.2",
		  "is a list after \\\"!\\\"", 2 },
		{ "\"!\",\"-m\",\"mark\"", "-m", NOT, 2 },
		{ "\"-m\"", "-m", "has no value", 2 },
		{ "\"-m\",\"limit\"", "limit", NOT, 2 },
		{ "\"--mark\",\"1\"", "--mark", NOT, 2 },
		{ "\"-m\",\"mark\",\"--dst-type\",\"LOCAL\"", "--dst-type", NOT,
		  2 },
		{ "\"-m\",\"mark\",\"--mark\",\"-1\"", "-1", NOT, 2 },
		{ "\"-m\",\"mark\",\"--mark\",\"0x100000000\"", "0x100000000",
		  NOT, 2 },
		{ "\"-m\",\"mark\",\"--mark\",\"1/\"", "1/", NOT, 2 },
		{ "\"-m\",\"mark\",\"--mark\",\"1x\"", "1x", NOT, 2 },
		{ "\"-m\",\"mark\",\"--mark\","
		  "\"11111111111111111111111111111111\"",
		  "11111111111111111111111111111111", NOT, 2 },
		{ "\"-m\",\"addrtype\",\"--dst-type\",\"NAT\"", "NAT", NOT, 2 },
		{ "\"-i\",\"abcdefghijklmnop\"", "abcdefghijklmnop", NOT, 2 },
		{ "\"-i\",\"+\"", "+", NOT, 2 },
		{ "\"-i\",\"a/b\"", "a/b", NOT, 2 },
		{ "\"-i\",\"et*\"", "et*", NOT, 2 },
		{ "\"-i\",\"\\\"eth0\\\"\"", "\\\"eth0\\\"", NOT, 2 },
		{ "\"flush ruleset\"", "flush", NOT, 2 },
		{ "\"\"", NULL, NULL, 0 },
		{ "\"ip\"", "ip", "has no value", 2 },
		{ "\"ip6 saddr fd00::1\"", "ip6", NOT, 2 },
		{ "\"ip protocol tcp\"", "protocol", NOT, 2 },
		{ "\"meta ip saddr 10.0.0.1\"", "ip", NOT, 2 },
		{ "\"tcp dport 80\"", "tcp", NOT, 2 },
		{ "\"ip saddr\"", "saddr", "has no value", 2 },
		{ "\"ip saddr !=\"", "!=", "has no value", 2 },
		{ "\"ip saddr < 10.0.0.1\"", "<", NOT, 2 },
		{ "\"ip saddr 10.0.0.1-10.0.0.9\"", "10.0.0.1-10.0.0.9", NOT,
		  2 },
		{ "\"ip saddr 10.0.0.1; flush ruleset\"", "10.0.0.1;", NOT, 2 },
		{ "\"ip saddr 10.0.0.1\\nflush ruleset\"", "10.0.0.1\\nflush",
		  NOT, 2 },
		{ "\"ip saddr {\"", "{", "has no end", 2 },
		{ "\"ip saddr { }\"", "}", NOT, 2 },
		{ "\"ip saddr { 10.0.0.1\"", "10.0.0.1",
		  "is followed by no \\\",\\\"", 2 },
		{ "\"ip saddr { 10.0.0.1 10.0.0.2 }\"", "10.0.0.1",
		  "is followed by no \\\",\\\"", 2 },
		{ "\"ip saddr @friends\"", "@friends", NOT, 2 },
		{ "\"ip saddr & 1 == 1\"", "&", NOT, 2 },
		{ "\"iifname \\\"eth0\"", "\\\"eth0", NOT, 2 },
		{ "\"iifname \\\"\\\"\"", "\\\"\\\"", NOT, 2 },
		{ "\"mark &\"", "&", NOT, 2 },
		{ "\"mark & x == 1\"", "x", NOT, 2 },
		{ "\"mark 1/2/3\"", "1/2/3", NOT, 2 },
		{ "\"fib saddr . iif type local\"", ".", NOT, 2 },
		{ "\"fib\"", "fib", "has no value", 2 },
		{ "\"fib type local\"", "type", NOT, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char want[256], word[128];
		struct fw_match *v;
		struct cni_err err;
		cJSON *plain;
		size_t n;

		if (!t[i].word) {
			EQ_INT(read_list(t[i].words, &v, &n, &err), 0);
			EQ_INT(n, 0);
			free(v);
			continue;
		}
		/* as they are without the backslashes of JSON */
		snprintf(word, sizeof(word), "\"\\\"%s\\\" %s\"", t[i].word,
			 t[i].why);
		plain = js_parse(word, strlen(word), want, sizeof(want));
		snprintf(want, sizeof(want), "conditionsV4: %s",
			 plain ? plain->valuestring : "?");
		cJSON_Delete(plain);
		EQ_INT(read_list(t[i].words, &v, &n, &err), -1);
		EQ_INT(err.code, t[i].code);
		EQ_STR(err.msg, want);
		OK(!v);
	}
}

static void other_types_than_strings_are_refused(void)
{
	struct fw_match *v;
	struct cni_err err;
	size_t n;

	EQ_INT(read_list("7", &v, &n, &err), -1);
	EQ_INT(err.code, 7);
	EQ_STR(err.msg, "conditionsV4: expected strings, got a number");
	EQ_INT(read_list("\"-s\",{}", &v, &n, &err), -1);
	EQ_INT(err.code, 7);
}

/* ways: alternatives as "1,1,...", so many of each of the groups */
static int read_many(int groups, int each, struct cni_err *err)
{
	char text[2000] = "", *to = text;
	struct fw_match *v;
	size_t n;
	int r;

	for (int g = 0; g < groups; g++) {
		to += sprintf(to, "%s\"-s\",\"", g ? "," : "");
		for (int i = 0; i < each; i++)
			to += sprintf(to, "%s1.1.1.%d", i ? "," : "", i);
		to += sprintf(to, "\"");
	}
	r = read_list(text, &v, &n, err);
	free(v);
	return r;
}

static void one_list_makes_so_many_rules_and_no_more(void)
{
	struct cni_err err;

	EQ_INT(read_many(1, 64, &err), 0);
	EQ_INT(read_many(6, 2, &err), 0);
	EQ_INT(read_many(8, 1, &err), 0);
	EQ_INT(read_many(1, 65, &err), -1);
	EQ_INT(err.code, 2);
	EQ_STR(err.msg, "conditionsV4: more than 64 rules, or 8 matches in "
			"each");
	EQ_INT(read_many(7, 2, &err), -1);
	EQ_INT(read_many(9, 1, &err), -1);
	/* 2 to the 64th is not 0 */
	EQ_INT(read_many(64, 2, &err), -1);
}

/* Whether the words have that hash. */
static void hash_of(const char *words, char hash[FW_MATCH_HASH])
{
	struct fw_match *v;
	struct cni_err err;
	size_t n;

	EQ_INT(read_list(words, &v, &n, &err), 0);
	EQ_INT(fw_match_hash(v, n, hash), 0);
	EQ_INT(strlen(hash), 32);
	free(v);
}

static void one_meaning_has_one_hash(void)
{
	static const char *const other[] = {
		"\"-d\",\"10.0.0.0/8\"",
		"\"!\",\"-s\",\"10.0.0.0/8\"",
		"\"-s\",\"10.0.0.0/9\"",
		"\"-s\",\"10.0.0.0/8,10.0.0.0/8\"",
		"\"-s\",\"10.0.0.0/8\",\"-s\",\"10.0.0.0/8\"",
		"\"-i\",\"a\"",
		"\"-i\",\"a+\"",
		"\"-m\",\"mark\",\"--mark\",\"1\"",
		"\"-m\",\"mark\",\"--mark\",\"1/1\"",
		"\"-m\",\"addrtype\",\"--src-type\",\"LOCAL\"",
		"\"-m\",\"addrtype\",\"--dst-type\",\"LOCAL\"",
	};
	char one[FW_MATCH_HASH], same[FW_MATCH_HASH];
	char all[ARRAY_SIZE(other)][FW_MATCH_HASH];

	hash_of("\"-s\",\"10.0.0.0/8\"", one);
	hash_of("\"ip saddr 10.1.2.3/8\"", same);
	EQ_STR(one, same);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		hash_of(other[i], all[i]);
		OK(strcmp(all[i], one) != 0);
		for (size_t k = 0; k < i; k++)
			OK(strcmp(all[i], all[k]) != 0);
	}
}

static void lack_of_memory_is_reported(void)
{
	char why[128];
	cJSON *list = js_parse("[\"-s\",\"10.0.0.1\"]", 17, why, sizeof(why));
	char hash[FW_MATCH_HASH];
	struct fw_match *v = NULL;
	struct cni_err err;
	size_t n = 0;
	int failed = 0;

	for (bool more = true; more;) {
		err = (struct cni_err){ 0 };
		fail_at = ++failed;
		count = 0;
		more = conditions_read(list, "x", AF_INET, &v, &n, &err) < 0;
		if (more) {
			EQ_INT(err.code, 999);
			EQ_STR(err.msg, "out of memory");
		}
		fail_at = 0;
	}
	OK(failed > 3);
	EQ_INT(n, 1);
	fail_at = 1;
	count = 0;
	EQ_INT(fw_match_hash(v, n, hash), -ENOMEM);
	fail_at = 0;
	free(v);
	cJSON_Delete(list);
}

TAP_MAIN(TEST(what_is_taken), TEST(what_is_refused_is_named),
	 TEST(other_types_than_strings_are_refused),
	 TEST(one_list_makes_so_many_rules_and_no_more),
	 TEST(one_meaning_has_one_hash), TEST(lack_of_memory_is_reported))
