// SPDX-License-Identifier: GPL-2.0-or-later
/* main-conf.c - which configurations are refused, and what a handler gets */
#include "call.h"
#include "cni/conf.h"

/* what the handler saw, as text */
static char seen[2048];

static const char *or_none(const char *s)
{
	return s ? s : "(none)";
}

static int look(const struct cni_call *a, struct cni_err *err)
{
	const struct cni_conf *c = &a->conf;

	(void)err;
	snprintf(seen, sizeof(seen),
		 "%s %s %s %s|%s %s %s|%s %s%s%s|dns %zu|prev %d %zu",
		 a->command, a->att.network, a->att.id, a->att.ifname,
		 c->version, c->name, or_none(c->type), or_none(c->ipam_type),
		 c->ipam ? "ipam " : "", c->runtime_config ? "runtime " : "",
		 c->args_cni ? "args" : "", c->dns.nameservers.n, c->has_prev,
		 c->prev.n_ips);
	return 0;
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	(void)own;
	return look(call, err);
}

static const struct cni_plugin fake = {
	.name = "fake", .del = STEP(look), .check = check, .status = STEP(look)
};

static struct reply *with(const char *verb, const char *conf)
{
	char command[32];

	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	snprintf(seen, sizeof(seen), "(not called)");
	return call(&fake, ENV(command, SANDBOX), conf);
}

/* refused with the version of the library: the text was not read so far */
static void undecodable(const char *conf, const char *why)
{
	char msg[256];

	snprintf(msg, sizeof(msg), "error unmarshall network config: %s", why);
	IS_ERROR(with("CHECK", conf), "1.1.0", 6, msg, NULL);
	EQ_STR(seen, "(not called)");
}

static void must_be_one_object(void)
{
	undecodable("", "unexpected end of JSON input at byte 0");
	undecodable(" \n", "unexpected end of JSON input at byte 2");
	undecodable("[]", "expected an object, got an array");
	undecodable("\"x\"", "expected an object, got a string");
	undecodable("7", "expected an object, got a number");
	undecodable("true", "expected an object, got a boolean");
	undecodable("{\"name\":\"n\"}x",
		    "invalid character after top-level value at byte 12");
	undecodable("{\"name\":\"n\"}{}",
		    "invalid character after top-level value at byte 12");
	undecodable("\xef\xbb\xbf{}", "invalid value at byte 0");
}

static void must_be_decodable(void)
{
	undecodable("{\"name\":7}",
		    "\\\"name\\\": expected a string, got a number");
	undecodable("{\"name\":\"n\",\"x\":\"\xff\"}",
		    "invalid UTF-8 in a string at byte 17");
	undecodable("{\"name\":\"n\\u0000\"}",
		    "\\\\u0000 in a string at byte 16");
	undecodable("{\"name\":\"n\",\"x\":\"\\ud800\"}",
		    "unpaired surrogate in a string at byte 23");
}

static void must_have_a_name(void)
{
	static const char missing[] = "missing network name";

	IS_ERROR(with("DEL", "null"), "1.1.0", 7, missing, NULL);
	IS_ERROR(with("DEL", "{}"), "1.1.0", 7, missing, NULL);
	IS_ERROR(with("DEL", "{\"name\":null}"), "1.1.0", 7, missing, NULL);
	IS_ERROR(with("DEL", "{\"name\":\"\"}"), "1.1.0", 7, missing, NULL);
}

static void the_name_must_be_a_plain_one(void)
{
	static const char bad[] = "invalid characters found in network name";

	IS_ERROR(with("DEL", "{\"name\":\"../x\"}"), "1.1.0", 7, bad, "../x");
	IS_ERROR(with("DEL", "{\"name\":\"a b\"}"), "1.1.0", 7, bad, "a b");
	IS_ERROR(with("DEL", "{\"name\":\"a\\n\"}"), "1.1.0", 7, bad, "a\\n");
	IS_ERROR(with("DEL", "{\"name\":\"\\u00e9\"}"), "1.1.0", 7, bad,
		 "\xc3\xa9");
	/* the name comes before the version, right or wrong */
	IS_ERROR(with("DEL", "{\"name\":\"-\",\"cniVersion\":\"9\"}"), "1.1.0",
		 7, bad, "-");
}

static void the_version_must_be_a_string(void)
{
	IS_ERROR(
		with("DEL", "{\"name\":\"n\",\"cniVersion\":1}"), "1.1.0", 6,
		"decoding version from network config: \\\"cniVersion\\\": expected a "
		"string, got a number",
		NULL);
}

