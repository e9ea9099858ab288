// SPDX-License-Identifier: GPL-2.0-or-later
/* range.c - validation and arithmetic of address ranges */
#include "range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void range_set_done(struct range_set *set)
{
	free(set->v);
	*set = (struct range_set){ 0 };
}

int range_set_add(struct range_set *set, const struct range *r)
{
	struct range *v = realloc(set->v, (set->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	set->v = v;
	v[set->n++] = *r;
	return 0;
}

static int check_subnet(const struct ip_net *n, struct cni_err *err)
{
	struct ip_addr first = ip_net_first(n);
	char a[IP_STRLEN];

	if (!ip_is_set(&n->addr))
		return cni_fail(err, CNI_ECONF, 0, "IP <nil> not v4 nor v6");
	if (ip_is_mapped(&n->addr))
		return cni_fail(err, CNI_ECONF, 0,
				"IPNet IP and Mask version mismatch");
	if (ip_cmp(&first, &n->addr) != 0)
		return cni_fail(err, CNI_ECONF, 0,
				"Network has host bits set. For a subnet mask "
				"of length %u the network address is %s",
				n->plen, ip_format(&first, a));
	return 0;
}

/* gateway, start and end where the configuration leaves them to us */
static void set_defaults(struct range *r)
{
	struct ip_addr first = ip_net_first(&r->subnet);
	struct ip_addr last = ip_net_last(&r->subnet);

	if (r->subnet.plen + 1u < ip_bits(r->subnet.addr.family)) {
		first = ip_next(first);
		if (!ip_is_set(&r->gateway))
			r->gateway = first;
		if (r->subnet.addr.family == AF_INET)
			last = ip_prev(last);
	}
	if (!ip_is_set(&r->start))
		r->start = first;
	if (!ip_is_set(&r->end))
		r->end = last;
}

int range_complete(struct range *r, struct cni_err *err)
{
	char a[IP_STRLEN], n[IP_STRLEN];
	bool has_start = ip_is_set(&r->start), has_end = ip_is_set(&r->end);
	bool upside_down;

	if (check_subnet(&r->subnet, err) < 0)
		return -1;
	set_defaults(r);
	upside_down = has_start && ip_cmp(&r->start, &r->end) > 0;
	ip_net_format(&r->subnet, n);
	if (!ip_net_contains(&r->subnet, &r->start) || (upside_down && has_end))
		return cni_fail(err, CNI_ECONF, 0,
				"RangeStart %s not in network %s",
				ip_format(&r->start, a), n);
	if (upside_down)
		return cni_fail(err, CNI_ECONF, 0,
				"RangeStart %s is the broadcast address of %s, "
				"which needs a RangeEnd",
				ip_format(&r->start, a), n);
	if (!ip_net_contains(&r->subnet, &r->end) ||
	    ip_cmp(&r->start, &r->end) > 0)
		return cni_fail(err, CNI_ECONF, 0,
				"RangeEnd %s not in network %s",
				ip_format(&r->end, a), n);
	return 0;
}

bool range_contains(const struct range *r, const struct ip_addr *ip)
{
	return ip->family == r->start.family && ip_cmp(&r->start, ip) <= 0 &&
	       ip_cmp(ip, &r->end) <= 0;
}

bool range_overlaps(const struct range *a, const struct range *b)
{
	return range_contains(a, &b->start) || range_contains(b, &a->start);
}

bool range_set_overlaps(const struct range_set *a, const struct range_set *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			if (range_overlaps(&a->v[i], &b->v[j]))
				return true;
	return false;
}

static int fail_overlap(const struct range *a, const struct range *b,
			struct cni_err *err)
{
	char s[4][IP_STRLEN];

	return cni_fail(err, CNI_ECONF, 0, "subnets %s-%s and %s-%s overlap",
			ip_format(&a->start, s[0]), ip_format(&a->end, s[1]),
			ip_format(&b->start, s[2]), ip_format(&b->end, s[3]));
}

int range_set_check(const struct range_set *set, struct cni_err *err)
{
	if (set->n == 0)
		return cni_fail(err, CNI_ECONF, 0, "empty range set");
	for (size_t i = 1; i < set->n; i++)
		if (set->v[i].start.family != set->v[0].start.family)
			return cni_fail(err, CNI_ECONF, 0,
					"mixed address families");
	for (size_t i = 0; i < set->n; i++)
		for (size_t j = i + 1; j < set->n; j++)
			if (range_overlaps(&set->v[i], &set->v[j]))
				return fail_overlap(&set->v[i], &set->v[j],
						    err);
	return 0;
}

const struct range *range_set_find(const struct range_set *set,
				   const struct ip_addr *ip)
{
	for (size_t i = 0; i < set->n; i++)
		if (range_contains(&set->v[i], ip))
			return &set->v[i];
	return NULL;
}

static bool is_gateway(const struct range *r, const struct ip_addr *ip)
{
	return ip_cmp(&r->gateway, ip) == 0;
}

bool range_set_offers(const struct range_set *set, const struct ip_addr *ip)
{
	const struct range *r = range_set_find(set, ip);

	return r && !is_gateway(r, ip);
}

/* the number of addresses from start to end, at most UINT64_MAX */
static uint64_t count(const struct range *r)
{
	unsigned bytes = ip_bits(r->start.family) / 8;
	uint64_t high = 0, low = 0;
	int borrow = 0;

	/* end - start, byte by byte from the last one */
	for (unsigned i = bytes; i-- > 0;) {
		int d = r->end.b[i] - r->start.b[i] - borrow;
		unsigned shift = 8 * (bytes - 1 - i);

		borrow = d < 0;
		if (shift < 64)
			low |= (uint64_t)(uint8_t)d << shift;
		else
			high |= (uint64_t)(uint8_t)d << (shift - 64);
	}
	return high || low == UINT64_MAX ? UINT64_MAX : low + 1;
}

uint64_t range_set_size(const struct range_set *set)
{
	uint64_t all = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct range *r = &set->v[i];
		uint64_t n = count(r);

		if (n != UINT64_MAX && range_contains(r, &r->gateway))
			n--;
		all = n > UINT64_MAX - all ? UINT64_MAX : all + n;
	}
	return all;
}

char *range_set_format(const struct range_set *set, char *buf, size_t size)
{
	char a[IP_STRLEN], b[IP_STRLEN];
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < set->n && len < size - 1; i++) {
		snprintf(buf + len, size - len, "%s%s-%s", i ? "," : "",
			 ip_format(&set->v[i].start, a),
			 ip_format(&set->v[i].end, b));
		len += strlen(buf + len);
	}
	return buf;
}

void range_walk_start(struct range_walk *w, const struct range_set *set,
		      const struct ip_addr *last)
{
	const struct range *r = range_set_find(set, last);

	/* just before the first range: its predecessor is the last one's end */
	if (!r)
		r = &set->v[set->n - 1];
	*w = (struct range_walk){ .set = set, .at = (size_t)(r - set->v) };
	w->cur = range_contains(r, last) ? *last : r->end;
}

/* one step on, around at the end */
static void step(struct range_walk *w)
{
	if (ip_cmp(&w->cur, &w->set->v[w->at].end) != 0) {
		w->cur = ip_next(w->cur);
		return;
	}
	w->at = (w->at + 1) % w->set->n;
	w->cur = w->set->v[w->at].start;
}

const struct range *range_walk_next(struct range_walk *w, struct ip_addr *ret)
{
	const struct range *r;

	do {
		step(w);
		if (!w->started)
			w->first = w->cur;
		else if (ip_cmp(&w->cur, &w->first) == 0)
			return NULL;
		w->started = true;
		r = &w->set->v[w->at];
	} while (is_gateway(r, &w->cur));
	*ret = w->cur;
	return r;
}
