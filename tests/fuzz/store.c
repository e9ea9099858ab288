// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * store.c - whatever lies in a store, host-local neither crashes nor hands out
 * an address twice nor touches a name that is not its own
 *
 * The input is a list of items. Each is a letter, a name and a text, both
 * ended by a byte 0xff:
 *
 *   f, o   a file with that text, of now or long ago
 *   d, p   a folder, a FIFO
 *   l      a symbolic link to the text
 *   i      an entry of the index: the owner is the name, the address the text
 *   s      a stamp that makes the index count as it is
 *   v      calls, a letter each: A B C attach c1 eth0, c2 eth0, c1 eth1;
 *          a b c detach; k checks c1; g is GC with c1 eth0 alone; t is STATUS
 *
 * fuzz: tests/fuzz/plugin.c
 * plugin: host-local
 */
#include "../../plugins/host-local/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../plugins/host-local/index.h"
#include "base/auto.h"
#include "base/fs.h"
#include "base/json.h"
#include "fuzz.h"
#include "plugin.h"
#include "sandbox.h"

#define STORE "/data/net"
#define ITEMS_MAX 64
#define CALLS_MAX 64

#define CONF                                                                   \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"host-local\","  \
	"\"cni.dev/valid-attachments\":"                                       \
	"[{\"containerID\":\"c1\",\"ifname\":\"eth0\"}],"                      \
	"\"ipam\":{\"type\":\"host-local\",\"dataDir\":\"/data\","             \
	"\"ranges\":[[{\"subnet\":\"10.1.2.0/29\"}],"                          \
	"[{\"subnet\":\"fd00::/125\"}]]}}"

/* who may attach, and what each has */
static struct owner {
	const char *id, *ifname;
	struct ip_addr ip[2];
	bool attached;
} owners[] = {
	{ .id = "c1", .ifname = "eth0" },
	{ .id = "c2", .ifname = "eth0" },
	{ .id = "c1", .ifname = "eth1" },
};

/* whether there was a call, after which the index counts */
static bool called;
/* whether it counts with something in it that no call put there */
static bool forged;
/* whether there is a stamp, of another boot perhaps: its index is void */
static bool stamped;

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), STORE "/%s", name);
	return path;
}

/* --- what lies in it ------------------------------------------------------ */

/* Names of the store's own files, and names of no meaning. */
static bool is_allowed(const char *name)
{
	const char *base = strncmp(name, ".cnic/", 6) == 0 ? name + 6 : name;

	return *base && strlen(name) < 200 && !strchr(base, '/') &&
	       strcmp(base, ".") != 0 && strcmp(base, "..") != 0 &&
	       strcmp(name, ".cnic") != 0 && strcmp(name, "README") != 0;
}

