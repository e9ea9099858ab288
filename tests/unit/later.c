// SPDX-License-Identifier: GPL-2.0-or-later
/* later.c - what a call does when it has done all else */
#include "call.h"
#include "cni/undo.h"
#include "tap.h"

static char seen[256];
static unsigned registered; /* by each step */
static bool fails;

static void see(const char *word)
{
	strncat(seen, word, sizeof(seen) - strlen(seen) - 1);
}

static void late(void *arg)
{
	see(arg);
}

static int first(const struct cni_call *call, struct cni_err *err)
{
	(void)err;
	see("first ");
	for (unsigned i = 0; i < registered; i++)
		cni_later(call, late, (void *)"late1 ");
	return 0;
}

static int second(const struct cni_call *call, struct cni_err *err)
{
	see("second ");
	cni_later(call, late, (void *)"late2 ");
	return fails ? cni_fail(err, 77, 0, "it failed") : 0;
}

static const struct cni_step steps[] = { { "do it", first },
					 { "do more", second },
					 { 0 } };

static int add(const struct cni_call *call, struct cni_result *own,
	       struct undo *undo, struct cni_err *err)
{
	(void)own;
	undo_mark(undo, second);
	undo_mark(undo, first);
	cni_later(call, late, (void *)"added ");
	return cni_fail(err, 77, 0, "it failed");
}

static const struct cni_plugin plugin = {
	.name = "late", .add = add, .del = steps, .gc = steps
};

static const char *run(const char *verb)
{
	char command[32];

	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	seen[0] = '\0';
	call(&plugin, ENV(command, SANDBOX),
	     "{\"cniVersion\":\"1.1.0\",\"name\":\"net\","
	     "\"cni.dev/valid-attachments\":[]}");
	return seen;
}

static void it_comes_after_all_steps_in_order(void)
{
	registered = 1;
	fails = false;
	EQ_STR(run("DEL"), "first second late1 late2 ");
	EQ_STR(run("GC"), "first second late1 late2 ");
}

static void it_comes_after_a_failure_too(void)
{
	registered = 1;
	fails = true;
	EQ_STR(run("DEL"), "first second late1 late2 ");
}

static void of_a_failed_add_it_comes_after_the_undo(void)
{
	registered = 1;
	fails = false;
	EQ_STR(run("ADD"), "first second added late1 late2 ");
}

/* cni_later() has room for eight. */
static void what_finds_no_room_is_done_at_once(void)
{
	registered = 8;
	fails = false;
	EQ_STR(run("DEL"), "first second late2 late1 late1 late1 late1 late1 "
			   "late1 late1 late1 ");
}

static void outside_of_a_call_it_is_done_at_once(void)
{
	const struct cni_call none = { 0 };

	seen[0] = '\0';
	cni_later(&none, late, (void *)"now ");
	EQ_STR(seen, "now ");
}

TAP_MAIN(TEST(it_comes_after_all_steps_in_order),
	 TEST(it_comes_after_a_failure_too),
	 TEST(of_a_failed_add_it_comes_after_the_undo),
	 TEST(what_finds_no_room_is_done_at_once),
	 TEST(outside_of_a_call_it_is_done_at_once))
