// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-race.c - many processes changing the ruleset at the same time */
#include <fcntl.h>
#include <poll.h>
#include <linux/netfilter.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "fw-test.h"
#include "fw/batch.h"
#include "fw/masq.h"
#include "fw/spoof.h"

#define PROCESSES 40
#define CROWD 200

/*
 * Runs fn in n processes that start together, each with a socket of its own,
 * and counts their exit statuses by value.
 */
static void storm_of(int n, int (*fn)(struct fw *fw, int i), unsigned count[8])
{
	int gate[2] = { -1, -1 };

	memset(count, 0, 8 * sizeof(*count));
	EQ_INT(pipe(gate), 0);
	fflush(stdout);
	for (int i = 0; i < n; i++) {
		struct fw *fw = NULL;
		char byte;

		if (fork() != 0)
			continue;
		close(gate[1]);
		if (fw_open(&fw) < 0 || read(gate[0], &byte, 1) != 0)
			_exit(7);
		i = fn(fw, i);
		fw_close(fw);
		_exit(i);
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < n; i++) {
		int status = -1;

		OK(wait(&status) > 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) < 8)
			count[WEXITSTATUS(status)]++;
		else
			OK(!"a process died");
	}
}

static void storm(int (*fn)(struct fw *fw, int i), unsigned count[8])
{
	storm_of(PROCESSES, fn, count);
}

/* An attachment for each process, with an address of its own. */
struct pod {
	char id[16];
	struct cni_attachment att;
	struct fw_masq m;
};

static struct pod *pod(struct pod *p, int i)
{
	*p = (struct pod){ .m = { "br0", { { AF_INET, { 10, 9 } }, 16 } } };
	snprintf(p->id, sizeof(p->id), "ctr%d", i);
	p->att = (struct cni_attachment){ "testnet", p->id, "eth0" };
	p->m.address.addr.b[2] = (uint8_t)(i >> 8);
	p->m.address.addr.b[3] = (uint8_t)i;
	return p;
}

static int has(struct fw *fw, struct pod *p)
{
	size_t missing;

	return fw_masq_has(fw, &p->att, &p->m, 1, &missing);
}

static int add(struct fw *fw, int i)
{
	struct pod p;

	if (fw_masq_add(fw, &pod(&p, i)->att, &p.m, 1) != 0)
		return 2;
	return has(fw, &p) == 1 ? 0 : 3;
}

static int del(struct fw *fw, int i)
{
	struct pod p;

	int r = fw_masq_del(fw, &pod(&p, i)->att);

	return r == 1 ? 0 : r == 0 ? 4 : r == -EAGAIN ? 5 : 2;
}

static const char *rules(void)
{
	return sh("nft list chain inet cni_masq postrouting | "
		  "grep -c 'return\\|vmap'");
}

/* Without a table all make it at once; with the last element one removes it. */
static void test_one_table(void)
{
	unsigned count[8];

	for (int round = 0; round < 3; round++) {
		AUTO(fw) struct fw *fw = fresh();
		struct pod p;

		storm_of(CROWD, add, count);
		EQ_INT(count[0], CROWD);
		EQ_STR(rules(), "4");
		for (int i = 0; i < CROWD; i++)
			EQ_INT(has(fw, pod(&p, i)), 1);
		storm_of(CROWD, del, count);
		EQ_INT(count[0], CROWD);
		EQ_INT(count[4], 0); /* not found */
		EQ_INT(count[5], 0); /* gave up */
		EQ_STR(sh("nft list ruleset"), "");
	}
}

static int come_and_go(struct fw *fw, int i)
{
	for (int n = 0; n < 5; n++)
		if (add(fw, i) != 0 || del(fw, i) != 0)
			return 2;
	return 0;
}

/* The table is removed and made again while others add to it. */
static void test_come_and_go(void)
{
	unsigned count[8];

	fw_close(fresh());
	storm(come_and_go, count);
	EQ_INT(count[0], PROCESSES);
	EQ_STR(sh("nft list ruleset"), "");
}

/* all at one address, as if it had been given away again and again */
static int take(struct fw *fw, int i)
{
	struct pod p;

	pod(&p, i)->m.address.addr.b[3] = 7;
	for (int n = 0; n < 5; n++)
		if (fw_masq_add(fw, &p.att, &p.m, 1) != 0 ||
		    fw_masq_del(fw, &p.att) < 0)
			return 2;
	return fw_masq_add(fw, &p.att, &p.m, 1) == 0 ? 0 : 3;
}

/* The last one has it. No DEL takes it from whom it is by now. */
static void test_one_address(void)
{
	unsigned count[8];

	fw_close(fresh());
	storm(take, count);
	EQ_INT(count[0], PROCESSES);
	EQ_STR(sh("nft list map inet cni_masq pods4 | grep -c 10.9.0.7"), "1");
	EQ_STR(sh("nft list table inet cni_masq | grep -o cni:.*eth0 | "
		  "sort -u | wc -l"),
	       "1");
}

