// SPDX-License-Identifier: GPL-2.0-or-later
/* main-gc.c - which attachments GC must leave alone */
#include "call.h"
#include "failing-malloc.h"

/* what the handler saw: "none", or "ID/IFNAME " for each */
static char seen[1024];

static int gc(const struct cni_call *call, struct cni_err *err)
{
	size_t len = 0;

	(void)err;
	OK(call->has_valid || call->n_valid == 0);
	EQ_STR(call->att.network, "net");
	if (!call->has_valid) {
		snprintf(seen, sizeof(seen), "none");
		return 0;
	}
	seen[0] = '\0';
	for (size_t i = 0; i < call->n_valid; i++) {
		EQ_STR(call->valid[i].network, "net");
		OK(cni_is_valid(call, call->valid[i].id,
				call->valid[i].ifname));
		len += (size_t)snprintf(seen + len, sizeof(seen) - len,
					"%s/%s ", call->valid[i].id,
					call->valid[i].ifname);
	}
	OK(!cni_is_valid(call, "c1", "eth9"));
	OK(!cni_is_valid(call, "c9", "eth0"));
	return 0;
}

static const struct cni_plugin fake = { .name = "fake", .gc = STEP(gc) };

static struct reply *with(const char *members)
{
	char conf[2048];

	snprintf(conf, sizeof(conf),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\"%s}", members);
	snprintf(seen, sizeof(seen), "(not called)");
	return call(&fake, ENV("CNI_COMMAND=GC", "CNI_PATH=/x"), conf);
}

#define VALID ",\"cni.dev/valid-attachments\":"

static void absent_or_null_says_nothing(void)
{
	IS_OK(with(""), "");
	EQ_STR(seen, "none");
	IS_OK(with(VALID "null"), "");
	EQ_STR(seen, "none");
	/* the key of an older draft is not this one */
	IS_OK(with(",\"cni.dev/attachments\":[]"), "");
	EQ_STR(seen, "none");
}

/* --- a plugin that sees what lives ---------------------------------------- */

static const char *lives; /* as JSON; NULL: that is not all seen */
static int living_status;

static int living(const struct cni_call *call, cJSON **list,
		  struct cni_err *err)
{
	OK(!call->has_valid);
	if (living_status < 0)
		return cni_fail(err, CNI_EIO, 0, "cannot look");
	if (!lives)
		return 0;
	*list = cJSON_Parse(lives);
	return *list ? 0 : cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
}

/* What a delegate would be given is this: */
static char raw[1024];

static int gc_and_raw(const struct cni_call *call, struct cni_err *err)
{
	snprintf(raw, sizeof(raw), "%.*s", (int)call->conf.raw_len,
		 call->conf.raw);
	return gc(call, err);
}

static const struct cni_plugin seeing = { .name = "seeing",
					  .gc = STEP(gc_and_raw),
					  .living = living };

static struct reply *see(const char *members)
{
	char conf[1024];

	snprintf(conf, sizeof(conf),
		 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\"%s}", members);
	snprintf(seen, sizeof(seen), "(not called)");
	return call(&seeing, ENV("CNI_COMMAND=GC", "CNI_PATH=/x"), conf);
}

static void what_is_seen_takes_the_place_of_null(void)
{
	lives = "[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}]";
	IS_OK(see(VALID "null"), "");
	EQ_STR(seen, "c1/eth0 ");
	OK(strstr(raw, "\"containerID\": \"c1\""));
	IS_OK(see(",\"CNI.dev/Valid-Attachments\":null"), "");
	EQ_STR(seen, "c1/eth0 ");
	lives = "[]";
	IS_OK(see(VALID "null"), "");
	EQ_STR(seen, "");
}

static void a_list_or_none_is_taken_as_it_is(void)
{
	lives = "[]";
	IS_OK(see(""), "");
	EQ_STR(seen, "none");
	IS_OK(see(VALID "[{\"containerID\":\"c2\",\"ifname\":\"e\"}]"), "");
	EQ_STR(seen, "c2/e ");
	/* null leaves what was said before */
	IS_OK(see(VALID "[{\"containerID\":\"c2\",\"ifname\":\"e\"}]" VALID
			"null"),
	      "");
	EQ_STR(seen, "c2/e ");
}

static void what_is_not_seen_lives(void)
{
	lives = NULL;
	IS_OK(see(VALID "null"), "");
	EQ_STR(seen, "none");
	OK(strstr(raw, "\":null"));
	living_status = -1;
	IS_ERROR(see(VALID "null"), "1.1.0", 5, "cannot look", NULL);
	EQ_STR(seen, "(not called)");
	living_status = 0;
}