static void an_absent_version_is_the_oldest(void)
{
	static const char old[] = "DEL n c1 eth0|0.1.0 n (none)|(none) |dns 0|"
				  "prev 0 0";

	IS_OK(with("DEL", "{\"name\":\"n\"}"), "");
	EQ_STR(seen, old);
	IS_OK(with("DEL", "{\"name\":\"n\",\"cniVersion\":null}"), "");
	EQ_STR(seen, old);
	IS_OK(with("DEL", "{\"name\":\"n\",\"cniVersion\":\"\"}"), "");
	EQ_STR(seen, old);
}

#define FULL                                                                   \
	"{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"t\","             \
	"\"ipam\":{\"type\":\"i\"},\"runtimeConfig\":{\"mac\":\"x\"},"         \
	"\"args\":{\"cni\":{\"ips\":[]}},"                                     \
	"\"dns\":{\"nameservers\":[\"1.1.1.1\",\"2.2.2.2\"]},"                 \
	"\"prevResult\":{\"ips\":[{\"address\":\"10.0.0.2/24\"}]}}"

static void the_common_members_are_read(void)
{
	IS_OK(with("CHECK", FULL), "");
	EQ_STR(seen, "CHECK n c1 eth0|1.0.0 n t|i ipam runtime args|dns 2|"
		     "prev 1 1");
}

static void members_may_be_null_or_empty(void)
{
	IS_OK(with("CHECK", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\","
			    "\"type\":null,\"ipam\":null,\"args\":null,"
			    "\"runtimeConfig\":null,\"dns\":null,"
			    "\"prevResult\":null}"),
	      "");
	EQ_STR(seen, "CHECK n c1 eth0|1.0.0 n (none)|(none) |dns 0|prev 0 0");
	IS_OK(with("CHECK", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\","
			    "\"ipam\":{\"type\":\"\"},\"args\":{},"
			    "\"runtimeConfig\":{},\"dns\":{},"
			    "\"prevResult\":{}}"),
	      "");
	EQ_STR(seen, "CHECK n c1 eth0|1.0.0 n (none)|(none) ipam runtime |"
		     "dns 0|prev 1 0");
}

static void keys_match_in_any_case_and_the_last_wins(void)
{
	IS_OK(with("DEL", "{\"CNIVERSION\":\"9.9.9\",\"cniversion\":\"0.4.0\","
			  "\"NAME\":\"a/b\",\"Name\":\"n\",\"name\":null,"
			  "\"IPAM\":{\"TYPE\":\"i\",\"x\":1},"
			  "\"ipam\":{\"type\":null,\"Type\":\"j\"},"
			  "\"ARGS\":{\"CNI\":{}}}"),
	      "");
	EQ_STR(seen, "DEL n c1 eth0|0.4.0 n (none)|j ipam args|dns 0|prev 0 0");
}

/* one broken member: CHECK refuses it, DEL goes on with what the rest says */
static void broken(const char *member, unsigned code, const char *msg,
		   const char *left)
{
	char conf[1024], expect[1024];

	snprintf(conf, sizeof(conf), "%.*s,%s}", (int)strlen(FULL) - 1, FULL,
		 member);
	IS_ERROR(with("CHECK", conf), "1.0.0", code, msg, NULL);
	EQ_STR(seen, "(not called)");
	IS_OK(with("DEL", conf), "");
	snprintf(expect, sizeof(expect), "DEL n c1 eth0|1.0.0 n %s", left);
	EQ_STR(seen, expect);
}

static void only_del_and_gc_tolerate_a_broken_member(void)
{
	broken("\"type\":7", 7,
	       "failed to load netconf: \\\"type\\\": expected a string, got a "
	       "number",
	       "(none)|i ipam runtime args|dns 2|prev 1 1");
	broken("\"ipam\":7", 7,
	       "failed to load netconf: \\\"ipam\\\": expected an object, got "
	       "a number",
	       "t|(none) runtime args|dns 2|prev 1 1");
	broken("\"ipam\":{\"type\":[]}", 7,
	       "failed to load netconf: \\\"type\\\": expected a string, got "
	       "an array",
	       "t|(none) ipam runtime args|dns 2|prev 1 1");
	broken("\"runtimeConfig\":\"x\"", 7,
	       "failed to load netconf: \\\"runtimeConfig\\\": expected an "
	       "object, got a string",
	       "t|i ipam args|dns 2|prev 1 1");
	broken("\"args\":true", 7,
	       "failed to load netconf: \\\"args\\\": expected an object, got "
	       "a boolean",
	       "t|i ipam runtime |dns 2|prev 1 1");
	broken("\"args\":{\"cni\":[]}", 7,
	       "failed to load netconf: \\\"cni\\\": expected an object, got "
	       "an array",
	       "t|i ipam runtime |dns 2|prev 1 1");
	broken("\"prevResult\":[]", 6,
	       "could not parse prevResult: expected a result object, got an "
	       "array",
	       "t|i ipam runtime args|dns 2|prev 0 0");
	broken("\"prevResult\":{\"ips\":[null]}", 6,
	       "could not parse prevResult: \\\"ips\\\": null in an array",
	       "t|i ipam runtime args|dns 2|prev 0 0");
}

