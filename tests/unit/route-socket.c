// SPDX-License-Identifier: GPL-2.0-or-later
/* route-socket.c - one request and its own answer; entering a namespace */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "base/auto.h"
#include "base/netns.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/kinds.h"

static void errors_are_the_kernels_own(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct rt_link l = { .index = 77 };
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };
	const struct rt_bridge none = { .name = "", .mac = { 2 } };
	const struct rt_bridge slash = { .name = "a/b", .mac = { 2 } };

	EQ_INT(rt_link_get(rt, "nope", &l), -ENODEV);
	EQ_INT(l.index, 77);
	EQ_INT(rt_link_get_index(rt, 4711, &l), -ENODEV);
	EQ_INT(rt_bridge_add(rt, &b), 0);
	EQ_INT(rt_bridge_add(rt, &b), -EEXIST);
	EQ_INT(rt_bridge_add(rt, &slash), -EINVAL);
	EQ_INT(rt_bridge_add(rt, &none), -EINVAL);
	EQ_INT(rt_link_del(rt, 4711), -ENODEV);
	EQ_INT(rt_link_set_mac(rt, index_of(rt, "br0"),
			       (uint8_t[]){ 1, 2, 3, 4, 5, 6 }),
	       -EADDRNOTAVAIL);
}

static void the_reason_is_that_of_the_last_failure(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct ip_net net = { 0 };
	int lo = index_of(rt, "lo");

	EQ_STR(rt_reason(rt), "");
	EQ_INT(ip_net_parse("10.0.0.1/24", &net), 0);
	net.plen = 77;
	EQ_INT(rt_addr_add(rt, lo, &net, false), -EINVAL);
	EQ_STR(rt_reason(rt), "ipv4: Invalid prefix length");
	EQ_INT(rt_link_up(rt, lo), 0);
	EQ_STR(rt_reason(rt), "");
	OK(!rt_answer_lost(rt));
}

static void what_does_not_fit_is_not_sent(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct ifinfomsg ifi = { 0 };

	EQ_INT(rt_call(rt, NULL, 0), -ENOMEM);
	EQ_INT(rt_call(rt, rt_msg(RTM_DELLINK, 0, &ifi, sizeof(ifi)), -1),
	       -EMSGSIZE);
	OK(!rt_answer_lost(rt));
}

/* An acknowledgement that nobody waited for: that of another request. */
static void an_earlier_answer_is_not_taken_for_ours(void)
{
	int fd;
	AUTO(rt) struct rt *rt = fresh_fd(&fd);
	struct {
		struct nlmsghdr h;
		struct ifinfomsg ifi;
	} req = { { sizeof(req), RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		  { .ifi_index = 4711 } };
	struct rt_link l = { 0 };

	for (int i = 0; i < 3; i++)
		EQ_INT(send(fd, &req, sizeof(req), 0), sizeof(req));
	EQ_INT(rt_link_get(rt, "lo", &l), 0);
	EQ_STR(l.name, "lo");
	/* the whole of an answer, too */
	req.ifi.ifi_index = l.index;
	EQ_INT(send(fd, &req, sizeof(req), 0), sizeof(req));
	EQ_INT(rt_link_get(rt, "nope", &l), -ENODEV);
}

/* Somebody with CAP_NET_ADMIN may write to any netlink socket. */
static void only_the_kernels_word_counts(void)
{
	int fd;
	AUTO(rt) struct rt *rt = fresh_fd(&fd);
	AUTO(fd)
	int liar = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl to = { 0 };
	socklen_t len = sizeof(to);
	unsigned now = (unsigned)time(NULL);
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} lie = { { sizeof(lie), NLMSG_ERROR, 0, 0, 0 }, { .error = -EXFULL } };
	struct rt_link l = { 0 };

	EQ_INT(getsockname(fd, (struct sockaddr *)&to, &len), 0);
	OK(to.nl_pid != 0);
	/* libnl counts from the time at which the socket was made */
	for (unsigned seq = now - 5; seq != now + 5; seq++) {
		lie.h.nlmsg_seq = seq;
		EQ_INT(sendto(liar, &lie, sizeof(lie), 0,
			      (struct sockaddr *)&to, len),
		       sizeof(lie));
	}
	EQ_INT(rt_link_get(rt, "lo", &l), 0);
	EQ_STR(l.name, "lo");
}

/* An answer that finds no room (ENOBUFS) is lost; the next request is not. */
static void a_lost_answer_is_told_and_does_no_harm(void)
{
	int fd;
	AUTO(rt) struct rt *rt = fresh_fd(&fd);
	struct rt_link l = { 0 };
	int old = 0, r;
	socklen_t len = sizeof(old);

	EQ_INT(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &old, &len), 0);
	EQ_INT(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 1 }, sizeof(int)),
	       0);
	/* the answer fills the buffer, and its acknowledgement is too much */
	r = rt_link_get(rt, "lo", &l);
	EQ_INT(r, -ENOBUFS);
	OK(rt_answer_lost(rt));
	EQ_INT(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &old, sizeof(old)), 0);
	EQ_INT(rt_link_get(rt, "nope", &l), -ENODEV);
	OK(!rt_answer_lost(rt));
	EQ_INT(rt_link_get(rt, "lo", &l), 0);
}

static void a_dump_is_tried_again_a_hundred_times(void)
{
	unsigned round = 0, n = 0;

	while (rt_retry(-EINTR, &round))
		OK(++n < 1000);
	EQ_INT(n, 99);
	round = 0;
	OK(!rt_retry(0, &round));
	OK(!rt_retry(-EBUSY, &round));
}

