// SPDX-License-Identifier: GPL-2.0-or-later
/* addr.c - addresses of a link, and neighbours */
#include "route/addr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "route/attr.h"

static struct nl_msg *addr_msg(int type, int flags, int index,
			       const struct ip_net *net, uint8_t scope)
{
	struct ifaddrmsg ifa = { .ifa_family = net->addr.family,
				 .ifa_prefixlen = net->plen,
				 .ifa_scope = scope,
				 .ifa_index = (uint32_t)index };

	return rt_msg(type, flags, &ifa, sizeof(ifa));
}

static int add(struct rt *rt, int index, const struct rt_addr *addr)
{
	const struct ip_net *net = &addr->net;
	struct nl_msg *m = addr_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
				    index, net, addr->scope);
	int bad = 0;
	int r;

	if (!m)
		return -ENOMEM;
	bad |= attr_put_ip(m, IFA_LOCAL, &net->addr);
	bad |= attr_put_ip(m, IFA_ADDRESS, &net->addr);
	if (ip_is_set(&addr->brd))
		bad |= attr_put_ip(m, IFA_BROADCAST, &addr->brd);
	if (*addr->label)
		bad |= nla_put_string(m, IFA_LABEL, addr->label);
	if (addr->flags)
		bad |= nla_put_u32(m, IFA_FLAGS, addr->flags);
	r = rt_call(rt, m, bad);
	/* so newer kernels say; older ones (6.1) say no more than EACCES */
	if (r == -EACCES && net->addr.family == AF_INET6)
		rt_explain(rt, "IPv6 is disabled on this device");
	return r;
}

int rt_addr_add(struct rt *rt, int index, const struct ip_net *net,
		unsigned flags)
{
	struct rt_addr addr = { .net = *net };

	if (net->addr.family == AF_INET && net->plen < 31)
		addr.brd = ip_net_last(net);
	if (net->addr.family == AF_INET6 && !(flags & RT_ADDR_DAD))
		addr.flags |= IFA_F_NODAD;
	if (flags & RT_ADDR_NO_ROUTE)
		addr.flags |= IFA_F_NOPREFIXROUTE;
	return add(rt, index, &addr);
}

int rt_addr_restore(struct rt *rt, int index, const struct rt_addr *addr)
{
	struct rt_addr copy = *addr;

	/* the others are the kernel's to find out */
	copy.flags &= IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |
		      IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
	if (copy.net.addr.family == AF_INET6)
		copy.flags |= IFA_F_NODAD;
	return add(rt, index, &copy);
}

int rt_addr_del(struct rt *rt, int index, const struct ip_net *net)
{
	struct nl_msg *m = addr_msg(RTM_DELADDR, 0, index, net, 0);
	int bad = 0;

	if (!m)
		return -ENOMEM;
	bad |= attr_put_ip(m, IFA_LOCAL, &net->addr);
	bad |= attr_put_ip(m, IFA_ADDRESS, &net->addr);
	return rt_call(rt, m, bad);
}

struct list {
	int index;
	struct rt_addr *v;
	size_t n;
};

/* Only IPv4 has one. */
static void get_broadcast(const struct nlattr *a, struct ip_addr *ret)
{
	if (!a || nla_len(a) != 4)
		return;
	ret->family = AF_INET;
	memcpy(ret->b, nla_data(a), 4);
}

static int collect(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *ifa = nlmsg_data(h);
	struct nlattr *tb[IFA_MAX + 1];
	struct list *list = arg;
	struct rt_addr *v, *a;
	struct nlattr *ip;

	if (h->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*ifa), tb, IFA_MAX, NULL) <
		    0)
		return -EBADMSG;
	/* the kernel has addresses of other families, too */
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return 0;
	/* on point-to-point links IFA_ADDRESS is the other end's */
	ip = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if ((int)ifa->ifa_index != list->index || !ip ||
	    (unsigned)nla_len(ip) != ip_bytes(ifa->ifa_family) ||
	    ifa->ifa_prefixlen > ip_bits(ifa->ifa_family))
		return 0;
	v = realloc(list->v, (list->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	a = &v[list->n++];
	/* ifa_flags is the lower part of IFA_FLAGS */
	*a = (struct rt_addr){ .flags = ifa->ifa_flags |
					attr_u32(tb[IFA_FLAGS]) };
	a->net.addr.family = ifa->ifa_family;
	a->net.plen = ifa->ifa_prefixlen;
	memcpy(a->net.addr.b, nla_data(ip), (size_t)nla_len(ip));
	a->scope = ifa->ifa_scope;
	get_broadcast(tb[IFA_BROADCAST], &a->brd);
	if (tb[IFA_LABEL])
		nla_strlcpy(a->label, tb[IFA_LABEL], sizeof(a->label));
	return 0;
}

static struct nl_msg *list_msg(int netns, int index, int family)
{
	struct ifaddrmsg ifa = { .ifa_family = (uint8_t)family,
				 .ifa_index = (uint32_t)index };
	struct nl_msg *m = rt_msg(RTM_GETADDR, NLM_F_DUMP, &ifa, sizeof(ifa));

	/* it is small, and fits */
	if (m && netns >= 0)
		(void)nla_put_u32(m, IFA_TARGET_NETNSID, (uint32_t)netns);
	return m;
}

int rt_addr_list_in(struct rt *rt, int netns, int index, int family,
		    struct rt_addr **ret, size_t *ret_n)
{
	struct list list = { .index = index };
	unsigned round = 0;
	int r;

	do {
		list.n = 0;
		r = rt_get(rt, list_msg(netns, index, family), 0, collect,
			   &list);
	} while (rt_retry(r, &round));
	if (r < 0) {
		free(list.v);
		return r;
	}
	*ret = list.v;
	*ret_n = list.n;
	return 0;
}

int rt_addr_list(struct rt *rt, int index, int family, struct rt_addr **ret,
		 size_t *ret_n)
{
	return rt_addr_list_in(rt, -1, index, family, ret, ret_n);
}

bool rt_addr_has(const struct rt_addr *list, size_t n,
		 const struct ip_net *want)
{
	for (size_t i = 0; i < n; i++)
		if (ip_net_equal(&list[i].net, want))
			return !(list[i].flags & IFA_F_DADFAILED);
	return false;
}

static int get_mac(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NDA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWNEIGH ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct ndmsg), tb, NDA_MAX,
			NULL) < 0)
		return -EBADMSG;
	if (tb[NDA_LLADDR] && nla_len(tb[NDA_LLADDR]) == MAC_LEN)
		memcpy(arg, nla_data(tb[NDA_LLADDR]), MAC_LEN);
	return 0;
}

int rt_neigh_get(struct rt *rt, int index, const struct ip_addr *ip,
		 uint8_t mac[MAC_LEN])
{
	struct ndmsg nd = { .ndm_family = ip->family, .ndm_ifindex = index };
	struct nl_msg *m = rt_msg(RTM_GETNEIGH, 0, &nd, sizeof(nd));
	int bad = m ? attr_put_ip(m, NDA_DST, ip) : 0;

	memset(mac, 0, MAC_LEN);
	return rt_get(rt, m, bad, get_mac, mac);
}

int rt_neigh_del(struct rt *rt, int index, const struct ip_addr *ip)
{
	struct ndmsg nd = { .ndm_family = ip->family, .ndm_ifindex = index };
	struct nl_msg *m = rt_msg(RTM_DELNEIGH, 0, &nd, sizeof(nd));

	return rt_call(rt, m, m ? attr_put_ip(m, NDA_DST, ip) : 0);
}
