// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mnl.c - mk/static/mnl.c does what libmnl does: the same calls to both, with
 * the same bytes and answers
 *
 * The build makes own_mnl_... of that file's names.
 */
#include <errno.h>
#include <libmnl/libmnl.h>

#include "tap.h"

/* the functions that are compared, of the library and of the file */
#define FUNCTIONS(X)                                                           \
	X(nlmsg_put_header)                                                    \
	X(nlmsg_put_extra_header)                                              \
	X(nlmsg_get_payload)                                                   \
	X(nlmsg_get_payload_len)                                               \
	X(nlmsg_get_payload_offset)                                            \
	X(nlmsg_get_payload_tail)                                              \
	X(nlmsg_ok)                                                            \
	X(nlmsg_next)                                                          \
	X(nlmsg_batch_start)                                                   \
	X(nlmsg_batch_stop)                                                    \
	X(nlmsg_batch_next)                                                    \
	X(nlmsg_batch_size)                                                    \
	X(nlmsg_batch_head)                                                    \
	X(nlmsg_batch_current)                                                 \
	X(nlmsg_batch_is_empty)                                                \
	X(attr_get_type)                                                       \
	X(attr_get_payload_len)                                                \
	X(attr_get_payload)                                                    \
	X(attr_get_u8)                                                         \
	X(attr_get_u16)                                                        \
	X(attr_get_u32)                                                        \
	X(attr_get_u64)                                                        \
	X(attr_get_str)                                                        \
	X(attr_put)                                                            \
	X(attr_put_u8)                                                         \
	X(attr_put_u16)                                                        \
	X(attr_put_u32)                                                        \
	X(attr_put_u64)                                                        \
	X(attr_put_str)                                                        \
	X(attr_put_strz)                                                       \
	X(attr_nest_start)                                                     \
	X(attr_nest_end)                                                       \
	X(attr_type_valid)                                                     \
	X(attr_validate)                                                       \
	X(attr_ok)                                                             \
	X(attr_next)                                                           \
	X(attr_parse)                                                          \
	X(attr_parse_nested)                                                   \
	X(cb_run)                                                              \
	X(socket_open)                                                         \
	X(socket_open2)                                                        \
	X(socket_bind)                                                         \
	X(socket_close)                                                        \
	X(socket_get_fd)                                                       \
	X(socket_get_portid)                                                   \
	X(socket_setsockopt)                                                   \
	X(socket_sendto)                                                       \
	X(socket_recvfrom)

#define X(f) extern __typeof__(mnl_##f) own_mnl_##f;
FUNCTIONS(X)
#undef X

struct mnl {
#define X(f) __typeof__(mnl_##f) *f;
	FUNCTIONS(X)
#undef X
};

static const struct mnl both[2] = { {
#define X(f) .f = mnl_##f,
					    FUNCTIONS(X)
#undef X
				    },
				    {
#define X(f) .f = own_mnl_##f,
					    FUNCTIONS(X)
#undef X
				    } };

/* A message with attributes of each kind, by m. What pads them is 0 before:
 * libmnl 1.0.4 leaves it as it was. */
static struct nlmsghdr *fill(const struct mnl *m, char buf[1024])
{
	struct nlattr *outer, *inner;
	struct nlmsghdr *nlh;

	memset(buf, 0, 1024);
	nlh = m->nlmsg_put_header(buf);
	m->nlmsg_put_extra_header(nlh, 3);
	m->attr_put(nlh, 1, 5, "abcde");
	m->attr_put(nlh, 2, 0, NULL);
	m->attr_put_u8(nlh, 3, 0x81);
	m->attr_put_u16(nlh, 4, 0x8182);
	m->attr_put_u32(nlh, 5, 0x81828384);
	m->attr_put_u64(nlh, 6, 0x8182838485868788);
	outer = m->attr_nest_start(nlh, 7);
	m->attr_put_str(nlh, 8, "text");
	inner = m->attr_nest_start(nlh, 9);
	m->attr_put_strz(nlh, 10, "text");
	m->attr_nest_end(nlh, inner);
	m->attr_nest_end(nlh, outer);
	m->attr_put_u8(nlh, NLA_F_NET_BYTEORDER | 11, 1);
	return nlh;
}

static void the_same_bytes_are_written(void)
{
	static _Alignas(8) char a[1024], b[1024];

	fill(&both[0], a);
	fill(&both[1], b);
	EQ_INT(memcmp(a, b, sizeof(a)), 0);
}

/* what was seen, as text; stops at type data[0] with the answer data[1] */
static char seen[2][4096];
struct walk {
	const struct mnl *m;
	char *seen;
	int stop, answer;
};

