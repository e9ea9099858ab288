// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - values of a sandbox: read, set, put back, checked */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/check.h"
#include "base/netns.h"
#include "base/sysctl.h"
#include "values.h"

/* What is done inside the sandbox: there, net below /proc/sys is its own. */
struct job {
	int (*fn)(const struct job *job);
	const struct sandbox *s;
	const struct values *v;
	struct values *ret;
	struct cni_err *err;
	bool entered;
};

static int run_job(void *arg)
{
	struct job *job = arg;

	job->entered = true;
	return job->fn(job);
}

/* Returns 0, or -1 after cni_fail(). */
static int enter(struct job *job)
{
	int r;

	if (job->v->n == 0)
		return 0;
	r = ns_run(job->s->call->sandbox, run_job, job);
	if (!job->entered)
		cni_fail(job->err, CNI_EKERNEL, r, "cannot enter netns \"%s\"",
			 job->s->call->netns);
	return r < 0 ? -1 : 0;
}

/* Whether the kernel says, and always will, that it cannot be as it was. */
static bool is_final(int r)
{
	return r == -ENODEV || r == -ENOENT || r == -EINVAL || r == -ERANGE ||
	       r == -EROFS || r == -EBUSY || r == -EOPNOTSUPP ||
	       r == -EADDRNOTAVAIL || r == -ENOTDIR;
}

static int find_link(const struct sandbox *s, struct rt_link *ret,
		     struct cni_err *err)
{
	const char *name = s->call->att.ifname;
	int r = rt_link_get(s->cont, name, ret);

	return r < 0 ? rt_fail(err, s->cont, r, "cannot find %s", name) : 0;
}

/* --- reading ---------------------------------------------------------------
 */

static int read_sysctls(const struct job *job)
{
	for (size_t i = 0; i < job->v->n; i++) {
		const char *name = job->v->sysctl[i].name;
		AUTO(str) char *value = NULL;
		int r = sysctl_read(job->s->sys, name, &value);

		if (r == -ENODATA)
			continue;
		if (r == 0)
			r = values_put_sysctl(job->ret, name, value);
		if (r < 0)
			return cni_fail(job->err, CNI_EKERNEL, r,
					"cannot read /proc/sys/%s", name);
	}
	return 0;
}

static void take_link(const struct rt_link *link, const struct values *want,
		      struct values *ret)
{
	if (want->mac.given) {
		ret->mac.given = true;
		memcpy(ret->mac.b, link->mac, MAC_LEN);
	}
	if (want->mtu)
		ret->mtu = link->mtu;
	ret->mask = want->mask;
	ret->flags = link->flags & want->mask;
	ret->has_txqlen = want->has_txqlen;
	ret->txqlen = want->has_txqlen ? link->txqlen : 0;
}

int values_read(const struct sandbox *s, const struct values *want,
		struct values *ret, struct cni_err *err)
{
	struct job job = { read_sysctls, s, want, ret, err, false };
	struct rt_link link;

	if (values_of_link(want)) {
		if (find_link(s, &link, err) < 0)
			return -1;
		take_link(&link, want, ret);
	}
	return enter(&job);
}

static int read_notify(const struct job *job)
{
	for (size_t i = 0; i < job->v->n; i++) {
		const struct sysctl *c = &job->v->sysctl[i];
		AUTO(str) char *value = NULL;
		int r = sysctl_read(job->s->sys, c->name, &value);

		/* without IPv6 there is none */
		if (r < 0 && is_final(r))
			continue;
		if (r == 0 && strcmp(value, c->value) != 0)
			r = values_put_sysctl(job->ret, c->name, value);
		if (r < 0)
			return cni_fail(job->err, CNI_EKERNEL, r,
					"cannot read /proc/sys/%s", c->name);
	}
	return 0;
}

/* Those that want has not: each is to be 1. Returns 0 or -ENOMEM. */
static int list_notify(const struct sandbox *s, const struct values *want,
		       struct values *ret)
{
	const char *ifname = s->call->att.ifname;
	char v4[64], v6[64];
	int r = 0;

	snprintf(v4, sizeof(v4), "net/ipv4/conf/%s/arp_notify", ifname);
	snprintf(v6, sizeof(v6), "net/ipv6/conf/%s/ndisc_notify", ifname);
	if (!values_sysctl(want, v4))
		r = values_put_sysctl(ret, v4, "1");
	if (r == 0 && !values_sysctl(want, v6))
		r = values_put_sysctl(ret, v6, "1");
	return r;
}

