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
#define WHAT_LEN 32
#define STAMP_LEN (2 + BOOT_IDLEN + 24 + WHAT_LEN)
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

struct stamp {
	char boot[BOOT_IDLEN]; /* "": there is none */
	long long uptime;
	char what[WHAT_LEN]; /* a date, or why there is none */
};

static void format_date(const struct timespec *date, char what[WHAT_LEN])
{
	snprintf(what, WHAT_LEN, "%lld.%09ld", (long long)date->tv_sec,
		 date->tv_nsec);
}

/* Splits text, "2/BOOT/UPTIME/WHAT"; false where it is something else. */
static bool parse_stamp(char *text, struct stamp *ret)
{
	char *rest = text, *end;
	const char *version = strsep(&rest, "/");
	const char *boot = strsep(&rest, "/");
	const char *uptime = strsep(&rest, "/");

	if (!rest || strcmp(version, "2") != 0 || !*boot ||
	    strlen(boot) >= sizeof(ret->boot) ||
	    strlen(rest) >= sizeof(ret->what))
		return false;
	ret->uptime = strtoll(uptime, &end, 10);
	if (end == uptime || *end)
		return false;
	memcpy(ret->boot, boot, strlen(boot) + 1);
	memcpy(ret->what, rest, strlen(rest) + 1);
	return true;
}

/* Returns 0, also where there is none or it makes no sense, or -errno. */
static int read_stamp(const struct store *s, struct stamp *ret)
{
	char text[STAMP_LEN];
	int r = s->own < 0 ? 0 : read_link(s, STAMP, text, sizeof(text));

	*ret = (struct stamp){ 0 };
	if (r <= 0)
		return r;
	if (!parse_stamp(text, ret))
		*ret = (struct stamp){ 0 };
	return 0;
}

void index_load(struct store *s)
{
	char date[WHAT_LEN];
	struct stamp stamp;
	struct stat st;
	int r = read_stamp(s, &stamp);
	bool same;

	boot_id(s->boot);
	same = s->boot[0] && strcmp(stamp.boot, s->boot) == 0;
	/* where this boot is unknown, or the stamp, nothing may be taken for
	   an earlier one's */
	s->same_boot = r < 0 || !s->boot[0] || same;
	s->ended_boot = !s->same_boot && stamp.uptime > boot_uptime();
	if (same && fstat(s->dir, &st) == 0) {
		format_date(&st.st_mtim, date);
		s->indexed = strcmp(stamp.what, date) == 0;
	}
	s->local = s->indexed || boot_fs_local(s->dir);
	s->usable = s->own >= 0 && s->boot[0] && s->local &&
		    !(same && strcmp(stamp.what, "-") == 0);
}

static bool write_stamp(const struct store *s, const char *what)
{
	char text[STAMP_LEN];

	snprintf(text, sizeof(text), "2/%s/%lld/%s", s->boot, boot_uptime(),
		 what);
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
	char what[WHAT_LEN] = "-";
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
		format_date(&t, what);
	write_stamp(s, what);
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
	unsigned k = 0;

	s->indexed = false;
	/*
	 * Before the first new entry: under an earlier boot's stamp, or none,
	 * entries for what is in use now would condemn it if we were killed.
	 */
	if (!write_stamp(s, "0"))
		return;
	/* what is put right once more by this call is not an earlier boot's */
	s->same_boot = true;
	s->ended_boot = false;
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