static void a_broken_dns_counts_as_absent_on_del(void)
{
	broken("\"dns\":7", 7,
	       "failed to load netconf: \\\"dns\\\": expected an object, got a "
	       "number",
	       "t|i ipam runtime args|dns 0|prev 1 1");
	broken("\"dns\":{\"search\":[7]}", 7,
	       "failed to load netconf: \\\"search\\\": expected strings, got "
	       "a number",
	       "t|i ipam runtime args|dns 0|prev 1 1");
}

static void prev(const char *version, const char *result, const char *msg)
{
	char conf[512], text[512];

	snprintf(conf, sizeof(conf),
		 "{\"cniVersion\":\"%s\",\"name\":\"n\",\"prevResult\":%s}",
		 version, result);
	if (msg) {
		snprintf(text, sizeof(text), "could not parse prevResult: %s",
			 msg);
		IS_ERROR(with("CHECK", conf), version, 6, text, NULL);
	} else {
		IS_OK(with("CHECK", conf), "");
	}
}

static void prevresult_must_be_of_the_configurations_kind(void)
{
	prev("1.0.0", "{\"cniVersion\":\"1.1.0\"}", NULL);
	prev("1.1.0", "{\"cniVersion\":\"1.0.0\"}", NULL);
	prev("0.4.0", "{\"cniVersion\":\"0.3.0\"}", NULL);
	prev("0.4.0", "{\"cniVersion\":\"\"}", NULL);
	prev("0.4.0", "{\"cniVersion\":\"0.2.0\"}",
	     "a result of cniVersion \\\"0.2.0\\\" in a configuration of "
	     "\\\"0.4.0\\\"");
	prev("0.4.0", "{\"cniVersion\":\"1.0.0\"}",
	     "a result of cniVersion \\\"1.0.0\\\" in a configuration of "
	     "\\\"0.4.0\\\"");
	prev("1.1.0", "{\"cniVersion\":\"0.4.0\"}",
	     "a result of cniVersion \\\"0.4.0\\\" in a configuration of "
	     "\\\"1.1.0\\\"");
	prev("1.1.0", "{\"cniVersion\":\"7.0.0\"}",
	     "unsupported CNI result version \\\"7.0.0\\\"");
	prev("1.1.0", "{\"cniVersion\":7}",
	     "\\\"cniVersion\\\": expected a string, got a number");
}

/* A step returns 0, and the next one goes on from it. */
static void it_is_read_in_steps(void)
{
	static const char text[] =
		"{\"cniVersion\":\"0.4.0\",\"name\":\"n\",\"type\":\"t\","
		"\"cni.dev/valid-attachments\":[]}";
	struct cni_call call = { 0 };
	struct cni_conf *conf = &call.conf;
	struct cni_err err = { 0 };

	EQ_INT(conf_read(conf, text, strlen(text), &err), 0);
	EQ_STR(conf->name, "n");
	EQ_STR(conf->version, "1.1.0");
	EQ_INT(conf_read_version(conf, &err), 0);
	EQ_STR(conf->version, "0.4.0");
	EQ_INT(conf_read_members(conf, true, &err), 0);
	EQ_STR(conf->type, "t");
	EQ_INT(conf_read_members(conf, false, &err), 0);
	EQ_INT(conf_read_valid(&call, &err), 0);
	OK(call.has_valid && call.n_valid == 0);
	OK(!err.set);
	free(call.valid);
	conf_done(conf);
	OK(!conf->json && !conf->raw);
}

TAP_MAIN(TEST(must_be_one_object), TEST(must_be_decodable),
	 TEST(must_have_a_name), TEST(the_name_must_be_a_plain_one),
	 TEST(the_version_must_be_a_string),
	 TEST(an_absent_version_is_the_oldest),
	 TEST(the_common_members_are_read), TEST(members_may_be_null_or_empty),
	 TEST(keys_match_in_any_case_and_the_last_wins),
	 TEST(only_del_and_gc_tolerate_a_broken_member),
	 TEST(a_broken_dns_counts_as_absent_on_del),
	 TEST(prevresult_must_be_of_the_configurations_kind),
	 TEST(it_is_read_in_steps))
