// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-race.c - many processes changing the ruleset at the same time */
#include <dlfcn.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fw-test.h"
#include "fw/masq.h"
#include "fw/spoof.h"

#define PROCESSES 40

/*
 * Runs fn in PROCESSES processes that start together, each with a socket of
 * its own, and counts their exit statuses by value.
 */
static void storm(int (*fn)(struct fw *fw, int i), unsigned count[8])
{
	int gate[2] = { -1, -1 };

	memset(count, 0, 8 * sizeof(*count));
	EQ_INT(pipe(gate), 0);
	fflush(stdout);
	for (int i = 0; i < PROCESSES; i++) {
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
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		OK(wait(&status) > 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) < 8)
			count[WEXITSTATUS(status)]++;
		else
			OK(!"a process died");
	}
}

static struct fw_masq network_rule(void)
{
	struct fw_masq m = { .network = "testnet", .iif = "br0" };

	ip_net_parse("10.9.0.0/24", &m.subnet);
	return m;
}

static int ensure(struct fw *fw, int i)
{
	struct fw_masq m = network_rule();
	int r = fw_masq_ensure(fw, &m, 1);

	(void)i;
	return r < 0 ? 2 : r;
}

static void test_one_rule(void)
{
	unsigned count[8];

	for (int round = 0; round < 5; round++) {
		AUTO(fw) struct fw *fw = fresh();
		struct fw_masq m = network_rule();

		sh("ip link add br0 type bridge");
		storm(ensure, count);
		EQ_INT(count[0], PROCESSES - 1);
		EQ_INT(count[1], 1);
		EQ_INT(fw_masq_has(fw, &m, 1), 1);
		EQ_STR(sh("nft list table inet cni_masq | "
			  "grep -c masquerade.comment"),
		       "1");
	}
}

/* an address of its own comes and goes, while the network's rule stays */
static int come_and_go(struct fw *fw, int i)
{
	struct fw_masq m[] = { network_rule(), network_rule() };
	char id[16], ip[32];
	struct cni_attachment att = { "testnet", id, "eth0" };

	snprintf(id, sizeof(id), "ctr%d", i);
	snprintf(ip, sizeof(ip), "10.9.1.%d/32", i);
	ip_net_parse(ip, &m[1].subnet);
	m[1].owner = &att;
	for (int n = 0; n < 5; n++)
		if (fw_masq_ensure(fw, m, 2) != 1 ||
		    fw_masq_has(fw, m, 2) != 1 ||
		    fw_masq_del_owned(fw, &att) != 1)
			return 2;
	return 0;
}

static void test_come_and_go(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = network_rule();
	unsigned count[8];

	sh("ip link add br0 type bridge");
	storm(come_and_go, count);
	EQ_INT(count[0], PROCESSES);
	EQ_STR(sh("nft list table inet cni_masq | grep masquerade.comment | "
		  "wc -l"),
	       "1");
	EQ_INT(fw_masq_has(fw, &m, 1), 1);
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
	EQ_STR(sh("nft list chain bridge nat PREROUTING | grep -c jump"), "20");
	EQ_STR(sh("nft list table bridge nat | grep -c 'chain cni-br-iface-'"),
	       "40");
	storm(spoof_del, count);
	EQ_INT(count[0], PROCESSES / 2);
	EQ_INT(count[1], PROCESSES / 2);
	EQ_STR(sh("nft list table bridge nat | grep cni | wc -l"), "0");
	EQ_INT(fw_spoof_gc(fw, "testnet", NULL, 0), 0);
}

/*
 * While a dump of many parts is read, rules in front of the one looked for
 * are removed one by one, so that later ones move up past the reader.
 */
#define FRONT 120

static struct fw_masq front_rule(int i, struct cni_attachment *att, char *id)
{
	struct fw_masq m = network_rule();

	snprintf(id, 16, "ctr%d", i);
	*att = (struct cni_attachment){ "testnet", id, "eth0" };
	m.subnet.addr.b[3] = (uint8_t)i;
	m.subnet.plen = 32;
	m.owner = att;
	return m;
}

static void remove_front(int token)
{
	struct cni_attachment att;
	struct fw *fw = NULL;
	char id[16], byte;

	if (fw_open(&fw) < 0)
		_exit(1);
	for (int i = 0; i < FRONT; i++) {
		if (read(token, &byte, 1) != 1)
			_exit(2);
		front_rule(i, &att, id);
		if (fw_masq_del_owned(fw, &att) != 1)
			_exit(3);
	}
	fw_close(fw);
	_exit(0);
}

static void test_dump(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = network_rule();
	struct cni_attachment att;
	int token[2] = { -1, -1 }, status = -1, missed = 0;
	char id[16];

	sh("ip link add br0 type bridge");
	for (int i = 0; i < FRONT; i++) {
		struct fw_masq f = front_rule(i, &att, id);

		EQ_INT(fw_masq_ensure(fw, &f, 1), 1);
	}
	for (int i = 0; i < 100; i++) {
		struct fw_masq f = m;

		f.subnet.addr.b[1] = (uint8_t)(100 + i);
		EQ_INT(fw_masq_ensure(fw, &f, 1), 1);
	}
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	EQ_INT(pipe(token), 0);
	fflush(stdout);
	if (fork() == 0) {
		close(token[1]);
		fw_close(fw);
		remove_front(token[0]);
	}
	close(token[0]);
	for (int i = 0; i < FRONT; i++) {
		EQ_INT(write(token[1], "", 1), 1);
		missed += fw_masq_has(fw, &m, 1) != 1;
	}
	close(token[1]);
	OK(wait(&status) > 0);
	EQ_INT(status, 0);
	EQ_INT(missed, 0);
}

