// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - the reservations of one network, and their index */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"
#include "index.h"
#include "repair.h"
#include "scan.h"

#define LAST "last_reserved_ip.%zu"

int store_open(struct store *s, const struct store_conf *conf,
	       enum store_use use, struct cni_err *err)
{
	int r;

	*s = STORE_CLOSED;
	s->reclaim = conf->reclaim;
	if (asprintf(&s->path, "%s/%s", conf->data_dir, conf->network) < 0) {
		s->path = NULL;
		return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
	}
	r = files_open(s, use, err);
	if (r <= 0)
		return r;
	index_load(s);
	if (s->lock < 0 || s->indexed)
		return 1;
	r = repair_store(s);
	if (r < 0)
		return cni_fail(err, CNI_EIO, r, "cannot read the store %s",
				s->path);
	return 1;
}

void store_close(struct store *s)
{
	if (s->lock >= 0 && s->changed)
		index_stamp(s);
	files_close(s);
}

struct search {
	const char *owner, *other;
	struct ip_list *ret;
};

static int compare(void *arg, const struct reservation *r)
{
	const struct search *search = arg;

	if (!r->owner || (strcmp(r->owner, search->owner) != 0 &&
			  strcmp(r->owner, search->other) != 0))
		return 0;
	return ip_list_add(search->ret, &r->ip);
}

int store_find(struct store *s, const char *owner, struct ip_list *ret)
{
	struct search search = { owner, owner, ret };
	size_t before = ret->n;
	int r = s->indexed ? index_find(s, owner, ret) : -ESTALE;

	/*
	 * Without the lock the index may be in the middle of a change, so
	 * that it tells for sure what there is, but not what there is not.
	 */
	if (r == 0 && (ret->n > before || s->lock >= 0))
		return 0;
	if (r < 0 && r != -ESTALE)
		return r;
	ret->n = before;
	if (r < 0 && s->indexed && s->lock >= 0) {
		r = repair_store(s);
		if (r < 0)
			return r;
	}
	r = scan_store(s, compare, &search);
	return r < 0 ? r : 0;
}

int store_read(struct store *s, const char *owner, const char *other,
	       struct ip_list *ret)
{
	struct search search = { owner, other, ret };
	size_t before = ret->n;
	int r = scan_store(s, compare, &search);

	if (ret->n > before)
		s->indexed = false;
	return r < 0 ? r : 0;
}

struct unknown {
	size_t n;
	struct ip_addr one;
};

static int count_unknown(void *arg, const struct reservation *r)
{
	struct unknown *unknown = arg;

	if (r->owner && !*r->owner) {
		unknown->n++;
		unknown->one = r->ip;
	}
	return 0;
}

void store_tell_unknown(const struct store *s, struct cni_err *err)
{
	struct unknown unknown = { 0 };
	char ip[IP_STRLEN];

	if (scan_store(s, count_unknown, &unknown) < 0 || unknown.n == 0)
		return;
	cni_detail(err,
		   "files that name no attachment hold %zu of its "
		   "addresses, such as %s/%s",
		   unknown.n, s->path, ip_format(&unknown.one, ip));
}

bool store_has(const struct store *s, const struct ip_addr *ip)
{
	char name[IP_STRLEN];
	struct stat st;

	return fstatat(s->dir, ip_format(ip, name), &st, AT_SYMLINK_NOFOLLOW) ==
	       0;
}

int store_reserve(struct store *s, const struct ip_addr *ip, const char *owner)
{
	struct timespec mtime;
	char name[IP_STRLEN];
	int r = files_make(s, ip_format(ip, name), owner, &mtime);

	if (r < 0)
		return r;
	s->changed = true;
	index_add(s, ip, owner, &mtime);
	return 0;
}

int store_reserved_at(const struct store *s, const struct ip_addr *ip,
		      struct timespec *ret)
{
	char name[IP_STRLEN];
	struct stat st;

	if (fstatat(s->dir, ip_format(ip, name), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*ret = st.st_mtim;
	return 0;
}

int store_release(struct store *s, const struct ip_addr *ip, const char *owner)
{
	char name[IP_STRLEN];

	if (unlinkat(s->dir, ip_format(ip, name), 0) < 0 && errno != ENOENT)
		return -errno;
	s->changed = true;
	index_remove(s, ip, owner);
	return 0;
}

void store_get_last(const struct store *s, size_t n, struct ip_addr *ret)
{
	AUTO(str) char *text = NULL;
	char name[sizeof(LAST) + 20];
	size_t len;

	*ret = (struct ip_addr){ 0 };
	snprintf(name, sizeof(name), LAST, n);
	if (fs_read_at(s->dir, name, IP_STRLEN, &text, &len) == 0)
		ip_parse(text, ret);
}

int store_set_last(const struct store *s, size_t n, const struct ip_addr *ip)
{
	char name[sizeof(LAST) + 20], text[IP_STRLEN];

	snprintf(name, sizeof(name), LAST, n);
	return files_write(s, name, ip_format(ip, text));
}

static int add_name(void *arg, const char *name, const struct ip_addr *ip)
{
	(void)name;
	return ip_list_add(arg, ip);
}

int store_names(const struct store *s, struct ip_list *ret)
{
	return files_each(s, add_name, ret);
}
