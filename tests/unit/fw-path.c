// SPDX-License-Identifier: GPL-2.0-or-later
/* fw-path.c - packets: what is masqueraded, and what a port may not send */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fw-test.h"
#include "fw/masq.h"
#include "fw/spoof.h"

/*
 * Three namespaces: pod 10.9.0.2 - br0 10.9.0.1 [host] 192.0.2.1 - 192.0.2.2
 * outside, which knows no way back to the pods; and the same with fd09::/64
 * and 2001:db8::/64. Each socket is made in the namespace it works in.
 */
struct net {
	struct fw *fw;
	int pod[2], outside[2];	 /* UDP sockets, IPv4 and IPv6 */
	int wire_pod, wire_host; /* packet sockets: pod's eth0; the bridge */
};

static int enter(void)
{
	EQ_INT(unshare(CLONE_NEWNET), 0);
	sh("ip link set lo up\n"
	   "echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad\n"
	   "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad");
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* UDP port 7777 on any address; receives give up, and the test fails, at 5s */
static int udp(int family)
{
	struct timeval timeout = { .tv_sec = 5 };
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(7777) };
	struct sockaddr_in any4 = { .sin_family = AF_INET,
				    .sin_port = htons(7777) };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	OK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (family == AF_INET6)
		EQ_INT(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 },
				  sizeof(int)),
		       0);
	if (family == AF_INET)
		EQ_INT(bind(fd, (void *)&any4, sizeof(any4)), 0);
	else
		EQ_INT(bind(fd, (void *)&any, sizeof(any)), 0);
	return fd;
}

static int packet(const char *ifname, uint16_t protocol)
{
	struct timeval timeout = { .tv_sec = 5 };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(protocol));

	OK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	EQ_INT(bind(fd, (void *)&ll, sizeof(ll)), 0);
	return fd;
}

static void build(struct net *n)
{
	int pod = enter(), outside = enter(), host = enter();

	sh("ip link add br0 type bridge\n"
	   "ip link add veth0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
	   "ip link add out0 type veth peer name eth0 netns /proc/%d/fd/%d\n"
	   "ip link set veth0 master br0 up && ip link set br0 up\n"
	   "ip addr add 10.9.0.1/24 dev br0\n"
	   "ip addr add fd09::1/64 dev br0 nodad\n"
	   "ip addr add 192.0.2.1/24 dev out0\n"
	   "ip addr add 2001:db8::1/64 dev out0 nodad\n"
	   "ip link set out0 up\n"
	   "echo 1 >/proc/sys/net/ipv4/ip_forward\n"
	   "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
	   getpid(), pod, getpid(), outside);
	EQ_INT(fw_open(&n->fw), 0);
	n->wire_host = packet("br0", 0x88b5);
	EQ_INT(setns(pod, CLONE_NEWNET), 0);
	sh("ip link set eth0 address 02:00:00:00:00:02 up\n"
	   "ip addr add 10.9.0.2/24 dev eth0\n"
	   "ip addr add fd09::2/64 dev eth0 nodad\n"
	   "ip route add default via 10.9.0.1\n"
	   "ip route add default via fd09::1");
	n->pod[0] = udp(AF_INET);
	n->pod[1] = udp(AF_INET6);
	n->wire_pod = packet("eth0", 0x88b5);
	EQ_INT(setns(outside, CLONE_NEWNET), 0);
	sh("ip addr add 192.0.2.2/24 dev eth0\n"
	   "ip addr add 2001:db8::2/64 dev eth0 nodad\n"
	   "ip link set eth0 up");
	n->outside[0] = udp(AF_INET);
	n->outside[1] = udp(AF_INET6);
	EQ_INT(setns(host, CLONE_NEWNET), 0);
	close(pod);
	close(outside);
	close(host);
}

static void net_close(struct net *n)
{
	fw_close(n->fw);
	for (int i = 0; i < 2; i++) {
		close(n->pod[i]);
		close(n->outside[i]);
	}
	close(n->wire_pod);
	close(n->wire_host);
}

/* The address that a datagram to port 7777 of to is seen to come from. */
static const char *source(int from, int at, const char *to)
{
	static char text[INET6_ADDRSTRLEN];
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(7777) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(7777) };
	struct sockaddr_in6 src;
	socklen_t len = sizeof(src);
	char buf[8];
	ssize_t sent;

	if (inet_pton(AF_INET, to, &v4.sin_addr) == 1) {
		sent = sendto(from, "hello", 5, 0, (void *)&v4, sizeof(v4));
	} else {
		inet_pton(AF_INET6, to, &v6.sin6_addr);
		sent = sendto(from, "hello", 5, 0, (void *)&v6, sizeof(v6));
	}
	EQ_INT(sent, 5);
	if (recvfrom(at, buf, sizeof(buf), 0, (void *)&src, &len) != 5)
		return "nothing";
	if (src.sin6_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)&src)->sin_addr,
			  text, sizeof(text));
	else
		inet_ntop(AF_INET6, &src.sin6_addr, text, sizeof(text));
	return text;
}