/* run once, right after somebody was told that there is no br0 */
static void (*then_remake)(void);

unsigned if_nametoindex(const char *name)
{
	unsigned (*real)(const char *);
	void (*remake)(void) = then_remake;
	void *symbol = dlsym(RTLD_NEXT, "if_nametoindex");
	unsigned index;
	int saved;

	memcpy(&real, &symbol, sizeof(real));
	index = real(name);
	if (index || !remake || strcmp(name, "br0") != 0)
		return index;
	saved = errno;
	then_remake = NULL;
	remake();
	errno = saved;
	return index;
}

static void remake_bridge(void)
{
	sh("ip link add br0 type bridge");
}

/* and the rule put in by somebody who saw that it was removed */
static void remake_both(void)
{
	AUTO(fw) struct fw *fw = NULL;
	struct fw_masq m = network_rule();

	remake_bridge();
	sh("nft flush chain inet cni_masq postrouting");
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
}

/* and all that the other one meant to do done, but the rule ended */
static void remake_and_end(void)
{
	const char *const iif[] = { "br0" };
	AUTO(fw) struct fw *fw = NULL;
	struct fw_masq m = network_rule();

	remake_bridge();
	m.network = "other";
	m.iif = "br1";
	EQ_INT(fw_open(&fw), 0);
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	EQ_INT(fw_masq_end(fw, "testnet", iif, 1), 1);
}

/* What was not swept after all is not put back. */
static void test_ended(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = network_rule(), other = network_rule();

	other.network = "other";
	other.iif = "br1";
	sh("ip link add br0 type bridge; ip link add br1 type bridge");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	sh("ip link del br0");
	then_remake = remake_and_end;
	EQ_INT(fw_masq_ensure(fw, &other, 1), 0);
	OK(!then_remake);
	EQ_INT(fw_masq_has(fw, &m, 1), 0);
	EQ_INT(fw_masq_has(fw, &other, 1), 1);
}

/* A commit that swept the rules of a bridge looks if there is one again. */
static void test_remade(void)
{
	static void (*const remake[])(void) = { remake_bridge, remake_both };
	struct cni_attachment att = { "testnet", "ctr1", "eth0" };

	for (size_t i = 0; i < 3 * ARRAY_SIZE(remake); i++) {
		AUTO(fw) struct fw *fw = fresh();
		struct fw_masq m[] = { network_rule(), network_rule() };
		struct fw_masq other = network_rule();

		m[1].subnet.addr.b[3] = 7;
		m[1].subnet.plen = 32;
		m[1].owner = &att;
		other.network = "other";
		other.iif = "br1";
		sh("ip link add br0 type bridge; ip link add br1 type bridge");
		EQ_INT(fw_masq_ensure(fw, m, 2), 1);
		sh("ip link del br0");
		then_remake = remake[i / 3];
		/* by each of those that sweep */
		if (i % 3 == 0)
			EQ_INT(fw_masq_ensure(fw, &other, 1), 1);
		else if (i % 3 == 1)
			EQ_INT(fw_masq_del_owned(fw, &att), i < 3);
		else
			OK(fw_masq_gc(fw, "testnet", &att, 1) >= 0);
		OK(!then_remake);
		EQ_INT(fw_masq_has(fw, m, 1), 1);
		EQ_STR(sh("nft list table inet cni_masq | "
			  "grep -c 'saddr 10.9.0.0/24.*masquerade'"),
		       i % 3 == 0 ? "2" : "1");
		EQ_INT(fw_masq_has(fw, m + 1, 1), i % 3 != 1 && i < 3);
	}
}

/* So many descriptors as there are, and not one more; or all again. */
static void limit_files(bool limited)
{
	struct rlimit files;
	int lowest = dup(0);

	close(lowest);
	EQ_INT(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = limited ? (rlim_t)lowest : files.rlim_max;
	EQ_INT(setrlimit(RLIMIT_NOFILE, &files), 0);
}

/* To look for an interface takes a descriptor: without, none is gone. */
static void test_no_descriptor(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = network_rule(), other = network_rule();
	char *before;

	other.network = "other";
	other.subnet.addr.b[1] = 7;
	sh("ip link add br0 type bridge");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	before = strdup(sh("nft -a list chain inet cni_masq postrouting"));
	limit_files(true);
	EQ_INT(if_nametoindex("br0"), 0);
	EQ_INT(fw_masq_gc(fw, "testnet", NULL, 0), 0);
	EQ_INT(fw_masq_ensure(fw, &other, 1), 1);
	limit_files(false);
	EQ_INT(fw_masq_end(fw, "other", &other.iif, 1), 1);
	EQ_STR(sh("nft -a list chain inet cni_masq postrouting"), before);
	free(before);
}

static void remake_and_limit(void)
{
	remake_bridge();
	limit_files(true);
}

/* What was swept, and may be wanted by now, is put back. */
static void test_no_descriptor_any_more(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = network_rule(), other = network_rule();

	other.network = "other";
	other.iif = "br1";
	sh("ip link add br0 type bridge; ip link add br1 type bridge");
	EQ_INT(fw_masq_ensure(fw, &m, 1), 1);
	sh("ip link del br0");
	then_remake = remake_and_limit;
	EQ_INT(fw_masq_ensure(fw, &other, 1), 1);
	limit_files(false);
	OK(!then_remake);
	EQ_INT(fw_masq_has(fw, &m, 1), 1);
}

TAP_MAIN(TEST(test_one_rule), TEST(test_come_and_go), TEST(test_spoof),
	 TEST(test_dump), TEST(test_ended), TEST(test_remade),
	 TEST(test_no_descriptor), TEST(test_no_descriptor_any_more))