int values_announce(const struct sandbox *s, const struct values *want,
		    struct values *now, struct values *ret, struct cni_err *err)
{
	AUTO(values) struct values all = { 0 }, old = { 0 };
	struct job job = { read_notify, s, &all, &old, err, false };
	bool more;
	int r;

	if (!want->mac.given || memcmp(want->mac.b, now->mac.b, MAC_LEN) == 0)
		return 0;
	r = list_notify(s, want, &all);
	if (r == 0 && enter(&job) < 0)
		return -1;
	for (size_t i = 0; i < old.n && r == 0; i++)
		r = values_put_sysctl(ret, old.sysctl[i].name, "1");
	if (r == 0)
		r = values_add(now, &old, &more);
	return r < 0 ? cni_fail(err, CNI_EINTERNAL, 0, "out of memory") : 0;
}

/* --- setting ---------------------------------------------------------------
 */

static int set_sysctls(const struct job *job)
{
	for (size_t i = 0; i < job->v->n; i++) {
		const struct sysctl *c = &job->v->sysctl[i];
		int r = sysctl_write(job->s->sys, c->name, c->value);

		if (r < 0)
			return cni_fail(job->err, CNI_EKERNEL, r,
					"cannot write /proc/sys/%s", c->name);
	}
	return 0;
}

/* A change of the link, and what it is called. */
struct change {
	const char *what;
	struct rt_change c;
};

#define CHANGES 5

/*
 * The changes that give link what v has and it has not, in the reference's
 * order. Each is a request of its own: what fails is known by its name.
 */
static size_t list_changes(const struct values *v, const struct rt_link *link,
			   struct change ret[CHANGES])
{
	unsigned flags = (link->flags ^ v->flags) & v->mask;
	size_t n = 0;

	if (v->mac.given && memcmp(v->mac.b, link->mac, MAC_LEN) != 0)
		ret[n++] = (struct change){ "MAC", { .mac = v->mac.b } };
	if (flags & IFF_PROMISC)
		ret[n++] = (struct change){ "promiscuous mode",
					    { .mask = IFF_PROMISC,
					      .flags = v->flags } };
	if (v->mtu && v->mtu != link->mtu)
		ret[n++] = (struct change){ "MTU", { .mtu = v->mtu } };
	if (flags & IFF_ALLMULTI)
		ret[n++] = (struct change){ "all-multicast mode",
					    { .mask = IFF_ALLMULTI,
					      .flags = v->flags } };
	if (v->has_txqlen && v->txqlen != link->txqlen)
		ret[n++] = (struct change){ "transmit queue length",
					    { .txqlen = &v->txqlen } };
	return n;
}

static int fail_change(const struct sandbox *s, const struct change *c, int r,
		       struct cni_err *err)
{
	return rt_fail(err, s->cont, r, "cannot set the %s of %s", c->what,
		       s->call->att.ifname);
}

int values_set(const struct sandbox *s, const struct values *v,
	       struct cni_err *err)
{
	struct job job = { set_sysctls, s, v, NULL, err, false };
	struct change change[CHANGES];
	struct rt_link link;
	size_t n;

	if (enter(&job) < 0)
		return -1;
	if (!values_of_link(v))
		return 0;
	if (find_link(s, &link, err) < 0)
		return -1;
	n = list_changes(v, &link, change);
	for (size_t i = 0; i < n; i++) {
		int r = rt_link_set(s->cont, link.index, &change[i].c);

		if (r < 0)
			return fail_change(s, &change[i], r, err);
	}
	return 0;
}

/* --- putting back ----------------------------------------------------------
 */

static int restore_sysctls(const struct job *job)
{
	int worst = 0;

	for (size_t i = job->v->n; i-- > 0;) {
		const struct sysctl *c = &job->v->sysctl[i];
		int r = sysctl_write(job->s->sys, c->name, c->value);

		/* without /proc/sys nobody said anything */
		if (r < 0 && (job->s->sys < 0 || !is_final(r)))
			worst = cni_fail(job->err, CNI_EKERNEL, r,
					 "cannot restore /proc/sys/%s",
					 c->name);
	}
	return worst;
}

