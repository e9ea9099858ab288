// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor.c - what the kernel alone takes for an ADD and a DEL: the same links,
 * addresses and routes by raw rtnetlink, one process for each call
 *
 * It is called as a plugin is, with CNI_COMMAND, CNI_CONTAINERID (a letter and
 * a number), CNI_NETNS and CNI_IFNAME, and reads from stdin
 *
 *   BRIDGE A.B.C.D    bridge, and gateway of the subnet A.B.0.0/16
 *
 * The container's address is A.B.200.0 plus the number. It asks for nothing,
 * waits for nothing, keeps nothing and undoes nothing. A request that fails
 * ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr h;
	char buf[2048];
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void begin(struct request *r, int type, int flags, const void *header,
		  size_t len)
{
	memset(r, 0, sizeof(*r));
	r->h.nlmsg_type = (uint16_t)type;
	r->h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	r->h.nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	memcpy(NLMSG_DATA(&r->h), header, len);
}

static struct rtattr *put(struct request *r, int type, const void *data,
			  size_t len)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = (unsigned short)type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void put_u32(struct request *r, int type, uint32_t value)
{
	put(r, type, &value, sizeof(value));
}

static void put_text(struct request *r, int type, const char *text)
{
	put(r, type, text, strlen(text) + 1);
}

static void end(struct request *r, struct rtattr *nest)
{
	nest->rta_len =
		(unsigned short)((char *)r + r->h.nlmsg_len - (char *)nest);
}

static void ask(int fd, struct request *r, const char *what)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[4096];
	} answer;

	if (send(fd, r, r->h.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		die(what);
	errno = -answer.e.error;
	if (answer.h.nlmsg_type != NLMSG_ERROR || errno)
		die(what);
}

static int open_route(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &(int){ 1 },
				 sizeof(int)) < 0)
		die("rtnetlink");
	return fd;
}

static int open_route_at(int netns)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (own < 0 || setns(netns, CLONE_NEWNET) < 0)
		die("namespace");
	fd = open_route();
	if (setns(own, CLONE_NEWNET) < 0)
		die("own namespace");
	close(own);
	return fd;
}

static void add_veth(int fd, const char *name, const char *peer, int netns,
		     const uint8_t mac[6])
{
	static const uint8_t own[6] = { 2, 0, 0, 0, 0, 1 };
	struct ifinfomsg ifi = { 0 };
	struct rtattr *info, *data, *nest;
	struct request r;

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	put_text(&r, IFLA_IFNAME, name);
	put(&r, IFLA_ADDRESS, own, sizeof(own));
	info = put(&r, IFLA_LINKINFO, NULL, 0);
	put_text(&r, IFLA_INFO_KIND, "veth");
	data = put(&r, IFLA_INFO_DATA, NULL, 0);
	nest = put(&r, VETH_INFO_PEER, &ifi, sizeof(ifi));
	put_text(&r, IFLA_IFNAME, peer);
	put(&r, IFLA_ADDRESS, mac, 6);
	put_u32(&r, IFLA_NET_NS_FD, (uint32_t)netns);
	end(&r, nest);
	end(&r, data);
	end(&r, info);
	ask(fd, &r, "veth");
}

/* By its name, so that nobody has to ask for its index. */
static void up(int fd, const char *name, unsigned master)
{
	struct ifinfomsg ifi = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request r;

	begin(&r, RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	put_text(&r, IFLA_IFNAME, name);
	if (master)
		put_u32(&r, IFLA_MASTER, master);
	ask(fd, &r, name);
}

static unsigned index_of(int fd, const char *name)
{
	struct ifinfomsg ifi = { 0 };
	struct {
		struct nlmsghdr h;
		struct ifinfomsg ifi;
		char rest[8192];
	} answer;
	struct request r;

	begin(&r, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	r.h.nlmsg_flags = NLM_F_REQUEST;
	put_text(&r, IFLA_IFNAME, name);
	put_u32(&r, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (send(fd, &r, r.h.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0 ||
	    answer.h.nlmsg_type != RTM_NEWLINK)
		die(name);
	return (unsigned)answer.ifi.ifi_index;
}

static void add_address(int fd, unsigned index, struct in_addr ip)
{
	struct ifaddrmsg ifa = { .ifa_family = AF_INET,
				 .ifa_prefixlen = 16,
				 .ifa_index = index };
	struct in_addr broadcast = { ip.s_addr | htonl(0xffff) };
	struct request r;

	begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));
	put(&r, IFA_LOCAL, &ip, sizeof(ip));
	put(&r, IFA_ADDRESS, &ip, sizeof(ip));
	put(&r, IFA_BROADCAST, &broadcast, sizeof(broadcast));
	ask(fd, &r, "address");
}

static void add_route(int fd, unsigned index, struct in_addr gw)
{
	struct rtmsg rtm = { .rtm_family = AF_INET,
			     .rtm_table = RT_TABLE_MAIN,
			     .rtm_protocol = RTPROT_BOOT,
			     .rtm_scope = RT_SCOPE_UNIVERSE,
			     .rtm_type = RTN_UNICAST };
	struct request r;

	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &rtm, sizeof(rtm));
	put(&r, RTA_GATEWAY, &gw, sizeof(gw));
	put_u32(&r, RTA_OIF, index);
	ask(fd, &r, "route");
}

static void add(const char *name, const char *ifname, const char *bridge,
		struct in_addr gw, unsigned number)
{
	int netns = open(getenv("CNI_NETNS"), O_RDONLY | O_CLOEXEC);
	struct in_addr ip = { (gw.s_addr & htonl(0xffff0000)) |
			      htonl((200 << 8) + number) };
	uint8_t mac[6] = { 0x0a, 0x58 };
	int host, cont;
	unsigned index;

	if (netns < 0)
		die("CNI_NETNS");
	host = open_route();
	cont = open_route_at(netns);
	memcpy(mac + 2, &ip, 4);
	add_veth(host, name, ifname, netns, mac);
	up(host, name, index_of(host, bridge));
	index = index_of(cont, ifname);
	add_address(cont, index, ip);
	up(cont, ifname, 0);
	add_route(cont, index, gw);
}

static void del(const char *name)
{
	struct ifinfomsg ifi = { 0 };
	int fd = open_route();
	struct request r;

	begin(&r, RTM_DELLINK, 0, &ifi, sizeof(ifi));
	put_text(&r, IFLA_IFNAME, name);
	ask(fd, &r, name);
}

int main(void)
{
	const char *id = getenv("CNI_CONTAINERID"), *verb;
	char bridge[IFNAMSIZ], gw[32], name[IFNAMSIZ];
	struct in_addr ip;
	unsigned number;

	verb = getenv("CNI_COMMAND");
	if (!id || !verb || !getenv("CNI_NETNS") || !getenv("CNI_IFNAME") ||
	    scanf("%15s %31s", bridge, gw) != 2 || !inet_aton(gw, &ip)) {
		fputs("floor: not called as a plugin is\n", stderr);
		return 2;
	}
	number = (unsigned)strtoul(id + 1, NULL, 10);
	snprintf(name, sizeof(name), "floor%u", number % 10000);
	if (strcmp(verb, "ADD") == 0)
		add(name, getenv("CNI_IFNAME"), bridge, ip, number);
	else
		del(name);
	return 0;
}