static void put_file(const char *path, const char *text, size_t len, bool old)
{
	const struct timespec t[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	MUST(fs_write_fd(fd, text, len) == 0);
	if (old)
		MUST(futimens(fd, t) == 0);
	close(fd);
}

/* The link that index.c would make for it. */
static void put_entry(const char *owner, const char *text)
{
	const struct timespec now = { 0 };
	char path[128], target[IP_STRLEN + 32], name[IP_STRLEN];
	struct index_entry e;
	struct ip_addr ip;
	struct stat st;

	if (ip_parse(text, &ip) < 0)
		return;
	index_entry(&e, owner, &ip, &now);
	ip_format(&ip, name);
	if (lstat(path_of(name), &st) < 0)
		st.st_mtim = now;
	snprintf(target, sizeof(target), "%s/%lld.%09ld", name,
		 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	for (unsigned k = 0; k < 9; k++) {
		snprintf(path, sizeof(path), STORE "/.cnic/%s.%u", e.hash, k);
		if (symlink(target, path) == 0)
			return;
	}
}

static void forge_stamp(void)
{
	const struct timespec t[2] = { { .tv_nsec = UTIME_OMIT },
				       { .tv_sec = 7, .tv_nsec = 77 } };
	char boot[BOOT_IDLEN], text[128];

	boot_id(boot);
	snprintf(text, sizeof(text), "2/%s/5/7.000000077", boot);
	unlink(STORE "/.cnic/stamp");
	if (symlink(text, STORE "/.cnic/stamp") == 0 &&
	    utimensat(AT_FDCWD, STORE, t, 0) == 0)
		forged = true;
}

static void put(char kind, const char *name, const char *text, size_t len)
{
	const char *path = path_of(name);

	if (kind == 'i' || strncmp(name, ".cnic/", 6) == 0)
		forged |= called;
	stamped |= strcmp(name, ".cnic/stamp") == 0;
	if (kind == 'i')
		put_entry(name, text);
	else if (kind == 's')
		forge_stamp();
	else if (!is_allowed(name))
		return;
	/* where there is something of that name already, it stays */
	else if (kind == 'd')
		(void)!mkdir(path, 0755);
	else if (kind == 'p')
		(void)!mkfifo(path, 0600);
	else if (kind == 'l')
		(void)!symlink(text, path);
	else if (kind == 'f' || kind == 'o')
		put_file(path, text, len, kind == 'o');
}

/* --- calls -----------------------------------------------------------------
 */

static const struct outcome *call(const char *verb, const struct owner *o)
{
	char command[32], id[32], ifname[32];
	char *env[] = { command,
			id,
			ifname,
			(char[]){ "CNI_NETNS=/fix/netns" },
			(char[]){ "CNI_PATH=/fix/bin" },
			NULL };

	snprintf(command, sizeof(command), "CNI_COMMAND=%s", verb);
	snprintf(id, sizeof(id), "CNI_CONTAINERID=%s", o->id);
	snprintf(ifname, sizeof(ifname), "CNI_IFNAME=%s", o->ifname);
	called = true;
	return plugin_call(env, CONF, strlen(CONF));
}

/* The file's content, as text; NULL where there is no such file. */
static char *content(const char *name)
{
	char *text = NULL;
	size_t len;

	return fs_read_at(AT_FDCWD, path_of(name), STORE_FILE_MAX, &text,
			  &len) == 0
		       ? text
		       : NULL;
}

static bool has_content(const char *name, const struct owner *o)
{
	AUTO(str) char *text = content(name);
	struct stat st;
	char want[64];

	snprintf(want, sizeof(want), "%s\r\n%s", o->id, o->ifname);
	/* what has NULs in it is no owner's */
	return text && strcmp(text, want) == 0 &&
	       lstat(path_of(name), &st) == 0 &&
	       (size_t)st.st_size == strlen(want);
}

/* Whether the address certainly belongs to somebody; no more than that. */
static bool is_taken(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	AUTO(str) char *text = content(name);
	struct stat st;
	size_t id, ifname;

	if (stamped || !text || lstat(path_of(name), &st) < 0 ||
	    st.st_mtime == 1)
		return false;
	id = strspn(text, letters);
	if (id == 0 || strncmp(text + id, "\r\n", 2) != 0)
		return false;
	ifname = strspn(text + id + 2, letters);
	return ifname > 0 && ifname < 16 &&
	       (size_t)st.st_size == id + 2 + ifname;
}

struct taken {
	bool v4[8], v6[8];
};

static void look(struct taken *t)
{
	char name[IP_STRLEN];

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "10.1.2.%d", i);
		t->v4[i] = is_taken(name);
		snprintf(name, sizeof(name), i ? "fd00::%d" : "fd00::", i);
		t->v6[i] = is_taken(name);
	}
}