static void watching_ends_with_an_event_or_the_deadline(void)
{
	AUTO(rt) struct rt *rt = fresh();
	AUTO(fd) int watch = rt_watch(RTNLGRP_LINK);
	int lo = index_of(rt, "lo");

	OK(watch >= 0);
	EQ_INT(fcntl(watch, F_GETFD), FD_CLOEXEC);
	EQ_INT(rt_await(watch, rt_now_ms() - 1), -ETIMEDOUT);
	EQ_INT(rt_link_up(rt, lo), 0);
	EQ_INT(rt_await(watch, rt_now_ms() + 10000), 0);
	EQ_INT(rt_await(watch, rt_now_ms() - 1), -ETIMEDOUT);
	/* also while there is more to hear */
	EQ_INT(rt_link_down(rt, lo), 0);
	EQ_INT(rt_await(watch, rt_now_ms() - 1), -ETIMEDOUT);
	EQ_INT(rt_await(watch, rt_now_ms() + 10000), 0);
	EQ_INT(rt_await(-1, rt_now_ms() - 1), -ETIMEDOUT);
}

static void what_is_no_network_namespace_is_not_opened(void)
{
	char dir[] = "/tmp/cnic-route.XXXXXX", path[64];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	AUTO(fd) int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static const char *const others[] = {
		"/proc/self/ns/mnt",
		"/proc/self/ns/uts",
		"/proc/self/ns/pid",
		"/proc/self/ns/user",
		"/proc/self/status",
		"/dev/null",
		"/",
	};
	int fd = -7;

	OK(mkdtemp(dir) != NULL);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EQ_INT(ns_open(others[i], &fd), -EINVAL);
	snprintf(path, sizeof(path), "%s/fifo", dir);
	EQ_INT(mkfifo(path, 0600), 0);
	EQ_INT(ns_open(path, &fd),
	       -EINVAL); /* and does not wait for a writer */
	unlink(path);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/socket", dir);
	EQ_INT(bind(sock, (struct sockaddr *)&un, sizeof(un)), 0);
	EQ_INT(ns_open(un.sun_path, &fd), -EINVAL);
	unlink(un.sun_path);
	snprintf(path, sizeof(path), "%s/file", dir);
	sh("echo text >%s", path);
	EQ_INT(ns_open(path, &fd), -EINVAL);
	snprintf(path, sizeof(path), "%s/file/below", dir);
	EQ_INT(ns_open(path, &fd), -ENOTDIR);
	snprintf(path, sizeof(path), "%s/none", dir);
	EQ_INT(ns_open(path, &fd), -ENOENT);
	EQ_INT(ns_open("", &fd), -ENOENT);
	EQ_INT(fd, -7);
	sh("rm -r %s", dir);
}

static void which_results_say_that_there_is_none(void)
{
	static const int none[] = { -ENOENT,	   -EINVAL, -ENOTDIR, -ELOOP,
				    -ENAMETOOLONG, -EACCES, -ESRCH };
	static const int other[] = { 0,	      1,    -EMFILE, -ENFILE,
				     -ENOMEM, -EIO, -EINTR };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		OK(ns_is_none(none[i]));
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		OK(!ns_is_none(other[i]));
}

static ino_t own_namespace(void)
{
	struct stat st = { 0 };

	EQ_INT(stat("/proc/thread-self/ns/net", &st), 0);
	return st.st_ino;
}

static int inside(void *arg)
{
	*(ino_t *)arg = own_namespace();
	return -EXFULL;
}

static void a_function_runs_inside_and_we_stay_outside(void)
{
	AUTO(fd) int netns = -1;
	ino_t first = own_namespace(), there = 0;

	EQ_INT(ns_open("/proc/thread-self/ns/net", &netns), 0);
	EQ_INT(fcntl(netns, F_GETFD), FD_CLOEXEC);
	EQ_INT(unshare(CLONE_NEWNET), 0);
	OK(own_namespace() != first);
	EQ_INT(ns_run(netns, inside, &there), -EXFULL);
	EQ_INT(there, first);
	OK(own_namespace() != first);
	EQ_INT(ns_run(-1, inside, &there), -EBADF);
	EQ_INT(ns_run(1, inside, &there), -EINVAL);
}

static void a_socket_belongs_to_the_namespace_it_was_opened_in(void)
{
	AUTO(rt) struct rt *here = NULL;
	AUTO(rt) struct rt *there = NULL;
	AUTO(fd) int netns = -1;
	const struct rt_bridge b = { .name = "br0", .mac = { 2 } };
	struct rt_link l;

	EQ_INT(ns_open("/proc/thread-self/ns/net", &netns), 0);
	here = fresh();
	EQ_INT(rt_open_at(netns, &there), 0);
	EQ_INT(rt_bridge_add(there, &b), 0);
	EQ_INT(rt_link_get(there, "br0", &l), 0);
	EQ_INT(rt_link_get(here, "br0", &l), -ENODEV);
	EQ_INT(rt_link_del(there, l.index), 0);
	rt_close(NULL);
}

TAP_MAIN(TEST(errors_are_the_kernels_own),
	 TEST(the_reason_is_that_of_the_last_failure),
	 TEST(what_does_not_fit_is_not_sent),
	 TEST(an_earlier_answer_is_not_taken_for_ours),
	 TEST(only_the_kernels_word_counts),
	 TEST(a_lost_answer_is_told_and_does_no_harm),
	 TEST(a_dump_is_tried_again_a_hundred_times),
	 TEST(watching_ends_with_an_event_or_the_deadline),
	 TEST(what_is_no_network_namespace_is_not_opened),
	 TEST(which_results_say_that_there_is_none),
	 TEST(a_function_runs_inside_and_we_stay_outside),
	 TEST(a_socket_belongs_to_the_namespace_it_was_opened_in))