static int note(const struct nlattr *attr, void *data)
{
	struct walk *w = data;
	size_t n = strlen(w->seen);

	snprintf(w->seen + n, 4096 - n, "%d:%d:%x ", w->m->attr_get_type(attr),
		 w->m->attr_get_payload_len(attr),
		 w->m->attr_get_payload_len(attr) ? w->m->attr_get_u8(attr)
						  : 0);
	if (w->m->attr_get_type(attr) == w->stop)
		return w->answer;
	if (attr->nla_type & NLA_F_NESTED)
		return w->m->attr_parse_nested(attr, note, data);
	return MNL_CB_OK;
}

static void the_same_is_read(void)
{
	static _Alignas(8) char buf[1024];
	const struct nlmsghdr *nlh = fill(&both[0], buf);

	for (int stop = 0; stop < 12; stop++) {
		for (int answer = -2; answer < 3; answer++) {
			int r[2];

			for (int i = 0; i < 2; i++) {
				struct walk w = { &both[i], seen[i], stop,
						  answer };

				seen[i][0] = '\0';
				r[i] = both[i].attr_parse(nlh, 3, note, &w);
			}
			EQ_INT(r[1], r[0]);
			EQ_STR(seen[1], seen[0]);
		}
	}
	EQ_INT(both[1].nlmsg_get_payload_len(nlh),
	       (long long)both[0].nlmsg_get_payload_len(nlh));
	OK(both[1].nlmsg_get_payload(nlh) == both[0].nlmsg_get_payload(nlh));
	OK(both[1].nlmsg_get_payload_tail(nlh) ==
	   both[0].nlmsg_get_payload_tail(nlh));
	OK(both[1].nlmsg_get_payload_offset(nlh, 5) ==
	   both[0].nlmsg_get_payload_offset(nlh, 5));
}

static void values_are_the_same(void)
{
	static const char bytes[] = "\x0c\0\x01\0\x81\x82\x83\x84\x85\x86\x87";
	_Alignas(8) char buf[16] = { 0 };
	struct nlattr *attr = (struct nlattr *)(void *)buf;

	memcpy(buf, bytes, sizeof(bytes));
	attr->nla_len = 12;
	EQ_INT(both[1].attr_get_u8(attr), both[0].attr_get_u8(attr));
	EQ_INT(both[1].attr_get_u16(attr), both[0].attr_get_u16(attr));
	EQ_INT(both[1].attr_get_u32(attr), both[0].attr_get_u32(attr));
	OK(both[1].attr_get_u64(attr) == both[0].attr_get_u64(attr));
	OK(both[1].attr_get_str(attr) == both[0].attr_get_str(attr));
	OK(both[1].attr_next(attr) == both[0].attr_next(attr));
	for (int max = 0; max < 3; max++) {
		int e[2], r[2];

		for (int i = 0; i < 2; i++) {
			errno = 0;
			r[i] = both[i].attr_type_valid(attr, (uint16_t)max);
			e[i] = errno;
		}
		EQ_INT(r[1], r[0]);
		EQ_INT(e[1], e[0]);
	}
}

/* each type with each length, with a NUL at the end and without */
static void what_is_valid_is_the_same(void)
{
	_Alignas(8) char buf[32];
	struct nlattr *attr = (struct nlattr *)(void *)buf;

	for (int type = 0; type <= MNL_TYPE_MAX; type++) {
		for (int n = 0; n < 40; n++) {
			int e[2], r[2];

			memset(buf, n & 1 ? 'x' : 0, sizeof(buf));
			attr->nla_type = 1;
			attr->nla_len = (uint16_t)(4 + n / 2);
			for (int i = 0; i < 2; i++) {
				errno = 0;
				r[i] = both[i].attr_validate(
					attr, (enum mnl_attr_data_type)type);
				e[i] = errno;
			}
			if (r[1] != r[0] || e[1] != e[0])
				printf("# type %d, length %d\n", type, n / 2);
			EQ_INT(r[1], r[0]);
			EQ_INT(e[1], e[0]);
		}
	}
}

static void ends_are_the_same(void)
{
	_Alignas(8) char buf[64] = { 0 };
	struct nlattr *attr = (struct nlattr *)(void *)buf;
	struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)buf;

	for (unsigned len = 0; len < 40; len++) {
		for (int there = -2; there < 40; there++) {
			int left[2] = { there, there };

			nlh->nlmsg_len = len;
			EQ_INT(both[1].nlmsg_ok(nlh, there),
			       both[0].nlmsg_ok(nlh, there));
			OK(both[1].nlmsg_next(nlh, &left[1]) ==
			   both[0].nlmsg_next(nlh, &left[0]));
			EQ_INT(left[1], left[0]);
			attr->nla_len = (uint16_t)len;
			EQ_INT(both[1].attr_ok(attr, there),
			       both[0].attr_ok(attr, there));
		}
	}
}

static int answer_of(const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	return (int)nlh->nlmsg_type - 20;
}