static void check_added(struct owner *o, const struct taken *before,
			const char *out)
{
	__attribute__((cleanup(result_auto))) struct cni_result res = { 0 };
	AUTO(json) cJSON *obj = NULL;
	struct cni_err err = { 0 };
	char name[IP_STRLEN], why[128];

	obj = js_parse(out, strlen(out), why, sizeof(why));
	MUST(obj && cni_result_parse(obj, "1.1.0", &res, &err) == 0);
	MUST(res.n_ips == 2);
	for (int i = 0; i < 2; i++) {
		const struct ip_addr *ip = &res.ips[i].address.addr;
		unsigned last = ip->b[i ? 15 : 3];

		MUST(last >= 2 && last < 8);
		MUST(!(i ? before->v6 : before->v4)[last]);
		MUST(has_content(ip_format(ip, name), o));
		for (size_t k = 0; k < ARRAY_SIZE(owners); k++)
			MUST(!owners[k].attached ||
			     ip_cmp(&owners[k].ip[i], ip) != 0);
		o->ip[i] = *ip;
	}
	o->attached = true;
}

static void add(struct owner *o)
{
	struct taken before;
	const struct outcome *done;

	look(&before);
	done = call("ADD", o);
	if (done->status == 0)
		check_added(o, &before, done->out);
}

/* An owner that is gone holds nothing; a forged index need not know of it. */
static void check_gone(const struct owner *o)
{
	DIR *dir = opendir(STORE);
	struct dirent *e;
	struct ip_addr ip;

	MUST(dir);
	while (!forged && (e = readdir(dir)))
		if (ip_parse(e->d_name, &ip) == 0)
			MUST(!has_content(e->d_name, o) ||
			     strcmp(ip_format(&ip, (char[IP_STRLEN]){ 0 }),
				    e->d_name) != 0);
	closedir(dir);
}

static void del(struct owner *o)
{
	if (call("DEL", o)->status != 0)
		return;
	check_gone(o);
	o->attached = false;
}

static void gc(void)
{
	if (call("GC", &owners[0])->status != 0)
		return;
	for (size_t i = 1; i < ARRAY_SIZE(owners); i++) {
		check_gone(&owners[i]);
		owners[i].attached = false;
	}
}

static void check(void)
{
	int status = call("CHECK", &owners[0])->status;

	MUST(status == 0 || !owners[0].attached);
}

static void run(const char *calls)
{
	for (int i = 0; i < CALLS_MAX && calls[i]; i++)
		if (calls[i] >= 'A' && calls[i] <= 'C')
			add(&owners[calls[i] - 'A']);
		else if (calls[i] >= 'a' && calls[i] <= 'c')
			del(&owners[calls[i] - 'a']);
		else if (calls[i] == 'k')
			check();
		else if (calls[i] == 'g')
			gc();
		else if (calls[i] == 't')
			call("STATUS", &owners[0]);
}

/* --- what is not its own ----------------------------------------------------
 */

static const char *const bystanders[] = {
	"/data/net/README",
	"/data/other/10.1.2.2",
	"/elsewhere",
};

static void make_bystanders(void)
{
	MUST(mkdir("/data", 0755) == 0 && mkdir("/data/net", 0755) == 0 &&
	     mkdir("/data/other", 0755) == 0 &&
	     mkdir("/data/net/.cnic", 0700) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(bystanders); i++)
		sandbox_put(bystanders[i], "not yours", 9);
}

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	MUST(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

static void check_bystanders(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bystanders); i++) {
		AUTO(str) char *text = NULL;
		size_t len;

		MUST(fs_read_at(AT_FDCWD, bystanders[i], 100, &text, &len) ==
		     0);
		MUST(strcmp(text, "not yours") == 0);
	}
	MUST(entries("/data/other") == 1 && entries("/data") == 2);
	/* data and elsewhere; fix, proc and work of the sandbox */
	MUST(entries("/") == 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	sandbox_begin();
	sandbox_clear();
	make_bystanders();
	called = forged = stamped = false;
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		owners[i].attached = false;
	for (int i = 0; i < ITEMS_MAX && in.n; i++) {
		char kind = (char)input_byte(&in);
		size_t len;
		AUTO(str) char *name = input_part(&in, NULL);
		AUTO(str) char *text = input_part(&in, &len);

		if (kind == 'v')
			run(text);
		else
			put(kind, name, text, len);
	}
	check_bystanders();
	sandbox_end();
	return 0;
}
