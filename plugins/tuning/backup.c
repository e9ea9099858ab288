// SPDX-License-Identifier: GPL-2.0-or-later
/* backup.c - the file that tells what an attachment's values were before */
#include "backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/json.h"

#define FILE_MAX (4u << 20)
/* the member that the reference passes over, and what is in it */
#define OURS "cnic"
#define NETWORK "network"
#define ID "containerID"
#define IFNAME "ifname"
#define SYSCTL "sysctl"
/* what is written first, and then becomes the file */
#define TEMP "~"

/* NAME_MAX and more: the kernel says what is too long */
struct name {
	char text[512];
};

static const char *name_of(const struct cni_attachment *att, const char *more,
			   struct name *ret)
{
	snprintf(ret->text, sizeof(ret->text), "%s_%s.json%s", att->id,
		 att->ifname, more);
	return ret->text;
}

static int open_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Whether a file that gave this cannot be there. */
static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ENAMETOOLONG;
}

/* --- its content -----------------------------------------------------------
 */

static bool put_flag(cJSON *obj, const char *key, const struct values *v,
		     unsigned flag)
{
	return !(v->mask & flag) ||
	       cJSON_AddBoolToObject(obj, key, !!(v->flags & flag));
}

static bool put_ours(cJSON *obj, const struct cni_attachment *att,
		     const struct values *v)
{
	cJSON *ours = cJSON_AddObjectToObject(obj, OURS);
	cJSON *sysctl = NULL;

	if (!ours || !cJSON_AddStringToObject(ours, NETWORK, att->network) ||
	    !cJSON_AddStringToObject(ours, ID, att->id) ||
	    !cJSON_AddStringToObject(ours, IFNAME, att->ifname))
		return false;
	if (v->n > 0)
		sysctl = cJSON_AddObjectToObject(ours, SYSCTL);
	for (size_t i = 0; i < v->n; i++)
		if (!sysctl ||
		    !cJSON_AddStringToObject(sysctl, v->sysctl[i].name,
					     v->sysctl[i].value))
			return false;
	return true;
}

static bool put(cJSON *obj, const struct cni_attachment *att,
		const struct values *v)
{
	char mac[MAC_STRLEN];

	return (!v->mac.given ||
		cJSON_AddStringToObject(obj, "mac",
					mac_format(v->mac.b, mac))) &&
	       put_flag(obj, "promisc", v, IFF_PROMISC) &&
	       (!v->mtu || cJSON_AddNumberToObject(obj, "mtu", v->mtu)) &&
	       put_flag(obj, "allmulti", v, IFF_ALLMULTI) &&
	       (!v->has_txqlen ||
		cJSON_AddNumberToObject(obj, "txQLen", v->txqlen)) &&
	       put_ours(obj, att, v);
}

/* Makes four spaces of indent one, as the reference has it here. */
static void indent_by_one(char *text)
{
	char *to = text;

	while (*text) {
		for (; strncmp(text, "    ", 4) == 0; text += 4)
			*to++ = ' ';
		while (*text && *text != '\n')
			*to++ = *text++;
		if (*text)
			*to++ = *text++;
	}
	*to = '\0';
}

/* Owned; NULL for lack of memory. */
static char *print(const struct cni_attachment *att, const struct values *v)
{
	AUTO(json) cJSON *obj = cJSON_CreateObject();
	char *text = obj && put(obj, att, v) ? js_print(obj) : NULL;

	if (text)
		indent_by_one(text);
	return text;
}

static void read_flag(cJSON *obj, const char *key, unsigned flag,
		      struct values *v)
{
	struct js_why why;
	bool on;

	if (js_bool(obj, key, &on, &why) <= 0)
		return;
	v->mask |= flag;
	v->flags |= on ? flag : 0;
}

/* No file is named here but those that key_path() would. */
static bool is_net(const char *name)
{
	return strncmp(name, "net/", 4) == 0 && !strstr(name, "/../");
}

