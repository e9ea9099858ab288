// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route-request.c - requests to the letter, where this kernel overlooks what
 * is too much or knows nothing of it, and refusals without a word
 */
/* first: the kernel has the same structures, where no libc has them yet */
#include <netinet/in.h>

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/auto.h"
#include "failing-malloc.h"
#include "route-test.h"
#include "route/addr.h"
#include "route/vlan.h"

/* --- the kernel, as it is told to be ---------------------------------------
 */

static bool silent; /* its refusals have no words */
static union {
	struct nlmsghdr h;
	char bytes[1024];
} sent; /* the last request */

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	size_t len = msg->msg_iov[0].iov_len;

	memset(&sent, 0, sizeof(sent));
	OK(len <= sizeof(sent));
	if (len <= sizeof(sent))
		memcpy(sent.bytes, msg->msg_iov[0].iov_base, len);
	return syscall(SYS_sendmsg, fd, msg, flags);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct nlmsghdr *h = msg->msg_iov[0].iov_base;

	if (silent && n >= (ssize_t)sizeof(*h) && h->nlmsg_type == NLMSG_ERROR)
		h->nlmsg_flags &= (uint16_t)~NLM_F_ACK_TLVS;
	return n;
}

/* --- what was asked --------------------------------------------------------
 */

/* The nth of that type among those in len bytes, or NULL. */
static const struct rtattr *attr_in(const void *data, int len, int type, int n)
{
	const struct rtattr *a = data;

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type && n-- == 0)
			return a;
	return NULL;
}

/* The same in the last request, after its header of that size. */
static const struct rtattr *attr(size_t header, int type)
{
	const char *data = (const char *)NLMSG_DATA(&sent.h);

	header = NLMSG_ALIGN(header);
	return attr_in(data + header, (int)NLMSG_PAYLOAD(&sent.h, header), type,
		       0);
}

static const struct rtattr *inside(const struct rtattr *nest, int type, int n)
{
	return nest ? attr_in(RTA_DATA(nest), (int)RTA_PAYLOAD(nest), type, n)
		    : NULL;
}

/* The number in an attribute, of that type; -1 where there is none. */
#define NUMBER(a, type)                                                        \
	((a) && RTA_PAYLOAD(a) >= sizeof(type) ? *(const type *)RTA_DATA(a)    \
					       : (type)-1)

/* --- addresses -------------------------------------------------------------
 */

/* IPv4 addresses of a /31 or /32 have no broadcast address either. */
static void no_ipv6_address_has_a_broadcast_address(void)
{
	static const struct {
		const char *net;
		bool broadcast, nodad;
	} t[] = {
		{ "10.9.0.1/24", true, false },
		{ "10.8.0.1/30", true, false },
		{ "10.7.0.1/31", false, false },
		{ "10.6.0.1/32", false, false },
		{ "fd09::1/64", false, true },
		{ "fd08::1/24", false, true },
	};
	AUTO(rt) struct rt *rt = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct ip_net net = net_of(t[i].net);
		const size_t header = sizeof(struct ifaddrmsg);

		EQ_INT(rt_addr_add(rt, 1, &net, false), 0);
		OK(attr(header, IFA_LOCAL) && attr(header, IFA_ADDRESS));
		EQ_INT(!!attr(header, IFA_BROADCAST), t[i].broadcast);
		EQ_INT(NUMBER(attr(header, IFA_FLAGS), unsigned),
		       t[i].nodad ? IFA_F_NODAD : -1u);
		EQ_INT(rt_addr_add(rt, 1, &net, true), -EEXIST);
		OK(!attr(header, IFA_FLAGS));
	}
}

/* EACCES, unexplained by older kernels, is explained, and nothing else. */
static void ipv6_that_is_off_is_the_reason_where_it_is(void)
{
	AUTO(rt) struct rt *rt = fresh();
	struct ip_net net = net_of("fd09::1/64");

	EQ_INT(rt_addr_add(rt, 1, &net, false), 0);
	silent = true;
	EQ_INT(rt_addr_add(rt, 1, &net, false), -EEXIST);
	EQ_STR(rt_reason(rt), "");
	EQ_INT(rt_addr_add(rt, 4711, &net, false), -ENODEV);
	EQ_STR(rt_reason(rt), "");
	sh("echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6");
	EQ_INT(rt_addr_add(rt, 1, &net, false), -EACCES);
	EQ_STR(rt_reason(rt), "IPv6 is disabled on this device");
	silent = false;
}

/* --- VLANs -----------------------------------------------------------------
 */

struct vlans {
	int (*ask)(struct rt *rt);
	int type;
	int entries;
	struct bridge_vlan_info info[2];
	unsigned self; /* BRIDGE_FLAGS_SELF, or as NUMBER() */
};

static int add_one(struct rt *rt)
{
	return rt_vlan_add(rt, 1, 100, 100, true);
}

static int add_run(struct rt *rt)
{
	return rt_vlan_add(rt, 1, 20, 21, false);
}

