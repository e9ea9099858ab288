// SPDX-License-Identifier: GPL-2.0-or-later
/* index.c - the index of owners and the stamp that says if it is true */
#include "index.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha512.h"
#include "scan.h"

#define STAMP "stamp"
#define STAMP_NEW "stamp.new"
#define STAMP_LEN (2 + BOOT_IDLEN + 32)
#define NAME_LEN (sizeof(((struct index_entry *)0)->hash) + 12)
#define TARGET_LEN (IP_STRLEN + 32)

/* --- entries ------------------------------------------------------------ */

void index_entry(struct index_entry *e, const char *owner,
		 const struct ip_addr *ip, const struct timespec *mtime)
{
	char hex[SHA512_HEXLEN];

	sha512_hex(owner, strlen(owner), hex);
	memcpy(e->hash, hex, sizeof(e->hash) - 1);
	e->hash[sizeof(e->hash) - 1] = '\0';
	e->ip = *ip;
	e->mtime = *mtime;
}

/* the name of the owner's k-th entry */
static void entry_name(const struct index_entry *e, unsigned k,
		       char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "%s.%u", e->hash, k);
}

static void entry_target(const struct index_entry *e, char target[TARGET_LEN])
{
	char text[IP_STRLEN];

	snprintf(target, TARGET_LEN, "%s/%lld.%09ld", ip_format(&e->ip, text),
		 (long long)e->mtime.tv_sec, e->mtime.tv_nsec);
}

/*
 * The content of a link below .cnic. Returns 1, 0 where there is no such link,
 * or -errno: what cannot be read may say anything.
 */
static int read_link(const struct store *s, const char *name, char *buf,
		     size_t size)
{
	ssize_t len = readlinkat(s->own, name, buf, size - 1);

	if (len < 0)
		return errno == ENOENT || errno == EINVAL ? 0 : -errno;
	buf[len] = '\0';
	return 1;
}

/* The same of the k-th entry of e's owner. */
static int read_target(const struct store *s, const struct index_entry *e,
		       unsigned k, char target[TARGET_LEN])
{
	char name[NAME_LEN];

	entry_name(e, k, name);
	return read_link(s, name, target, TARGET_LEN);
}

/* The same as an address, unset where it makes no sense. */
static int read_ip(const struct store *s, const struct index_entry *e,
		   unsigned k, struct ip_addr *ret)
{
	char target[TARGET_LEN];
	int r = read_target(s, e, k, target);

	*ret = (struct ip_addr){ 0 };
	if (r <= 0)
		return r;
	target[strcspn(target, "/")] = '\0';
	ip_parse(target, ret);
	return 1;
}

static int write_entry(const struct store *s, const struct index_entry *e,
		       unsigned k)
{
	char name[NAME_LEN], target[TARGET_LEN];

	entry_name(e, k, name);
	entry_target(e, target);
	return symlinkat(target, s->own, name) < 0 ? -errno : 0;
}

bool index_knows(const struct store *s, const struct index_entry *e)
{
	char want[TARGET_LEN], have[TARGET_LEN];

	entry_target(e, want);
	for (unsigned k = 0; read_target(s, e, k, have) > 0; k++)
		if (strcmp(have, want) == 0)
			return true;
	return false;
}

int index_find(const struct store *s, const char *owner, struct ip_list *ret)
{
	const struct timespec never = { 0 };
	struct ip_addr ip = { 0 };
	struct index_entry e;
	char name[IP_STRLEN];
	int r, more;

	index_entry(&e, owner, &ip, &never);
	for (unsigned k = 0; (more = read_ip(s, &e, k, &ip)) > 0; k++) {
		r = scan_is_owner(s, ip_format(&ip, name), owner);
		if (r == 0)
			return -ESTALE;
		if (r > 0)
			r = ip_list_add(ret, &ip);
		if (r < 0)
			return r;
	}
	/* the files know what the index does not tell */
	return more < 0 ? -ESTALE : 0;
}

void index_add(struct store *s, const struct ip_addr *ip, const char *owner,
	       const struct timespec *mtime)
{
	struct index_entry e;
	unsigned k = 0;
	int r = -EEXIST;

	if (!s->indexed)
		return;
	index_entry(&e, owner, ip, mtime);
	while (r == -EEXIST)
		r = write_entry(s, &e, k++);
	s->indexed = r == 0;
}

void index_remove(struct store *s, const struct ip_addr *ip, const char *owner)
{
	const struct timespec never = { 0 };
	char here[NAME_LEN], last[NAME_LEN];
	unsigned n = 0, at = 0;
	bool entered = false;
	struct index_entry e;
	struct ip_addr found;
	int more;

	if (!s->indexed)
		return;
	index_entry(&e, owner, ip, &never);
	for (; (more = read_ip(s, &e, n, &found)) > 0; n++) {
		if (ip_cmp(&found, ip) != 0)
			continue;
		at = n;
		entered = true;
	}
	s->indexed = more == 0;
	if (!s->indexed || !entered)
		return;
	/* entries are found by counting: the last one fills the gap */
	entry_name(&e, at, here);
	entry_name(&e, n - 1, last);
	if (at != n - 1)
		s->indexed = renameat(s->own, last, s->own, here) == 0;
	else
		s->indexed = unlinkat(s->own, last, 0) == 0;
}

