// SPDX-License-Identifier: GPL-2.0-or-later
/* scan.c - reading the files of a store */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fs.h"
#include "owner.h"

/* Reads a file; *ret is as owner_read()'s. */
static int read_file(const struct store *s, const char *name, char **ret)
{
	AUTO(str) char *text = NULL;
	size_t len;
	int r = fs_read_at(s->dir, name, STORE_FILE_MAX, &text, &len);

	*ret = NULL;
	if (r == -EFBIG) {
		*ret = strdup("");
		return *ret ? 0 : -ENOMEM;
	}
	return r < 0 ? r : owner_read(text, len, ret);
}

struct scan {
	const struct store *store;
	scan_fn fn;
	void *arg;
	bool left_out;
};

/* Gone meanwhile, or never a plain file. */
static bool is_no_file(int r)
{
	return r == -ENOENT || r == -EINVAL || r == -ELOOP || r == -ENXIO;
}

static int read_one(void *arg, const char *name, const struct ip_addr *ip)
{
	struct scan *scan = arg;
	AUTO(str) char *owner = NULL;
	struct reservation res = { .ip = *ip, .name = name };
	struct stat st;
	int r;

	if (fstatat(scan->store->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		return 0;
	else
		r = read_file(scan->store, name, &owner);
	if (r == -EACCES || r == -EPERM) {
		scan->left_out = true;
		return 0;
	}
	if (r < 0)
		return is_no_file(r) ? 0 : r;
	res.owner = owner;
	res.mtime = st.st_mtim;
	return scan->fn(scan->arg, &res);
}

int scan_store(const struct store *s, scan_fn fn, void *arg)
{
	struct scan scan = { s, fn, arg, false };
	int r = files_each(s, read_one, &scan);

	return r < 0 ? r : scan.left_out;
}

int scan_is_owner(const struct store *s, const char *name, const char *owner)
{
	AUTO(str) char *found = NULL;
	int r = read_file(s, name, &found);

	if (r < 0)
		return is_no_file(r) ? 0 : r;
	return found && strcmp(found, owner) == 0;
}