static int del_one(struct rt *rt)
{
	return rt_vlan_del(rt, 1, 1, 1);
}

static int add_self(struct rt *rt)
{
	return rt_vlan_add_self(rt, 1, 4094);
}

#define NO_SELF 0xffff
#define UNTAGGED_HERE (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED)

static const struct vlans vlans[] = {
	{ add_one, RTM_SETLINK, 1, { { UNTAGGED_HERE, 100 } }, NO_SELF },
	{ add_run,
	  RTM_SETLINK,
	  2,
	  { { BRIDGE_VLAN_INFO_RANGE_BEGIN, 20 },
	    { BRIDGE_VLAN_INFO_RANGE_END, 21 } },
	  NO_SELF },
	{ del_one, RTM_DELLINK, 1, { { 0, 1 } }, NO_SELF },
	{ add_self, RTM_SETLINK, 1, { { 0, 4094 } }, BRIDGE_FLAGS_SELF },
};

/* lo is no port: it is refused, by a kernel that knows of VLANs or not. */
static void vlans_of_a_port_are_asked_for_as_the_bridge_wants_it(void)
{
	AUTO(rt) struct rt *rt = fresh();

	for (size_t i = 0; i < ARRAY_SIZE(vlans); i++) {
		const struct vlans *v = &vlans[i];
		const struct ifinfomsg *ifi = NLMSG_DATA(&sent.h);
		const struct rtattr *spec;

		EQ_INT(v->ask(rt), -EOPNOTSUPP);
		EQ_INT(sent.h.nlmsg_type, v->type);
		EQ_INT(ifi->ifi_family, AF_BRIDGE);
		EQ_INT(ifi->ifi_index, 1);
		spec = attr(sizeof(*ifi), IFLA_AF_SPEC);
		EQ_INT(NUMBER(inside(spec, IFLA_BRIDGE_FLAGS, 0), uint16_t),
		       v->self);
		for (int k = 0; k < v->entries; k++) {
			const struct rtattr *a =
				inside(spec, IFLA_BRIDGE_VLAN_INFO, k);

			OK(a && RTA_PAYLOAD(a) == sizeof(v->info[k]) &&
			   memcmp(RTA_DATA(a), &v->info[k],
				  sizeof(v->info[k])) == 0);
		}
		OK(!inside(spec, IFLA_BRIDGE_VLAN_INFO, v->entries));
		fail_at = 1;
		count = 0;
		EQ_INT(v->ask(rt), -ENOMEM);
		fail_at = 0;
	}
}

/* The link is one there is not, so that no kernel makes it. */
static void an_interface_of_a_vlan_is_asked_for(void)
{
	AUTO(rt) struct rt *rt = fresh();
	const struct rtattr *info, *a;

	OK(rt_vlan_link_add(rt, "br0.100", 4711, 100) < 0);
	EQ_INT(sent.h.nlmsg_type, RTM_NEWLINK);
	EQ_INT(sent.h.nlmsg_flags & (NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE),
	       NLM_F_CREATE | NLM_F_EXCL);
	EQ_INT(NUMBER(attr(sizeof(struct ifinfomsg), IFLA_LINK), unsigned),
	       4711);
	a = attr(sizeof(struct ifinfomsg), IFLA_IFNAME);
	EQ_STR(a ? RTA_DATA(a) : "", "br0.100");
	info = attr(sizeof(struct ifinfomsg), IFLA_LINKINFO);
	a = inside(info, IFLA_INFO_KIND, 0);
	EQ_STR(a ? RTA_DATA(a) : "", "vlan");
	a = inside(inside(info, IFLA_INFO_DATA, 0), IFLA_VLAN_ID, 0);
	EQ_INT(NUMBER(a, uint16_t), 100);
	fail_at = 1;
	count = 0;
	EQ_INT(rt_vlan_link_add(rt, "br0.100", 4711, 100), -ENOMEM);
	fail_at = 0;
}

/* --- MACs as text ----------------------------------------------------------
 */

/* A separator is the same between all numbers of a MAC. */
static void a_mac_has_one_separator(void)
{
	static const char *const good[] = { "02:00:00:00:00:01",
					    "02-00-00-00-00-01",
					    "0200.0000.0001" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char text[MAC_STRLEN];
		uint8_t mac[MAC_LEN];

		snprintf(text, sizeof(text), "%s", good[i]);
		for (size_t k = 0; text[k]; k++) {
			if (strchr("0123456789", good[i][k]))
				continue;
			for (int c = 1; c < 256; c++) {
				text[k] = (char)c;
				EQ_INT(mac_parse(text, mac),
				       text[k] == good[i][k] ? 0 : -EINVAL);
			}
			text[k] = good[i][k];
		}
	}
}

TAP_MAIN(TEST(no_ipv6_address_has_a_broadcast_address),
	 TEST(ipv6_that_is_off_is_the_reason_where_it_is),
	 TEST(vlans_of_a_port_are_asked_for_as_the_bridge_wants_it),
	 TEST(an_interface_of_a_vlan_is_asked_for),
	 TEST(a_mac_has_one_separator))