static void without_memory_nothing_is_collected(void)
{
	long n = 0;
	struct reply *r;

	lives = "[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}]";
	do {
		count = 0;
		fail_at = ++n;
		r = see(VALID "null");
		fail_at = 0;
		OK(r->status == 0 || strcmp(seen, "(not called)") == 0);
	} while (r->status != 0 && n < 1000);
	EQ_STR(seen, "c1/eth0 ");
	OK(n > 10);
}

static void an_empty_list_means_no_attachment(void)
{
	IS_OK(with(VALID "[]"), "");
	EQ_STR(seen, "");
}

static void attachments_are_read(void)
{
	IS_OK(with(VALID
		   "[{\"containerID\":\"c1\",\"ifname\":\"eth0\"},"
		   "{\"CONTAINERID\":\"c-2\",\"IfName\":\"eth1\",\"x\":{}}]"),
	      "");
	EQ_STR(seen, "c1/eth0 c-2/eth1 ");
	/* the last list counts */
	IS_OK(with(VALID "[]" VALID
			 "[{\"containerID\":\"c1\",\"ifname\":\"e\"}]"),
	      "");
	EQ_STR(seen, "c1/e ");
}

static void refuses(const char *value, const char *msg)
{
	char members[1024];

	snprintf(members, sizeof(members), VALID "%s", value);
	IS_ERROR(with(members), "1.1.0", 7, msg, NULL);
	EQ_STR(seen, "(not called)");
}

static void refuses_what_is_no_list_of_objects(void)
{
	refuses("{}", "\\\"cni.dev/valid-attachments\\\": expected an array, "
		      "got an object");
	refuses("\"\"", "\\\"cni.dev/valid-attachments\\\": expected an array, "
			"got a string");
	refuses("[null]",
		"\\\"cni.dev/valid-attachments\\\": null in an array");
	refuses("[7]", "valid-attachments: expected objects, got a number");
	refuses("[{\"containerID\":\"c1\",\"ifname\":\"eth0\"},[]]",
		"valid-attachments: expected objects, got an array");
}

static void refuses_what_is_no_attachment(void)
{
	refuses("[{}]", "valid-attachments: invalid containerID \\\"\\\"");
	refuses("[{\"containerID\":\"../x\",\"ifname\":\"eth0\"}]",
		"valid-attachments: invalid containerID \\\"../x\\\"");
	refuses("[{\"containerID\":7,\"ifname\":\"eth0\"}]",
		"valid-attachments: \\\"containerID\\\": expected a string, got "
		"a number");
	refuses("[{\"containerID\":\"c1\"}]",
		"valid-attachments: \\\"\\\": interface name is empty");
	refuses("[{\"containerID\":\"c1\",\"ifname\":\"a/b\"}]",
		"valid-attachments: \\\"a/b\\\": interface name contains / or "
		": or whitespace characters");
}

static void a_broken_rest_does_not_stop_it(void)
{
	IS_OK(with(VALID "[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}],"
			 "\"ipam\":7,\"prevResult\":[],\"dns\":[]"),
	      "");
	EQ_STR(seen, "c1/eth0 ");
}

static void many_attachments(void)
{
	static char conf[1 << 20];
	size_t len = (size_t)
		snprintf(conf, sizeof(conf),
			 "{\"cniVersion\":\"1.1.0\",\"name\":\"net\"" VALID
			 "[");

	for (int i = 0; i < 10000; i++)
		len += (size_t)snprintf(
			conf + len, sizeof(conf) - len,
			"%s{\"containerID\":\"c%d\",\"ifname\":\"eth0\"}",
			i ? "," : "", i);
	snprintf(conf + len, sizeof(conf) - len, ",{}]}");
	snprintf(seen, sizeof(seen), "(not called)");
	/* the last one is broken, after all the others were read */
	IS_ERROR(call(&fake, ENV("CNI_COMMAND=GC", "CNI_PATH=/x"), conf),
		 "1.1.0", 7, "valid-attachments: invalid containerID \\\"\\\"",
		 NULL);
	EQ_STR(seen, "(not called)");
}

TAP_MAIN(TEST(absent_or_null_says_nothing),
	 TEST(what_is_seen_takes_the_place_of_null),
	 TEST(a_list_or_none_is_taken_as_it_is), TEST(what_is_not_seen_lives),
	 TEST(without_memory_nothing_is_collected),
	 TEST(an_empty_list_means_no_attachment), TEST(attachments_are_read),
	 TEST(refuses_what_is_no_list_of_objects),
	 TEST(refuses_what_is_no_attachment),
	 TEST(a_broken_rest_does_not_stop_it), TEST(many_attachments))
