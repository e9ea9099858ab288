// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fw-answers.c - netfilter's answers to the letter: what counts of them, and
 * those that no kernel of today sends
 */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "fw-fake.h"
#include "fw/read.h"

/* A refusal, or with 0 an acknowledgement, and in which words. */
static void say(uint32_t seq, int error, const char *words)
{
	struct {
		struct nlmsgerr e;
		struct nlattr attr;
		char text[64];
	} m = { .e = { .error = error },
		.attr = { (uint16_t)(NLA_HDRLEN + strlen(words) + 1),
			  NLMSGERR_ATTR_MSG } };

	snprintf(m.text, sizeof(m.text), "%s", words);
	answer(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, seq, &m,
	       sizeof(m.e) + m.attr.nla_len);
}

static int count_reply(const struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(int *)arg;
	return 0;
}

/* The result of the answers to messages 4 to 6, all of which are read. */
static int hear(struct fw *fw, int *replies)
{
	int r;

	*replies = 0;
	fw->reason[0] = '\0';
	next_answer = 0;
	r = fw_wait(fw, 4, 6, count_reply, replies);
	EQ_INT(next_answer, n_answers);
	n_answers = next_answer = 0;
	return r;
}

/* --- the tests --------------------------------------------------------------
 */

/* The others follow from it: nobody wants to hear of them. */
static void the_first_refusal_counts_and_its_words(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const struct nlmsgerr e = { .error = -EEXIST };
	int n;

	say(5, -EEXIST, "the first");
	say(5, -EPERM, "the second");
	say(6, -EBUSY, "the last");
	EQ_INT(hear(fw, &n), -EEXIST);
	EQ_STR(fw_reason(fw), "the first");

	/* one that has no words has none of the next one's */
	answer(NLMSG_ERROR, NLM_F_CAPPED, 5, &e, sizeof(e));
	say(6, -EBUSY, "the last");
	EQ_INT(hear(fw, &n), -EEXIST);
	EQ_STR(fw_reason(fw), "");
}

/* An error of the first message is one of the whole transaction. */
static void the_wait_ends_with_the_first_message_or_the_last(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int n;

	say(3, -EPERM, "given up before");
	say(7, -EPERM, "and not asked yet");
	say(5, 0, "");
	say(6, 0, "");
	EQ_INT(hear(fw, &n), 0);
	EQ_STR(fw_reason(fw), "");
	/* and nothing comes after it that would have to be waited for */
	say(4, -ENOMEM, "the whole");
	say(6, 0, "");
	EQ_INT(fw_wait(fw, 4, 6, NULL, NULL), -ENOMEM);
	EQ_STR(fw_reason(fw), "the whole");
	EQ_INT(next_answer, 1);
	n_answers = next_answer = 0;
}

static void a_warning_is_no_reason(void)
{
	AUTO(fw) struct fw *fw = fresh();
	int n;

	say(6, 0, "it is deprecated");
	EQ_INT(hear(fw, &n), 0);
	EQ_STR(fw_reason(fw), "");
}

/* An older kernel sends the whole request back, and the words after it. */
static void words_come_after_the_request(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct {
		struct nlmsgerr e;
		char request[8];
		struct nlattr attr;
		char text[8];
	} m = { { -EINVAL, { .nlmsg_len = NLMSG_HDRLEN + 8 } },
		"",
		{ NLA_HDRLEN + 8, NLMSGERR_ATTR_MSG },
		"because" };
	int n;

	answer(NLMSG_ERROR, NLM_F_ACK_TLVS, 6, &m, sizeof(m));
	EQ_INT(hear(fw, &n), -EINVAL);
	EQ_STR(fw_reason(fw), "because");
	/* it says that the request was longer than all that is sent */
	m.e.msg.nlmsg_len = 4096;
	answer(NLMSG_ERROR, NLM_F_ACK_TLVS, 6, &m, sizeof(m));
	EQ_INT(hear(fw, &n), -EINVAL);
	EQ_STR(fw_reason(fw), "");
	/* or that there are none */
	m.e.msg.nlmsg_len = NLMSG_HDRLEN + 8;
	answer(NLMSG_ERROR, 0, 6, &m, sizeof(m));
	EQ_INT(hear(fw, &n), -EINVAL);
	EQ_STR(fw_reason(fw), "");
}