static int spoof_twice(struct fw *fw, int i)
{
	char id[16], host_if[16];
	struct cni_attachment att = { "testnet", id, "eth0" };
	struct fw_spoof s = { &att, host_if, { 2, 0, 0, 0, 0, (uint8_t)i } };

	/* two processes at the same attachment */
	snprintf(id, sizeof(id), "ctr%d", i / 2);
	snprintf(host_if, sizeof(host_if), "veth%d", i / 2);
	s.mac[5] = (uint8_t)(i / 2);
	if (fw_spoof_add(fw, &s) != 0)
		return 2;
	return fw_spoof_has(fw, &s) == 1 ? 0 : 3;
}

static int spoof_del(struct fw *fw, int i)
{
	char id[16];
	struct cni_attachment att = { "testnet", id, "eth0" };
	int r;

	snprintf(id, sizeof(id), "ctr%d", i / 2);
	r = fw_spoof_del(fw, &att);
	return r < 0 ? 2 : r;
}

static void test_spoof(void)
{
	AUTO(fw) struct fw *fw = fresh();
	unsigned count[8];

	storm(spoof_twice, count);
	EQ_INT(count[0], PROCESSES);
	EQ_STR(sh("nft list set bridge cni_spoof ports | grep -c cni:"), "20");
	EQ_STR(sh("nft list set bridge cni_spoof macs | grep -c cni:"), "20");
	storm(spoof_del, count);
	EQ_INT(count[0], PROCESSES / 2);
	EQ_INT(count[1], PROCESSES / 2);
	EQ_STR(sh("nft list ruleset"), "");
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 0);
}

/*
 * While a dump of many parts is read, elements are removed and added one by
 * one, so that the one looked for may move past the reader.
 */
#define OTHERS 600
#define CHANGES 60

static void change_others(int token)
{
	struct fw *fw = NULL;
	char byte;

	if (fw_open(&fw) < 0)
		_exit(1);
	for (int i = 0; i < CHANGES; i++) {
		if (read(token, &byte, 1) != 1)
			_exit(2);
		if (del(fw, 7 * i + 1) != 0 || add(fw, 1000 + i) != 0)
			_exit(3);
	}
	fw_close(fw);
	_exit(0);
}

static void test_dump(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int token[2] = { -1, -1 }, status = -1, missed = 0;

	for (int i = 1; i <= OTHERS; i++)
		EQ_INT(add(fw, i), 0);
	EQ_INT(pipe(token), 0);
	fflush(stdout);
	if (fork() == 0) {
		close(token[1]);
		fw_close(fw);
		change_others(token[0]);
	}
	close(token[0]);
	for (int i = 0; i < CHANGES; i++) {
		EQ_INT(add(fw, 0), 0);
		EQ_INT(write(token[1], "", 1), 1);
		missed += del(fw, 0) != 0;
	}
	close(token[1]);
	OK(wait(&status) > 0);
	EQ_INT(status, 0);
	EQ_INT(missed, 0);
	EQ_STR(sh("nft list map inet cni_masq pods4 | grep -c cni:"), "600");
}

/* Somebody else's change comes between the first plan and its commit. */
static int overtaken_once(struct fw *fw, void *calls)
{
	if ((*(int *)calls)++ == 0)
		nft("add table inet other");
	fw_add_table(fw, NFPROTO_INET, "mine", NULL);
	return 0;
}

static void change_overtaken(int done)
{
	struct fw *fw = NULL;
	int calls = 0;

	if (fw_open(&fw) < 0 || fw_change(fw, overtaken_once, &calls) < 0 ||
	    write(done, "", 1) != 1)
		_exit(1);
	fw_close(fw);
	_exit(calls == 2 ? 0 : 2);
}

static void who_was_overtaken_waits_for_its_turn(void)
{
	struct pollfd done = { .events = POLLIN };
	int end[2] = { -1, -1 }, status = -1, turn;

	fw_close(fresh());
	turn = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	EQ_INT(pipe(end), 0);
	EQ_INT(flock(turn, LOCK_EX), 0);
	fflush(stdout);
	if (fork() == 0)
		change_overtaken(end[1]);
	done.fd = end[0];
	EQ_INT(poll(&done, 1, 500), 0);
	EQ_STR(sh("nft list tables | grep -c mine || :"), "0");
	EQ_INT(flock(turn, LOCK_UN), 0);
	EQ_INT(poll(&done, 1, 30000), 1);
	OK(wait(&status) > 0);
	EQ_INT(status, 0);
	EQ_STR(sh("nft list tables | grep -c 'mine\\|other'"), "2");
	close(turn);
	close(end[0]);
	close(end[1]);
}

TAP_MAIN(TEST(who_was_overtaken_waits_for_its_turn), TEST(test_one_table),
	 TEST(test_come_and_go), TEST(test_one_address), TEST(test_spoof),
	 TEST(test_dump))
