// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-oom.c - each allocation failing in turn: -ENOMEM, and nothing changed */
#include "failing-malloc.h"
#include "fw-test.h"
#include "fw/goplugins.h"
#include "fw/masq.h"
#include "fw/spoof.h"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };
static const struct fw_spoof spoof = { &att, "veth0", { 2, 0, 0, 0, 0, 1 } };
static const struct ip_addr ip = { AF_INET, { 10, 9, 0, 2 } };
static const struct fw_masq masq[] = {
	{ "lo", { { AF_INET, { 10, 9, 0, 2 } }, 24 } },
	{ "lo", { { AF_INET, { 10, 9, 0, 3 } }, 32 } },
};

static int masq_add(struct fw *fw)
{
	return fw_masq_add(fw, &att, masq, 2);
}

static int masq_has(struct fw *fw)
{
	size_t missing;

	return fw_masq_has(fw, &att, masq, 2, &missing);
}

static int masq_del(struct fw *fw)
{
	return fw_masq_del(fw, &att);
}

static int masq_gc(struct fw *fw)
{
	return fw_masq_gc(fw, "testnet", NULL, 0);
}

static int spoof_add(struct fw *fw)
{
	return fw_spoof_add(fw, &spoof);
}

static int spoof_has(struct fw *fw)
{
	return fw_spoof_has(fw, &spoof);
}

static int spoof_gc(struct fw *fw)
{
	return fw_spoof_gc(fw, "testnet", NULL, 0);
}

static int go_has(struct fw *fw)
{
	return fw_goplugins_has(fw, &att, &ip);
}

static int go_del(struct fw *fw)
{
	return fw_goplugins_del(fw, &att, &ip, 1);
}

static int go_gc(struct fw *fw)
{
	return fw_goplugins_gc(fw, "testnet", NULL, 0);
}

static void load_go(void)
{
	sh("t='iptables-nft -t nat'; C=CNI-cd7ce15e03fb592b7aed2b94\n"
	   "c='name: \"testnet\" id: \"ctr1\"'; $t -N $C\n"
	   "$t -A $C -m comment --comment \"$c\" -j MASQUERADE\n"
	   "$t -A POSTROUTING -s 10.9.0.2 -m comment --comment \"$c\" -j $C");
}

static void load_masq_of(const struct cni_attachment *owner)
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_masq_add(fw, owner, masq, 2), 0);
}

static void load_masq(void)
{
	load_masq_of(&att);
}

/* the addresses have been another's */
static void load_taken(void)
{
	static const struct cni_attachment other = { "testnet", "ctr2",
						     "eth0" };

	load_masq_of(&other);
}

/* the rules are gone */
static void load_flushed(void)
{
	load_masq();
	nft("flush table inet cni_masq");
}

static void load_spoof(void)
{
	AUTO(fw) struct fw *fw = NULL;

	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_spoof_add(fw, &spoof), 0);
}

static void load_nothing(void)
{
}

static const struct {
	const char *name;
	void (*load)(void);
	int (*fn)(struct fw *fw);
	int result;
} step[] = {
	{ "masq_has", load_masq, masq_has, 1 },
	{ "masq_add, new", load_nothing, masq_add, 0 },
	{ "masq_add, without rules", load_flushed, masq_add, 0 },
	{ "masq_add, again", load_masq, masq_add, 0 },
	{ "masq_add, of another's", load_taken, masq_add, 0 },
	{ "masq_del", load_masq, masq_del, 2 },
	{ "masq_gc", load_masq, masq_gc, 2 },
	{ "spoof_has", load_spoof, spoof_has, 1 },
	{ "spoof_add, new", load_nothing, spoof_add, 0 },
	{ "spoof_add, again", load_spoof, spoof_add, 0 },
	{ "spoof_gc", load_spoof, spoof_gc, 2 },
	{ "go_has", load_go, go_has, 1 },
	{ "go_del", load_go, go_del, 1 },
	{ "go_gc", load_go, go_gc, 1 },
};

/* Runs a step on a socket of its own, with the nth allocation failing. */
static int run(size_t i, long n, bool *ret_failed)
{
	struct fw *fw = NULL;
	int r;

	fail_at = n;
	count = 0;
	r = fw_open(&fw);
	if (r == 0)
		r = step[i].fn(fw);
	fw_close(fw);
	fail_at = 0;
	*ret_failed = n > 0 && count >= n;
	return r;
}

/*
 * A failure that asprintf() gets over is as good as none, so the result may
 * also be the usual one; but never the usual one with half of the work done.
 */
static void test_sweep(void)
{
	AUTO(fw) struct fw *fw = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(step); i++) {
		AUTO(str) char *after = NULL;
		bool failed = true, dirty = true;
		uint32_t gen = 0;

		sh("nft flush ruleset");
		step[i].load();
		EQ_INT(run(i, 0, &failed), step[i].result);
		after = ruleset();
		failed = true;
		for (long n = 1; failed && n < 1000; n++) {
			int r;

			if (dirty) {
				sh("nft flush ruleset");
				step[i].load();
				gen = generation(fw);
			}
			r = run(i, n, &failed);
			dirty = generation(fw) != gen;
			if (failed && r == -ENOMEM && !dirty)
				continue;
			if (r == step[i].result &&
			    strcmp(sh("nft list ruleset 2>/dev/null"), after) ==
				    0)
				continue;
			OK(!"as expected");
			printf("# %s: allocation %ld failed: %d, result %d\n",
			       step[i].name, n, failed, r);
		}
		OK(!failed);
	}
}

TAP_MAIN(TEST(test_sweep))
