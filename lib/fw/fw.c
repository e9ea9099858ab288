// SPDX-License-Identifier: GPL-2.0-or-later
/* fw.c - the netfilter socket: sending, and waiting for one's own answer */
#include "fw/fw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <libnftnl/common.h>

#include "fw/sock.h"

/* a system call that fails this often in a row has really failed */
#define TRIES 16
/* datagrams that can be waiting, by far */
#define DRAIN_MAX 10000

int fw_open(struct fw **ret)
{
	_Static_assert(FW_TIMEOUT_MS % 1000 == 0, "whole seconds");
	const struct timeval timeout = { .tv_sec = FW_TIMEOUT_MS / 1000 };
	AUTO(fw) struct fw *fw = calloc(1, sizeof(*fw));
	int on = 1;

	if (!fw)
		return -ENOMEM;
	fw->sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!fw->sock)
		return -errno;
	/* only for a better message: a kernel without them does, too */
	mnl_socket_setsockopt(fw->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(fw->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(mnl_socket_get_fd(fw->sock), SOL_SOCKET, SO_RCVTIMEO,
		       &timeout, sizeof(timeout)) < 0)
		return -errno;
	*ret = TAKE(fw);
	return 0;
}

void fw_close(struct fw *fw)
{
	if (!fw)
		return;
	if (fw->sock)
		mnl_socket_close(fw->sock);
	if (fw->rule)
		nftnl_rule_free(fw->rule);
	free(fw->batch.buf);
	free(fw);
}

const char *fw_reason(const struct fw *fw)
{
	return fw->reason;
}

int fw_send(struct fw *fw, const void *buf, size_t len)
{
	for (int tries = 1;; tries++) {
		if (mnl_socket_sendto(fw->sock, buf, len) >= 0)
			return 0;
		/* nothing was sent, so it can be sent again */
		if ((errno != EINTR && errno != ENOBUFS) || tries == TRIES)
			return -errno;
	}
}

/*
 * The socket was full, and some answer is lost: it may have been one object of
 * a dump, or the verdict on a transaction. All the rest is read, which also
 * ends a dump; whoever asked has to look again at what there is now.
 */
static int forget_answers(struct fw *fw)
{
	int fd = mnl_socket_get_fd(fw->sock);

	for (int i = 0; i < DRAIN_MAX; i++)
		if (recv(fd, fw->rx, sizeof(fw->rx), MSG_DONTWAIT) < 0 &&
		    errno == EAGAIN)
			break;
	return -ERESTART;
}

/*
 * A receive that fails leaves its message in the queue, and giving up in the
 * middle of a dump would leave the socket busy: so it is tried again. ENOSPC
 * is libmnl's word for a message that was cut off.
 */
static ssize_t receive(struct fw *fw)
{
	for (int tries = 1;; tries++) {
		ssize_t n =
			mnl_socket_recvfrom(fw->sock, fw->rx, sizeof(fw->rx));

		if (n >= 0)
			return n;
		if (errno == ENOBUFS)
			return forget_answers(fw);
		if (errno == EAGAIN)
			return -ETIMEDOUT;
		if (errno == ENOSPC)
			return -EMSGSIZE;
		if (tries == TRIES)
			return -errno;
	}
}

static int reason_attr(const struct nlattr *attr, void *arg)
{
	struct fw *fw = arg;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		snprintf(fw->reason, sizeof(fw->reason), "%s",
			 mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static void take_reason(struct fw *fw, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(*e);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*e))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += e->msg.nlmsg_len - sizeof(e->msg);
	if (offset <= mnl_nlmsg_get_payload_len(nlh))
		mnl_attr_parse(nlh, (unsigned)offset, reason_attr, fw);
}

/*
 * The error code in an NLMSG_ERROR or at the end of a dump, 0 or -errno. The
 * kernel's end at -4095; another one would have no text.
 */
static int ack_error(const struct nlmsghdr *nlh)
{
	int r;

	if (nlh->nlmsg_type == NLMSG_ERROR &&
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nlmsgerr))
		return -EBADMSG;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(r))
		return 0;
	memcpy(&r, mnl_nlmsg_get_payload(nlh), sizeof(r));
	if (r < -4095)
		return -EBADMSG;
	return r < 0 ? r : 0;
}

struct wait {
	uint32_t first, last;
	fw_reply_fn fn;
	void *arg;
	int r; /* the first error */
	bool done;
};