static int read_values(cJSON *obj, struct values *v)
{
	const char *mac = NULL;
	int64_t mtu = 0, txqlen;
	struct js_why why;
	cJSON *c;

	if (js_str(obj, "mac", &mac, &why) > 0)
		v->mac.given = mac_parse(mac, v->mac.b) == 0;
	read_flag(obj, "promisc", IFF_PROMISC, v);
	if (js_int(obj, "mtu", 1, UINT32_MAX, &mtu, &why) > 0)
		v->mtu = (unsigned)mtu;
	read_flag(obj, "allmulti", IFF_ALLMULTI, v);
	if (js_int(obj, "txQLen", 0, UINT32_MAX, &txqlen, &why) > 0) {
		v->has_txqlen = true;
		v->txqlen = (uint32_t)txqlen;
	}
	cJSON_ArrayForEach (c, js_get(js_get(obj, OURS), SYSCTL)) {
		if (cJSON_IsString(c) && is_net(c->string) &&
		    values_put_sysctl(v, c->string, c->valuestring) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Owned: the file as JSON; NULL where it is none. Returns 0 or -errno. */
static int read_json(int dir, const char *name, cJSON **ret)
{
	AUTO(str) char *text = NULL;
	char why[64];
	size_t len;
	int r = fs_read_at(dir, name, FILE_MAX, &text, &len);

	*ret = NULL;
	if (r == -EINVAL || r == -ELOOP || r == -EFBIG)
		return 0;
	if (r == 0)
		*ret = js_parse(text, len, why, sizeof(why));
	return r;
}

/* --- the file --------------------------------------------------------------
 */

int backup_read(const char *dir, const struct cni_attachment *att,
		struct values *ret, struct cni_err *err)
{
	AUTO(json) cJSON *obj = NULL;
	AUTO(fd) int fd = open_dir(dir);
	struct name name;
	int r = fd < 0 ? fd : read_json(fd, name_of(att, "", &name), &obj);

	if (is_absent(r))
		return 0;
	if (r == 0)
		r = read_values(obj, ret);
	if (r < 0)
		return cni_fail(err, CNI_EIO, r, "cannot read %s/%s", dir,
				name_of(att, "", &name));
	return 1;
}

static int write_new(int dir, const char *name, const char *text)
{
	AUTO(fd)
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0600);

	return fd < 0 ? -errno : fs_write_fd(fd, text, strlen(text));
}

static int replace(int dir, const struct cni_attachment *att, const char *text)
{
	struct name temp, name;
	int r;

	name_of(att, "", &name);
	unlinkat(dir, name_of(att, TEMP, &temp), 0);
	r = write_new(dir, temp.text, text);
	if (r == 0 && renameat(dir, temp.text, dir, name.text) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, temp.text, 0);
	return r;
}

int backup_write(const char *dir, const struct cni_attachment *att,
		 const struct values *v, struct cni_err *err)
{
	AUTO(str) char *text = print(att, v);
	struct name name;
	int r = text ? fs_mkdir_all(dir, 0700) : -ENOMEM;
	AUTO(fd) int fd = r < 0 ? r : open_dir(dir);

	r = fd < 0 ? fd : replace(fd, att, text);
	if (r < 0)
		return cni_fail(err, CNI_EIO, r, "cannot write %s/%s", dir,
				name_of(att, "", &name));
	return 0;
}

static int remove_name(int dir, const char *name)
{
	return unlinkat(dir, name, 0) < 0 && !is_absent(-errno) ? -errno : 0;
}

static int remove_both(int dir, const struct cni_attachment *att)
{
	struct name name;
	int temp = remove_name(dir, name_of(att, TEMP, &name));
	int r = remove_name(dir, name_of(att, "", &name));

	return r < 0 ? r : temp;
}

int backup_remove(const char *dir, const struct cni_attachment *att,
		  struct cni_err *err)
{
	AUTO(fd) int fd = open_dir(dir);
	struct name name;
	int r = fd < 0 ? fd : remove_both(fd, att);

	if (r < 0 && !is_absent(r))
		return cni_fail(err, CNI_EIO, r, "cannot remove %s/%s", dir,
				name_of(att, "", &name));
	return 0;
}

/* --- GC --------------------------------------------------------------------
 */

/* Whether a file is that of an attachment of the call's network which is not
   valid: its content says so, and its name is that one's. */
static bool is_left(const struct cni_call *call, const char *name, cJSON *obj)
{
	struct cni_attachment att = { 0 };
	cJSON *ours = js_get(obj, OURS);
	struct js_why why;
	struct name n;

	return js_str(ours, NETWORK, &att.network, &why) > 0 &&
	       js_str(ours, ID, &att.id, &why) > 0 &&
	       js_str(ours, IFNAME, &att.ifname, &why) > 0 &&
	       strcmp(att.network, call->att.network) == 0 &&
	       !cni_is_valid(call, att.id, att.ifname) &&
	       (strcmp(name, name_of(&att, "", &n)) == 0 ||
		strcmp(name, name_of(&att, TEMP, &n)) == 0);
}

static int collect_one(int dir, const char *name, const struct cni_call *call)
{
	AUTO(json) cJSON *obj = NULL;
	int r;

	if (!strstr(name, ".json"))
		return 0;
	r = read_json(dir, name, &obj);
	if (r < 0 || !is_left(call, name, obj))
		return is_absent(r) ? 0 : r;
	return remove_name(dir, name);
}

static void dir_auto(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int collect(const char *path, const struct cni_call *call)
{
	AUTO(dir) DIR *dir = opendir(path);
	int worst = 0;

	if (!dir)
		return is_absent(-errno) ? 0 : -errno;
	for (;;) {
		const struct dirent *e;
		int r;

		errno = 0;
		e = readdir(dir);
		if (!e)
			return errno ? -errno : worst;
		r = collect_one(dirfd(dir), e->d_name, call);
		if (r < 0)
			worst = r;
	}
}

int backup_collect(const char *dir, const struct cni_call *call,
		   struct cni_err *err)
{
	int r = call->has_valid ? collect(dir, call) : 0;

	return r < 0 ? cni_fail(err, CNI_EIO, r, "cannot collect files in %s",
				dir)
		     : 0;
}