static int restore_link(const struct sandbox *s, const struct values *v,
			struct cni_err *err)
{
	struct change change[CHANGES];
	struct rt_link link;
	int worst = 0, r;
	size_t n;

	r = rt_link_get(s->cont, s->call->att.ifname, &link);
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return rt_fail(err, s->cont, r, "cannot find %s",
			       s->call->att.ifname);
	n = list_changes(v, &link, change);
	for (size_t i = 0; i < n; i++) {
		r = rt_link_set(s->cont, link.index, &change[i].c);
		if (r < 0 && !is_final(r))
			worst = fail_change(s, &change[i], r, err);
	}
	return worst;
}

int values_restore(const struct sandbox *s, const struct values *v,
		   struct cni_err *err)
{
	struct job job = { restore_sysctls, s, v, NULL, err, false };
	int link = values_of_link(v) ? restore_link(s, v, err) : 0;
	int sysctls = enter(&job);

	return link < 0 ? link : sysctls;
}

/* --- checking --------------------------------------------------------------
 */

/* A word as the kernel reads numbers: 0x4d and 0115 are 77. */
static bool is_number(const char *word, size_t n, unsigned long long *ret)
{
	char *end;

	*ret = strtoull(word, &end, 0);
	return n > 0 && end == word + n;
}

static bool same_word(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned long long x, y;

	if (na == nb && memcmp(a, b, na) == 0)
		return true;
	return is_number(a, na, &x) && is_number(b, nb, &y) && x == y;
}

/* Whether two values have the same words: the kernel puts tabs between. */
static bool same_words(const char *a, const char *b)
{
	static const char blanks[] = " \t\n";

	for (;;) {
		size_t na, nb;

		a += strspn(a, blanks);
		b += strspn(b, blanks);
		na = strcspn(a, blanks);
		nb = strcspn(b, blanks);
		if (!same_word(a, na, b, nb))
			return false;
		if (na == 0)
			return true;
		a += na;
		b += nb;
	}
}

static int check_sysctls(const struct values *want, const struct values *now,
			 struct cni_err *err)
{
	for (size_t i = 0; i < want->n; i++) {
		const struct sysctl *w = &want->sysctl[i];
		const struct sysctl *c = values_sysctl(now, w->name);

		if (c && !same_words(c->value, w->value))
			return cni_differs(err,
					   "/proc/sys/%s is \"%s\", not \"%s\"",
					   w->name, c->value, w->value);
	}
	return 0;
}

static int check_flag(const char *name, const char *mode, unsigned flag,
		      const struct values *want, const struct values *now,
		      struct cni_err *err)
{
	if (!((want->flags ^ now->flags) & want->mask & flag))
		return 0;
	return cni_differs(err, "%s mode of %s is %s, not %s", mode, name,
			   now->flags & flag ? "on" : "off",
			   want->flags & flag ? "on" : "off");
}

static int check_values(const char *name, const struct values *want,
			const struct values *now, struct cni_err *err)
{
	char is[MAC_STRLEN], not [MAC_STRLEN];

	if (want->mac.given && memcmp(want->mac.b, now->mac.b, MAC_LEN) != 0)
		return cni_differs(err, "MAC of %s is %s, not %s", name,
				   mac_format(now->mac.b, is),
				   mac_format(want->mac.b, not ));
	if (check_flag(name, "promiscuous", IFF_PROMISC, want, now, err) < 0)
		return -1;
	if (want->mtu && want->mtu != now->mtu)
		return cni_differs(err, "mtu of %s is %u, not %u", name,
				   now->mtu, want->mtu);
	if (check_flag(name, "all-multicast", IFF_ALLMULTI, want, now, err) < 0)
		return -1;
	if (want->has_txqlen && want->txqlen != now->txqlen)
		return cni_differs(err,
				   "transmit queue length of %s is %u, not %u",
				   name, now->txqlen, want->txqlen);
	return check_sysctls(want, now, err);
}

int values_check(const struct sandbox *s, const struct values *want,
		 struct cni_err *err)
{
	AUTO(values) struct values now = { 0 };

	if (values_read(s, want, &now, err) < 0)
		return -1;
	return check_values(s->call->att.ifname, want, &now, err);
}