static void take_reply(struct fw *fw, struct wait *w,
		       const struct nlmsghdr *nlh)
{
	int r = 0;

	/* an answer to a request that was given up */
	if (nlh->nlmsg_seq - w->first > w->last - w->first)
		return;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && w->r == 0)
		w->r = -ERESTART;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		r = ack_error(nlh);
		if (r < 0 && w->r == 0)
			take_reason(fw, nlh);
		w->done =
			nlh->nlmsg_seq == w->first || nlh->nlmsg_seq == w->last;
	} else if (nlh->nlmsg_type == NLMSG_DONE) {
		r = ack_error(nlh);
		w->done = true;
	} else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE) {
		if (w->fn && w->r == 0)
			r = w->fn(nlh, w->arg);
		w->done = !(nlh->nlmsg_flags & NLM_F_MULTI);
	}
	if (w->r == 0)
		w->r = r;
}

/* libmnl takes a length of 2 GiB and more for a negative one, which fits. */
static bool is_whole(const struct nlmsghdr *nlh, int len)
{
	return mnl_nlmsg_ok(nlh, len) && nlh->nlmsg_len <= (unsigned)len;
}

int fw_wait(struct fw *fw, uint32_t first, uint32_t last, fw_reply_fn fn,
	    void *arg)
{
	struct wait w = { .first = first, .last = last, .fn = fn, .arg = arg };

	while (!w.done) {
		const struct nlmsghdr *nlh = (const void *)fw->rx;
		ssize_t n = receive(fw);
		int len = (int)n;

		if (n < 0)
			return w.r < 0 ? w.r : (int)n;
		for (; !w.done && is_whole(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			take_reply(fw, &w, nlh);
	}
	return w.r;
}

struct nlmsghdr *fw_request_init(struct fw *fw, char buf[FW_REQ_MAX],
				 uint16_t type, uint16_t family, uint16_t flags)
{
	fw->reason[0] = '\0';
	/* libmnl does not clear the padding after an attribute */
	memset(buf, 0, FW_REQ_MAX);
	return nftnl_nlmsg_build_hdr(buf, type, family, flags, ++fw->seq);
}

int fw_request(struct fw *fw, const struct nlmsghdr *req, fw_reply_fn fn,
	       void *arg)
{
	int r = fw_send(fw, req, req->nlmsg_len);

	if (r < 0)
		return r;
	return fw_wait(fw, req->nlmsg_seq, req->nlmsg_seq, fn, arg);
}

static int generation_attr(const struct nlattr *attr, void *arg)
{
	uint32_t *gen = arg;

	if (mnl_attr_get_type(attr) != NFTA_GEN_ID ||
	    mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return MNL_CB_OK;
	*gen = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_STOP;
}

static int read_generation(const struct nlmsghdr *nlh, void *arg)
{
	int r = mnl_attr_parse(nlh, sizeof(struct nfgenmsg), generation_attr,
			       arg);

	return r == MNL_CB_STOP ? 0 : -EBADMSG;
}

int fw_generation(struct fw *fw, uint32_t *ret)
{
	char buf[FW_REQ_MAX];
	struct nlmsghdr *req =
		fw_request_init(fw, buf, NFT_MSG_GETGEN, AF_UNSPEC, 0);

	return fw_request(fw, req, read_generation, ret);
}

int fw_usable(struct fw *fw)
{
	uint32_t gen;
	int r = -ERESTART;

	for (int tries = 0; tries < TRIES && r == -ERESTART; tries++)
		r = fw_generation(fw, &gen);
	return r == -ERESTART ? -EAGAIN : r;
}

int fw_fail(struct cni_err *err, const struct fw *fw, int r, const char *step)
{
	cni_fail(err, r == -EAGAIN ? CNI_EAGAIN : CNI_EKERNEL, r, "cannot %s",
		 step);
	if (fw && *fw_reason(fw))
		cni_detail(err, "%s", fw_reason(fw));
	return -1;
}

/* Without nfnetlink there is no socket, and without nf_tables no answer. */
int fw_open_any(struct fw **ret)
{
	int r = fw_open(ret);

	if (r == 0)
		r = fw_usable(*ret);
	if (r == -EPROTONOSUPPORT || r == -EAFNOSUPPORT || r == -EOPNOTSUPP ||
	    r == -EINVAL)
		return 0;
	return r < 0 ? r : 1;
}