/* --- the stamp ---------------------------------------------------------- */

/* the stamp of this boot; what: a time, or why there is none */
static void stamp_text(const struct store *s, const char *what,
		       char text[STAMP_LEN])
{
	snprintf(text, STAMP_LEN, "1/%s/%s", s->boot, what);
}

static void stamp_time(const struct store *s, const struct timespec *mtime,
		       char text[STAMP_LEN])
{
	char what[32];

	snprintf(what, sizeof(what), "%lld.%09ld", (long long)mtime->tv_sec,
		 mtime->tv_nsec);
	stamp_text(s, what, text);
}

void index_load(struct store *s)
{
	char have[STAMP_LEN] = "", want[STAMP_LEN];
	struct stat st;
	int r = 0;

	boot_id(s->boot);
	if (s->own >= 0)
		r = read_link(s, STAMP, have, sizeof(have));
	stamp_text(s, "", want);
	/* where this boot is unknown, or the stamp, nothing may be taken for
	   an older one's */
	s->same_boot =
		r < 0 || !s->boot[0] || strncmp(have, want, strlen(want)) == 0;
	s->older_boot = !s->same_boot && strncmp(have, "1/", 2) == 0;
	if (s->boot[0] && fstat(s->dir, &st) == 0) {
		stamp_time(s, &st.st_mtim, want);
		s->indexed = strcmp(have, want) == 0;
	}
	s->local = s->indexed || boot_fs_local(s->dir);
	stamp_text(s, "-", want);
	s->usable = s->own >= 0 && s->boot[0] && s->local &&
		    strcmp(have, want) != 0;
}

static bool write_stamp(const struct store *s, const char *text)
{
	if (symlinkat(text, s->own, STAMP_NEW) < 0) {
		/* left by one that was killed */
		unlinkat(s->own, STAMP_NEW, 0);
		if (symlinkat(text, s->own, STAMP_NEW) < 0)
			return false;
	}
	return renameat(s->own, STAMP_NEW, s->own, STAMP) == 0;
}

/*
 * Sets a time of modification that nobody else would. Returns 1, 0 where it is
 * not kept to the nanosecond (the odd number tells even one of 100 ns) or can
 * never be set here, or -errno.
 */
static int set_mtime(const struct store *s, struct timespec *ret)
{
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT } };
	unsigned long ns = 0;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &t[1]);
	if (getrandom(&ns, sizeof(ns), GRND_NONBLOCK) == sizeof(ns))
		t[1].tv_nsec = (long)(ns % 1000000000);
	t[1].tv_nsec |= 1;
	*ret = t[1];
	if (futimens(s->dir, t) < 0)
		return errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP
			       ? 0
			       : -errno;
	if (fstat(s->dir, &st) < 0)
		return -errno;
	return st.st_mtim.tv_sec == ret->tv_sec &&
	       st.st_mtim.tv_nsec == ret->tv_nsec;
}

void index_stamp(struct store *s)
{
	char text[STAMP_LEN];
	struct timespec t;
	int r;

	if (s->own < 0 || !s->boot[0] || !s->local)
		return;
	/* that failed, on a full disk perhaps; the old stamp says so already */
	if (s->usable && !s->indexed)
		return;
	r = s->usable ? set_mtime(s, &t) : 0;
	if (r < 0) /* it is another time by now, and the next call will see */
		return;
	if (r > 0)
		stamp_time(s, &t, text);
	else
		stamp_text(s, "-", text);
	write_stamp(s, text);
}

/* --- all of it ---------------------------------------------------------- */

/* Empties .cnic but for the stamp. What cannot be removed stays. */
static void clear(const struct store *s)
{
	int fd = openat(s->own, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, STAMP) != 0 &&
		    strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(s->own, e->d_name, 0);
	closedir(dir);
}

static int by_hash(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	return strcmp(x->hash, y->hash);
}

void index_write(struct store *s, struct index_entry *v, size_t n)
{
	char text[STAMP_LEN];
	unsigned k = 0;

	s->indexed = false;
	/*
	 * Before the first new entry: under an older boot's stamp, or none,
	 * entries for what is in use now would condemn it if we were killed.
	 */
	stamp_text(s, "0", text);
	if (!write_stamp(s, text))
		return;
	/* what is put right once more by this call is not an older boot's */
	s->same_boot = true;
	s->older_boot = false;
	clear(s);
	if (n)
		qsort(v, n, sizeof(*v), by_hash);
	for (size_t i = 0; i < n; i++) {
		k = i && strcmp(v[i].hash, v[i - 1].hash) == 0 ? k + 1 : 0;
		if (write_entry(s, &v[i], k) < 0)
			return;
	}
	s->indexed = true;
}