/* answers to 7 of port 9: types that are control, errors, an interrupted dump
 */
static void callbacks_are_called_the_same(void)
{
	static const int types[] = { NLMSG_NOOP, NLMSG_ERROR,
				     NLMSG_DONE, NLMSG_OVERRUN,
				     19,	 20,
				     21,	 22 };
	static const int errors[] = { 0, -EPERM, EPERM };
	_Alignas(8) char buf[128] = { 0 };
	struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)buf;

	for (unsigned t = 0; t < 8 * 3 * 16; t++) {
		int e[2], r[2];

		nlh->nlmsg_len = t & 1 ? 36 : 18;
		nlh->nlmsg_type = (uint16_t)types[t / 2 % 8];
		nlh->nlmsg_flags = t / 16 & 1 ? NLM_F_DUMP_INTR : 0;
		nlh->nlmsg_seq = t / 32 & 1 ? 8 : 7;
		nlh->nlmsg_pid = t / 64 & 1 ? 0 : 9;
		memcpy(buf + 16, &errors[t / 128], sizeof(int));
		for (int i = 0; i < 2; i++) {
			errno = 0;
			r[i] = both[i].cb_run(buf, 36, 7, 9, answer_of, NULL);
			e[i] = r[i] < 0 ? errno : 0;
		}
		if (r[1] != r[0] || e[1] != e[0])
			printf("# type %d, length %u, flags %d, error %d\n",
			       nlh->nlmsg_type, nlh->nlmsg_len,
			       nlh->nlmsg_flags, errors[t / 128]);
		EQ_INT(r[1], r[0]);
		EQ_INT(e[1], e[0]);
	}
}

static void batches_are_the_same(void)
{
	static _Alignas(8) char buf[2][512];

	for (size_t limit = 32; limit < 200; limit += 12) {
		char *text[2] = { seen[0], seen[1] };

		for (int i = 0; i < 2; i++) {
			const struct mnl *m = &both[i];
			struct mnl_nlmsg_batch *b =
				m->nlmsg_batch_start(buf[i], limit);
			bool more = true;

			text[i][0] = '\0';
			for (int n = 0; n < 8 && more; n++) {
				size_t at = strlen(text[i]);
				struct nlmsghdr *nlh = m->nlmsg_put_header(
					m->nlmsg_batch_current(b));

				m->attr_put_strz(nlh, 1, "text");
				snprintf(text[i] + at, 4096 - at, "%zu/%d ",
					 m->nlmsg_batch_size(b),
					 m->nlmsg_batch_is_empty(b));
				more = m->nlmsg_batch_next(b);
			}
			OK(m->nlmsg_batch_head(b) == buf[i]);
			m->nlmsg_batch_stop(b);
		}
		EQ_STR(text[1], text[0]);
	}
}

/* The kernel's answer to an empty message: a buffer that is too short for it,
 * and one that is not. */
static void sockets_are_the_same(void)
{
	for (size_t room = 8; room <= 256; room += 248) {
		ssize_t r[2];
		int e[2];

		for (int i = 0; i < 2; i++) {
			const struct mnl *m = &both[i];
			_Alignas(8) char buf[256];
			struct nlmsghdr *nlh = m->nlmsg_put_header(buf);
			struct mnl_socket *nl =
				m->socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

			OK(nl != NULL);
			if (!nl)
				return;
			EQ_INT(m->socket_bind(nl, 0, MNL_SOCKET_AUTOPID), 0);
			OK(m->socket_get_portid(nl) != 0);
			EQ_INT(fcntl(m->socket_get_fd(nl), F_GETFD),
			       FD_CLOEXEC);
			EQ_INT(m->socket_setsockopt(nl, NETLINK_CAP_ACK,
						    &(int){ 1 }, sizeof(int)),
			       0);
			nlh->nlmsg_type = NLMSG_NOOP;
			nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
			EQ_INT(m->socket_sendto(nl, nlh, nlh->nlmsg_len),
			       (int)nlh->nlmsg_len);
			errno = 0;
			r[i] = m->socket_recvfrom(nl, buf, room);
			e[i] = errno;
			EQ_INT(m->socket_close(nl), 0);
		}
		EQ_INT(r[1], r[0]);
		EQ_INT(e[1], e[0]);
	}
	for (int i = 0; i < 2; i++) {
		errno = 0;
		OK(both[i].socket_open(-1) == NULL);
		EQ_INT(errno, EPROTONOSUPPORT);
	}
}

TAP_MAIN(TEST(the_same_bytes_are_written), TEST(the_same_is_read),
	 TEST(values_are_the_same), TEST(what_is_valid_is_the_same),
	 TEST(ends_are_the_same), TEST(callbacks_are_called_the_same),
	 TEST(batches_are_the_same), TEST(sockets_are_the_same))