static const struct cni_attachment att = { "testnet", "ctr1", "eth0" };

static struct fw_masq at(const char *iif, const char *address)
{
	struct fw_masq m = { .iif = iif };

	EQ_INT(ip_net_parse(address, &m.address), 0);
	return m;
}

static void test_masquerade(void)
{
	struct fw_masq m[] = { at("br0", "10.9.0.2/24"),
			       at("br0", "fd09::2/64") };
	struct net n = { 0 };

	build(&n);
	EQ_INT(fw_masq_add(n.fw, &att, m, 2), 0);
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "192.0.2.1");
	EQ_STR(source(n.pod[1], n.outside[1], "2001:db8::2"), "2001:db8::1");
	net_close(&n);
}

/* of another interface, or another address */
static void test_others(void)
{
	struct fw_masq m[] = { at("br1", "10.9.0.2/24"),
			       at("br0", "10.9.0.3/24"),
			       at("br", "10.9.0.2/24"), at("br0", "fd09::/64"),
			       at("out0", "fd09::2/64") };
	struct net n = { 0 };

	build(&n);
	EQ_INT(fw_masq_add(n.fw, &att, m, ARRAY_SIZE(m)), 0);
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "10.9.0.2");
	EQ_STR(source(n.pod[1], n.outside[1], "2001:db8::2"), "fd09::2");
	net_close(&n);
}

/* A datagram to the inside keeps its address, also where it is routed there. */
static void test_inside(void)
{
	struct fw_masq m = at("br0", "10.9.0.2/1");
	struct net n = { 0 };

	build(&n);
	EQ_INT(fw_masq_add(n.fw, &att, &m, 1), 0);
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "192.0.2.1");
	net_close(&n);
	build(&n);
	EQ_INT(fw_masq_add(n.fw, &att, &m, 1), 0);
	nft("add chain inet cni_masq inside\n"
	    "add rule inet cni_masq inside ip daddr != 192.0.2.0/24 masquerade\n"
	    "delete element inet cni_masq pods4 { br0 . 10.9.0.2 }\n"
	    "add element inet cni_masq pods4 { br0 . 10.9.0.2 : goto inside }");
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "10.9.0.2");
	net_close(&n);
}

/* the same without a rule, to see that the test tells the difference */
static void test_no_masquerade(void)
{
	struct net n = { 0 };

	build(&n);
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "10.9.0.2");
	EQ_STR(source(n.pod[1], n.outside[1], "2001:db8::2"), "fd09::2");
	net_close(&n);
}

static void test_own_address(void)
{
	struct fw_masq m = at("br0", "10.9.0.2/32");
	struct net n = { 0 };

	build(&n);
	EQ_INT(fw_masq_add(n.fw, &att, &m, 1), 0);
	EQ_STR(source(n.pod[0], n.outside[0], "192.0.2.2"), "192.0.2.1");
	EQ_STR(source(n.pod[1], n.outside[1], "2001:db8::2"), "fd09::2");
	net_close(&n);
}

/* A frame of an experimental protocol from this MAC, with one byte of text. */
static void frame(struct net *n, uint8_t last_of_mac, char text)
{
	uint8_t buf[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
			    0,	  0,	0,    0,    0,	  0x88, 0xb5 };

	buf[11] = last_of_mac;
	buf[14] = (uint8_t)text;
	EQ_INT(send(n->wire_pod, buf, sizeof(buf), 0), sizeof(buf));
}

static char received(struct net *n)
{
	uint8_t buf[60];

	return recv(n->wire_host, buf, sizeof(buf), 0) == sizeof(buf)
		       ? (char)buf[14]
		       : '?';
}

/* frames keep their order: what is not seen before the next was dropped */
static void test_spoof(void)
{
	static const struct fw_spoof s = { &att,
					   "veth0",
					   { 2, 0, 0, 0, 0, 2 } };
	struct net n = { 0 };

	build(&n);
	frame(&n, 9, 'a');
	EQ_INT(received(&n), 'a');
	EQ_INT(fw_spoof_add(n.fw, &s), 0);
	frame(&n, 9, 'b');
	frame(&n, 2, 'c');
	EQ_INT(received(&n), 'c');
	EQ_INT(fw_spoof_del(n.fw, &att), 1);
	frame(&n, 9, 'd');
	EQ_INT(received(&n), 'd');
	net_close(&n);
}

TAP_MAIN(TEST(test_no_masquerade), TEST(test_masquerade), TEST(test_others),
	 TEST(test_inside), TEST(test_own_address), TEST(test_spoof))