static void a_refusal_that_is_none_is_not_understood(void)
{
	AUTO(fw) struct fw *fw = fresh();
	struct nlmsgerr e = { .error = -4095 };
	int n;

	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e));
	EQ_INT(hear(fw, &n), -4095);
	e.error = -4096;
	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e));
	EQ_INT(hear(fw, &n), -EBADMSG);
	e.error = 1;
	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e));
	EQ_INT(hear(fw, &n), 0);
	/* cut off */
	e.error = 0;
	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e) - 4);
	EQ_INT(hear(fw, &n), -EBADMSG);
	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, 0);
	EQ_INT(hear(fw, &n), -EBADMSG);
	/* what it has of a request is taken for no words */
	e.msg.nlmsg_len = 4;
	e.msg.nlmsg_type = NLA_HDRLEN + 4;
	e.msg.nlmsg_flags = NLMSGERR_ATTR_MSG;
	memcpy(&e.msg.nlmsg_seq, "abc", 4);
	answer(NLMSG_ERROR, NLM_F_ACK_TLVS, 6, &e, sizeof(e) - 4);
	EQ_INT(hear(fw, &n), -EBADMSG);
	EQ_STR(fw_reason(fw), "");
}

static void a_dump_ends_with_its_error(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const struct nfgenmsg gen = { 0 };
	int r = -EPERM, n;

	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, 6, &gen, sizeof(gen));
	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, 6, &gen, sizeof(gen));
	answer(NLMSG_DONE, NLM_F_MULTI, 6, &r, sizeof(r));
	EQ_INT(hear(fw, &n), -EPERM);
	EQ_INT(n, 2);
	/* none, or no room for one */
	answer(NLMSG_DONE, NLM_F_MULTI, 6, &r, 0);
	EQ_INT(hear(fw, &n), 0);
	answer(NLMSG_DONE, NLM_F_MULTI, 6, &r, 2);
	EQ_INT(hear(fw, &n), 0);
	/* and without being one, with its only answer */
	answer(NLMSG_MIN_TYPE, 0, 6, &gen, sizeof(gen));
	EQ_INT(hear(fw, &n), 0);
	EQ_INT(n, 1);
	/* something that is none */
	answer(NLMSG_NOOP, 0, 6, &gen, sizeof(gen));
	answer(NLMSG_DONE, NLM_F_MULTI, 6, &r, 0);
	EQ_INT(hear(fw, &n), 0);
	EQ_INT(n, 0);
}

/* A dump with NLM_F_DUMP_INTR is read to its end, but no longer counts. */
static void a_dump_that_was_overtaken_is_to_be_repeated(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const struct nfgenmsg gen = { 0 };
	int r = -EPERM, n;

	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, 6, &gen, sizeof(gen));
	answer(NLMSG_MIN_TYPE, NLM_F_MULTI | NLM_F_DUMP_INTR, 6, &gen,
	       sizeof(gen));
	answer(NLMSG_MIN_TYPE, NLM_F_MULTI, 6, &gen, sizeof(gen));
	answer(NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 6, &r, sizeof(r));
	EQ_INT(hear(fw, &n), -ERESTART);
	EQ_INT(n, 1);
	/* an error that came before is no less one */
	say(5, -EPERM, "");
	answer(NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 6, &r, 0);
	EQ_INT(hear(fw, &n), -EPERM);
}

/* libmnl would take the one length for a negative number, which fits. */
static void a_message_longer_than_its_datagram_is_none(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const struct nlmsgerr e = { .error = -EPERM };
	int n;

	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e))->nlmsg_len =
		0x80000010;
	answer(NLMSG_ERROR, NLM_F_CAPPED, 6, &e, sizeof(e))->nlmsg_len =
		sizeof(answers[0]) + 1;
	say(6, -EBUSY, "this one is");
	EQ_INT(hear(fw, &n), -EBUSY);
	EQ_STR(fw_reason(fw), "this one is");
}

static int keep_rule(const struct fw_rule *rule, void *arg)
{
	*(struct fw_rule *)arg = *rule;
	return 0;
}

/* Expressions that set a register have the verdict's name, and none in them. */
static void a_number_is_no_verdict(void)
{
	AUTO(fw) struct fw *fw = fresh();
	const struct fw_chain chain = { NFPROTO_IPV4, "t", "c" };
	struct fw_rule rule = { 0 };

	nft("add table ip t; add chain ip t c; add chain ip t d");
	nft("add rule ip t c meta mark set 1");
	EQ_INT(fw_rules(fw, &chain, keep_rule, &rule), 0);
	EQ_INT(rule.verdict, NFT_CONTINUE);
	OK(rule.more);
	nft("flush chain ip t c; add rule ip t c jump d");
	EQ_INT(fw_rules(fw, &chain, keep_rule, &rule), 0);
	EQ_INT(rule.verdict, NFT_JUMP);
	EQ_STR(rule.chain, "d");
	OK(!rule.more);
}

TAP_MAIN(TEST(the_first_refusal_counts_and_its_words),
	 TEST(the_wait_ends_with_the_first_message_or_the_last),
	 TEST(a_warning_is_no_reason), TEST(words_come_after_the_request),
	 TEST(a_refusal_that_is_none_is_not_understood),
	 TEST(a_dump_ends_with_its_error),
	 TEST(a_dump_that_was_overtaken_is_to_be_repeated),
	 TEST(a_message_longer_than_its_datagram_is_none),
	 TEST(a_number_is_no_verdict))
