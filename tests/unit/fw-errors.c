// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-errors.c - what is refused, and how that is reported */
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "fw-test.h"
#include "fw/batch.h"
#include "fw/masq.h"
#include "fw/read.h"

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };

static struct fw_masq masq(const char *iif, const char *address)
{
	struct fw_masq m = { .iif = iif };

	EQ_INT(ip_net_parse(address, &m.address), 0);
	return m;
}

static int add(struct fw *fw, struct fw_masq m)
{
	return fw_masq_add(fw, &att, &m, 1);
}

static int has(struct fw *fw, struct fw_masq m)
{
	size_t missing;

	return fw_masq_has(fw, &att, &m, 1, &missing);
}

static void test_refused(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = masq("lo", "10.9.0.5/24");
	struct fw_masq many[FW_MASQ_MAX + 1];

	EQ_INT(add(fw, masq("a-name-of-16-char", "10.9.0.5/24")), -EINVAL);
	EQ_INT(has(fw, masq("a-name-of-16-char", "10.9.0.5/24")), -EINVAL);
	EQ_INT(add(fw, masq("", "10.9.0.5/24")), -EINVAL);
	m.address = (struct ip_net){ 0 };
	EQ_INT(add(fw, m), -EINVAL);
	m = masq("lo", "10.9.0.5/24");
	m.address.plen = 33;
	EQ_INT(add(fw, m), -EINVAL);
	EQ_INT(has(fw, m), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = masq("lo", "10.9.0.5/16");
		many[i].address.addr.b[2] = (uint8_t)(i >> 8);
		many[i].address.addr.b[3] = (uint8_t)i;
	}
	EQ_INT(fw_masq_add(fw, &att, many, FW_MASQ_MAX + 1), -E2BIG);
	EQ_STR(sh("nft list ruleset"), "");
	EQ_INT(fw_masq_add(fw, &att, many, FW_MASQ_MAX), 0);
	EQ_INT(fw_masq_del(fw, &att), FW_MASQ_MAX);
	EQ_STR(sh("nft list ruleset"), "");
}

/* all or nothing, with the kernel's errno */
static void test_conflict(void)
{
	static const char *const t[] = {
		"add table inet cni_masq\n"
		"add chain inet cni_masq postrouting",
		"add table inet cni_masq\n"
		"add set inet cni_masq pods4 { type ipv4_addr; }",
	};
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = masq("lo", "10.9.0.5/24");

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		AUTO(str) char *before = NULL;

		nft(t[i]);
		before = ruleset();
		OK(add(fw, m) < 0);
		EQ_STR(sh("nft list ruleset"), before);
		EQ_INT(fw_masq_del(fw, &att), 0);
		nft("delete table inet cni_masq");
	}
	EQ_INT(add(fw, m), 0);
	EQ_STR(fw_reason(fw), "");
}

/* what the kernel says, until the next request */
static void test_reason(void)
{
	AUTO(fw) struct fw *fw = fresh();
	char name[400];
	struct fw_chain chain = { 1, "nat", name };

	memset(name, 'x', sizeof(name));
	name[399] = '\0';
	OK(fw_chain_get(fw, &chain) < 0);
	EQ_STR(fw_reason(fw), "Attribute failed policy validation");
	EQ_INT(fw_usable(fw), 0);
	EQ_STR(fw_reason(fw), "");
}

static void test_no_capability(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = masq("lo", "10.9.0.5/24");
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct fw *other = NULL;

		fw_close(fw);
		/* the socket must be opened after that to have less */
		if (setuid(65534) < 0 || fw_open(&other) < 0)
			_exit(1);
		if (fw_usable(other) != -EPERM || has(other, m) != -EPERM ||
		    add(other, m) != -EPERM ||
		    fw_masq_del(other, &att) != -EPERM)
			_exit(2);
		fw_close(other);
		_exit(0);
	}
	EQ_INT(waitpid(pid, &status, 0), pid);
	EQ_INT(status, 0);
}

/* Asks until the kernel has no room for its answers, which nobody reads. */
static void fill(struct fw *fw)
{
	char buf[FW_REQ_MAX];
	const struct nlmsghdr *req;
	int fd = mnl_socket_get_fd(fw->sock), least = 1;

	EQ_INT(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)), 0);
	for (int i = 0; i < 1000; i++) {
		req = fw_request_init(fw, buf, NFT_MSG_GETGEN, AF_UNSPEC, 0);
		EQ_INT(fw_send(fw, req, req->nlmsg_len), 0);
	}
}

/* an answer that got lost says neither yes nor no: it is asked again */
static void test_lost_answer(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct fw_masq m = masq("lo", "10.9.0.5/24");

	fill(fw);
	EQ_INT(fw_usable(fw), 0);
	fill(fw);
	EQ_INT(add(fw, m), 0);
	fill(fw);
	EQ_INT(has(fw, m), 1);
	fill(fw);
	EQ_INT(add(fw, m), 0);
	EQ_STR(sh("nft list table inet cni_masq | grep -c cni:"), "1");
	fill(fw);
	EQ_INT(fw_masq_del(fw, &att), 1);
}

/* Far more than there is room for. */
static int no_end_of_tables(struct fw *fw, void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 300000; i++)
		fw_add_table(fw, NFPROTO_INET, "cni_none",
			     "a transaction of nothing else");
	return 0;
}

static void test_too_much(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct cni_err err = { 0 };

	EQ_INT(fw_change(fw, no_end_of_tables, NULL), -EMSGSIZE);
	EQ_STR(fw_reason(fw), "a transaction has at most 16 MiB");
	EQ_INT(fw_fail(&err, fw, -EMSGSIZE, "do it"), -1);
	EQ_STR(err.details,
	       "Message too long; a transaction has at most 16 MiB");
	EQ_STR(sh("nft list ruleset"), "");
}

TAP_MAIN(TEST(test_refused), TEST(test_too_much), TEST(test_conflict),
	 TEST(test_reason), TEST(test_no_capability), TEST(test_lost_answer))
