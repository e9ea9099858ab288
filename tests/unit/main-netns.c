// SPDX-License-Identifier: GPL-2.0-or-later
/* main-netns.c - a plugin never works on the namespace it runs in */
#include "call.h"

static unsigned calls;
static char netns[64]; /* that the last of them was given */

static int handler(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	snprintf(netns, sizeof(netns), "%s", call->netns);
	calls++;
	return 0;
}

static int add(const struct cni_call *call, struct cni_result *res,
	       struct undo *undo, struct cni_err *err)
{
	(void)res;
	(void)undo;
	return handler(call, err);
}

static int check(const struct cni_call *call, const struct cni_result *own,
		 struct cni_err *err)
{
	(void)own;
	return handler(call, err);
}

static const struct cni_plugin fake = {
	.name = "fake", .add = add, .del = STEP(handler), .check = check
};

static struct reply *with(const char *command, const char *name,
			  const char *override)
{
	calls = 0;
	return call(&fake,
		    ENV(command, "CNI_CONTAINERID=c1", "CNI_IFNAME=eth0",
			"CNI_PATH=/x", name, override),
		    "{\"name\":\"n\",\"cniVersion\":\"1.0.0\"}");
}

#define OWN "CNI_NETNS=/proc/self/ns/net"

static void refused(const char *command, const char *override)
{
	snprintf(netns, sizeof(netns), "%s", "none");
	IS_ERROR(with(command, OWN, override), "1.0.0", 8,
		 "plugin's netns and netns from CNI_NETNS should not be the "
		 "same",
		 NULL);
	/* what there is elsewhere is deleted all the same */
	if (strcmp(command, "CNI_COMMAND=DEL") == 0) {
		EQ_INT(calls, 1);
		EQ_STR(netns, "");
	} else {
		EQ_INT(calls, 0);
	}
}

static void allowed(const char *command, const char *name, const char *override)
{
	EQ_INT(with(command, name, override)->status, 0);
	EQ_INT(calls, 1);
}

static void add_and_del_refuse_our_own_namespace(void)
{
	refused("CNI_COMMAND=ADD", "X=");
	refused("CNI_COMMAND=DEL", "X=");
}

static void an_override_must_say_true(void)
{
	refused("CNI_COMMAND=ADD", "CNI_NETNS_OVERRIDE=");
	refused("CNI_COMMAND=ADD", "CNI_NETNS_OVERRIDE=0");
	refused("CNI_COMMAND=ADD", "CNI_NETNS_OVERRIDE=yes");
	refused("CNI_COMMAND=DEL", "CNI_NETNS_OVERRIDE=11");
	allowed("CNI_COMMAND=ADD", OWN, "CNI_NETNS_OVERRIDE=1");
	allowed("CNI_COMMAND=DEL", OWN, "CNI_NETNS_OVERRIDE=true");
	allowed("CNI_COMMAND=ADD", OWN, "CNI_NETNS_OVERRIDE=TrUe");
}

static void check_does_not_compare(void)
{
	allowed("CNI_COMMAND=CHECK", OWN, "X=");
}

static void other_paths_are_left_to_the_plugin(void)
{
	allowed("CNI_COMMAND=ADD", "CNI_NETNS=/nowhere", "X=");
	allowed("CNI_COMMAND=ADD", "CNI_NETNS=/proc/self/ns/mnt", "X=");
	allowed("CNI_COMMAND=ADD", "CNI_NETNS=/dev/null", "X=");
	allowed("CNI_COMMAND=DEL", "CNI_NETNS=/nowhere", "X=");
	allowed("CNI_COMMAND=DEL", "CNI_NETNS=", "X=");
	allowed("CNI_COMMAND=DEL", "X=", "X=");
}

static void other_names_of_our_namespace_count_too(void)
{
	char path[64];

	snprintf(path, sizeof(path), "CNI_NETNS=/proc/%d/ns/net", getpid());
	IS_ERROR(with("CNI_COMMAND=DEL", path, "X="), "1.0.0", 8,
		 "plugin's netns and netns from CNI_NETNS should not be the "
		 "same",
		 NULL);
	EQ_STR(netns, "");
}

TAP_MAIN(TEST(add_and_del_refuse_our_own_namespace),
	 TEST(an_override_must_say_true), TEST(check_does_not_compare),
	 TEST(other_paths_are_left_to_the_plugin),
	 TEST(other_names_of_our_namespace_count_too))
