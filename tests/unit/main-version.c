// SPDX-License-Identifier: GPL-2.0-or-later
/* main-version.c - which verb is allowed for which version */
#include "call.h"
#include "cni/version.h"

static unsigned calls;

static int handler(const struct cni_call *call, struct cni_err *err)
{
	(void)call;
	(void)err;
	calls++;
	return 0;
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	struct cni_ip *ip = cni_add_ip(res);

	(void)undo;
	if (!ip || ip_net_parse("10.0.0.2/24", &ip->address) < 0)
		abort();
	return handler(call, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	(void)own;
	return handler(call, err);
}

static const struct cni_plugin fake = {
	.name = "fake",
	.add = add,
	.del = STEP(handler),
	.check = check,
	.gc = STEP(handler),
	.status = STEP(handler),
};

static struct reply *with(const struct cni_plugin *plugin, const char *verb,
			  const char *version)
{
	char conf[256], command[32];

	calls = 0;
	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	snprintf(conf, sizeof(conf), "{\"name\":\"n\",\"cniVersion\":\"%s\"}",
		 version);
	return call(plugin, ENV(command, SANDBOX), conf);
}

static void refused(const char *verb, const char *version, unsigned code,
		    const char *msg)
{
	const char *in = version_supported(version) ? version : VERSION_NEWEST;

	IS_ERROR(with(&fake, verb, version), in, code, msg, NULL);
	EQ_INT(calls, 0);
}

static void incompatible(const char *verb, const char *version)
{
	char details[256];

	snprintf(details, sizeof(details),
		 "config is \\\"%s\\\", plugin supports [\\\"0.1.0\\\" "
		 "\\\"0.2.0\\\" \\\"0.3.0\\\" \\\"0.3.1\\\" \\\"0.4.0\\\" "
		 "\\\"1.0.0\\\" \\\"1.1.0\\\"]",
		 version);
	IS_ERROR(with(&fake, verb, version), "1.1.0", 1,
		 "incompatible CNI versions", details);
	EQ_INT(calls, 0);
}

/* every verb with every supported version, oldest allowed one given */
static void allowed_from(const char *verb, const char *first)
{
	char msg[64];

	snprintf(msg, sizeof(msg), "config version does not allow %s", verb);
	for (int i = 0; version_list[i]; i++) {
		const char *v = version_list[i];

		if (version_before(v, first)) {
			refused(verb, v, 1, msg);
		} else {
			EQ_INT(with(&fake, verb, v)->status, 0);
			EQ_INT(calls, 1);
		}
	}
}

static void add_and_del_have_always_been_there(void)
{
	allowed_from("ADD", "0.1.0");
	allowed_from("DEL", "0.1.0");
}

static void check_came_with_0_4_0(void)
{
	allowed_from("CHECK", "0.4.0");
}

static void gc_and_status_came_with_1_1_0(void)
{
	allowed_from("GC", "1.1.0");
	allowed_from("STATUS", "1.1.0");
}

static void no_version_is_too_old_for_them(void)
{
	IS_ERROR(with(&fake, "CHECK", ""), "0.1.0", 1,
		 "config version does not allow CHECK", NULL);
	IS_ERROR(with(&fake, "GC", ""), "0.1.0", 1,
		 "config version does not allow GC", NULL);
}

static void newer_versions_are_not_ours(void)
{
	refused("CHECK", "1.1.1", 1, "plugin version does not allow CHECK");
	refused("CHECK", "1.2.0", 1, "plugin version does not allow CHECK");
	refused("GC", "2.0.0", 1, "plugin version does not allow GC");
	refused("STATUS", "9.9.9", 1, "plugin version does not allow STATUS");
	incompatible("ADD", "1.1.1");
	incompatible("DEL", "9.9.9");
}

static void a_version_must_be_a_listed_one(void)
{
	incompatible("ADD", "1.0");
	incompatible("ADD", "1.0.1");
	incompatible("ADD", " 1.0.0");
	incompatible("DEL", "01.0.0");
	incompatible("DEL", "abc");
	/* the gates understand these, and leave them to the exact check */
	incompatible("CHECK", "1.0");
	incompatible("CHECK", "0.5.0");
	incompatible("CHECK", "0.04.0");
	incompatible("GC", "1.1");
	incompatible("STATUS", "01.1.0");
}

static void gates_need_numbers(void)
{
	refused("CHECK", "x", 6,
		"failed to convert major version part \\\"x\\\": not a number");
	refused("CHECK", "1.y.0", 6,
		"failed to convert minor version part \\\"y\\\": not a number");
	refused("GC", "1.1.", 6,
		"failed to convert micro version part \\\"\\\": not a number");
	refused("GC", "1.1.0.0", 6,
		"invalid version \\\"1.1.0.0\\\": too many parts");
	refused("STATUS", "a.b.c.d", 6,
		"invalid version \\\"a.b.c.d\\\": too many parts");
	refused("STATUS", "1.1.9999999999", 6,
		"failed to convert micro version part \\\"9999999999\\\": not "
		"a number");
}

static void absent_handlers_succeed_silently(void)
{
	static const struct cni_plugin none = { .name = "none" };
	static const char *const verbs[] = { "ADD", "DEL", "CHECK", "GC",
					     "STATUS" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		IS_OK(with(&none, verbs[i], "1.1.0"), "");
	/* but the gates are still there */
	IS_ERROR(with(&none, "GC", "1.0.0"), "1.0.0", 1,
		 "config version does not allow GC", NULL);
}

static void parses_versions(void)
{
	static const struct {
		const char *text;
		unsigned major, minor, micro;
	} good[] = { { "1", 1, 0, 0 },
		     { "1.2", 1, 2, 0 },
		     { "1.2.3", 1, 2, 3 },
		     { "001.0.999999999", 1, 0, 999999999 } };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct cni_err err = { 0 };
		unsigned v[3];

		EQ_INT(version_parse(good[i].text, v, &err), 0);
		EQ_INT(v[0], good[i].major);
		EQ_INT(v[1], good[i].minor);
		EQ_INT(v[2], good[i].micro);
		OK(!err.set);
	}
}

static void orders_versions(void)
{
	for (int i = 0; version_list[i]; i++) {
		OK(version_supported(version_list[i]));
		for (int k = 0; version_list[k]; k++)
			EQ_INT(version_before(version_list[i], version_list[k]),
			       i < k);
	}
	OK(!version_supported(""));
	OK(!version_supported("1.0"));
	OK(!version_supported("1.1.00"));
	EQ_STR(VERSION_NEWEST, "1.1.0");
}

TAP_MAIN(TEST(add_and_del_have_always_been_there), TEST(check_came_with_0_4_0),
	 TEST(gc_and_status_came_with_1_1_0),
	 TEST(no_version_is_too_old_for_them),
	 TEST(newer_versions_are_not_ours),
	 TEST(a_version_must_be_a_listed_one), TEST(gates_need_numbers),
	 TEST(absent_handlers_succeed_silently), TEST(parses_versions),
	 TEST(orders_versions))
