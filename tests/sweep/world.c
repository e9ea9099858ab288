// SPDX-License-Identifier: GPL-2.0-or-later
/* world.c - calls of a plugin in a small world of its own */
#include "world.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../snapshot/die.h"
#include "answer.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ID "sweep-container"
static const char *const ifnames[] = { "eth0", "eth1" };
/* host-local's, which a failed call leaves to the next one to put right */
#define INDEX "/.cnic/"

/* where a plugin may keep something; empty in a new world */
static const char *const dirs[] = { "/var/lib", "/run" };

bool world_wrong(struct world *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->why, sizeof(w->why), fmt, ap);
	va_end(ap);
	return false;
}

/* --- calls ---------------------------------------------------------------- */

/* The configuration with one more key. */
static char *extend(const char *conf, const char *key, const char *value)
{
	const char *end = strrchr(conf, '}');
	char *text;

	if (!end)
		die("the configuration is no object");
	if (asprintf(&text, "%.*s,\"%s\":%s}", (int)(end - conf), conf, key,
		     value) < 0)
		die("asprintf: %m");
	return text;
}

static void call(const struct world *w, const char *file, const char *verb,
		 const char *id, const char *ifname, const char *netns,
		 const char *conf, struct inject *in, struct outcome *ret)
{
	char env[6][4096];
	char *envp[] = { env[0], env[1], env[2], env[3], env[4], env[5], NULL };

	snprintf(env[0], sizeof(env[0]), "CNI_COMMAND=%s", verb);
	snprintf(env[1], sizeof(env[1]), "CNI_CONTAINERID=%s", id);
	snprintf(env[2], sizeof(env[2]), "CNI_IFNAME=%s", ifname);
	snprintf(env[3], sizeof(env[3]), "CNI_NETNS=%s", netns);
	snprintf(env[4], sizeof(env[4]), "CNI_PATH=%s", w->path);
	snprintf(env[5], sizeof(env[5]), "PATH=%s", getenv("PATH"));
	run(file, envp, conf, in, ret);
}

static bool show(struct world *w, const char *what, const char *verb,
		 const struct outcome *o)
{
	char status[64];

	if (o->hung)
		snprintf(status, sizeof(status), "it hung");
	else if (WIFSIGNALED(o->status))
		snprintf(status, sizeof(status), "signal %d",
			 WTERMSIG(o->status));
	else
		snprintf(status, sizeof(status), "exit status %d",
			 WEXITSTATUS(o->status));
	return world_wrong(w, "%s: %s: %s; stdout: %s; stderr: %s", verb, what,
			   status, o->out, o->err);
}

/* A program with sanitizers may exit with 1, as after an error. */
static bool sanitizer_complains(const struct outcome *o)
{
	return strstr(o->err, "Sanitizer: ") ||
	       strstr(o->err, "runtime error: ");
}

/* The specification wants one error, one result or nothing on stdout. */
static bool judge(struct world *w, const char *verb, const struct outcome *o)
{
	bool ok = WIFEXITED(o->status) && WEXITSTATUS(o->status) == 0;

	if (sanitizer_complains(o))
		return show(w, "a sanitizer complains", verb, o);
	if (o->hung || !WIFEXITED(o->status) || WEXITSTATUS(o->status) > 1)
		return show(w, "it has neither succeeded nor failed", verb, o);
	if (!ok && !answer_is_error(o->out))
		return show(w, "not exactly one error on stdout", verb, o);
	if (ok && strcmp(verb, "ADD") == 0 && !answer_is_result(o->out))
		return show(w, "not exactly one result on stdout", verb, o);
	if (ok && strcmp(verb, "ADD") != 0 && *o->out)
		return show(w, "something on stdout", verb, o);
	return true;
}

static bool succeeds(struct world *w, const char *file, const char *verb,
		     const char *ifname, const char *netns, const char *conf)
{
	struct outcome o;
	bool ok;

	call(w, file, verb, ID, ifname, netns, conf, NULL, &o);
	ok = judge(w, verb, &o);
	if (ok && o.status != 0)
		ok = show(w, "failed", verb, &o);
	if (ok && strcmp(verb, "ADD") == 0) {
		free(w->result);
		w->result = o.out;
		o.out = NULL;
	}
	outcome_done(&o);
	return ok;
}

/* The configuration for ADD: a chained plugin's has a prevResult. */
static char *add_conf(const struct world *w, const char *ifname)
{
	if (!w->base)
		return strdup(w->conf);
	return extend(w->conf, "prevResult",
		      w->prev[strcmp(ifname, ifnames[0]) != 0]);
}

bool world_add(struct world *w, const char *ifname)
{
	char *conf = add_conf(w, ifname);
	bool ok = succeeds(w, w->file, "ADD", ifname, w->netns, conf);

	free(conf);
	return ok;
}

bool world_check(struct world *w, const char *ifname)
{
	char *conf = extend(w->conf, "prevResult", w->result);
	bool ok = succeeds(w, w->file, "CHECK", ifname, w->netns, conf);

	free(conf);
	return ok;
}

bool world_del(struct world *w, const char *ifname, bool sandbox)
{
	return succeeds(w, w->file, "DEL", ifname,
			sandbox || w->inside ? w->netns : "", w->conf);
}

bool world_collects(const struct world *w)
{
	return !w->inside || w->pool;
}

bool world_reserve(struct world *w, const char *ifname)
{
	return !w->pool ||
	       succeeds(w, w->pool, "ADD", ifname, w->netns, w->conf);
}

static char *gc_conf(const struct world *w, const char *ifname)
{
	char list[256] = "[]";

	if (ifname)
		snprintf(list, sizeof(list),
			 "[{\"containerID\":\"%s\",\"ifname\":\"%s\"}]", ID,
			 ifname);
	return extend(w->conf, "cni.dev/valid-attachments", list);
}

bool world_gc(struct world *w, const char *ifname)
{
	char *conf = gc_conf(w, ifname);
	bool ok = succeeds(w, w->file, "GC", "", "", conf);

	free(conf);
	return ok;
}

bool world_try(struct world *w, const char *verb, const char *ifname,
	       struct inject *in, bool *ret_ok)
{
	bool gc = strcmp(verb, "GC") == 0;
	bool add = strcmp(verb, "ADD") == 0;
	char *conf = gc	   ? gc_conf(w, ifname)
		     : add ? add_conf(w, ifname)
			   : strdup(w->conf);
	struct outcome o;
	bool ok;

	call(w, w->file, verb, ID, gc ? "" : ifname, gc ? "" : w->netns, conf,
	     in, &o);
	*ret_ok = o.status == 0;
	/* a dead one owes us nothing, those who live do */
	if (in->done && in->kill && WIFSIGNALED(o.status) && !o.hung &&
	    WTERMSIG(o.status) == SIGKILL &&
	    (in->first || in->kill == KILL_ALL))
		ok = true;
	else
		ok = judge(w, verb, &o);
	if (ok && *ret_ok && strcmp(verb, "ADD") == 0) {
		free(w->result);
		w->result = o.out;
		o.out = NULL;
	}
	outcome_done(&o);
	free(conf);
	return ok;
}

bool world_pool(struct world *w, unsigned *ret)
{
	struct outcome o;
	unsigned n = 0;
	char id[16];
	bool ok = true;

	*ret = 0;
	if (!w->pool)
		return true;
	for (bool more = true; more && n < 100; n += more) {
		snprintf(id, sizeof(id), "pool%u", n + 1);
		call(w, w->pool, "ADD", id, "eth0", w->netns, w->conf, NULL,
		     &o);
		more = o.status == 0;
		if (!more && !strstr(o.out, "no IP addresses available"))
			ok = show(w, "unexpected", "ADD", &o);
		outcome_done(&o);
	}
	for (unsigned i = 1; i <= n && ok; i++) {
		snprintf(id, sizeof(id), "pool%u", i);
		call(w, w->pool, "DEL", id, "eth0", "", w->conf, NULL, &o);
		if (o.status != 0)
			ok = show(w, "failed", "DEL", &o);
		outcome_done(&o);
	}
	*ret = n;
	return ok;
}

/* --- what there is -------------------------------------------------------- */

static void look(const struct world *w, struct lines *ret)
{
	snapshot_view(&w->host, ret);
	view_enter(&w->sandbox);
	snapshot_view(&w->sandbox, ret);
	view_enter(&w->host);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		snapshot_files(dirs[i], ret);
	lines_sort(ret);
}

void world_mark(struct world *w)
{
	lines_done(&w->before);
	look(w, &w->before);
}

static bool compare(struct world *w, const struct lines *before,
		    const struct lines *now)
{
	static const char title[] = "it is not as before:";

	if (lines_equal(before, now))
		return true;
	memcpy(w->why, title, sizeof(title));
	lines_diff(before, now, w->why + sizeof(title) - 1,
		   sizeof(w->why) - sizeof(title));
	return false;
}

/* Compares the lines that begin so, without the index of addresses. */
static bool compare_part(struct world *w, const struct lines *now,
			 const char *start)
{
	struct lines was = { 0 }, is = { 0 };
	bool same;

	lines_copy(&was, &w->before, start, INDEX);
	lines_copy(&is, now, start, INDEX);
	same = compare(w, &was, &is);
	lines_done(&was);
	lines_done(&is);
	return same;
}

/* Compares where the network may have come into being meanwhile. */
static bool compare_fresh(struct world *w, const struct lines *now)
{
	const char *left = lines_find(now, "host link", "\"veth\"");

	if (!left)
		left = lines_find(now, "", ID);
	if (left)
		return world_wrong(w, "it is left: %s", left);
	return compare_part(w, now, "sandbox ");
}

bool world_same(struct world *w)
{
	struct lines now = { 0 };
	bool same;

	look(w, &now);
	same = w->fresh ? compare_fresh(w, &now) : compare_part(w, &now, "");
	lines_done(&now);
	return same;
}

/* The bridge of a fresh world has a MAC address that nobody had before. */
static void forget_macs(struct lines *l)
{
	const char *bridge = lines_find(l, "host link", "kind \"bridge\"");
	const char *mac = bridge ? strstr(bridge, " address ") : NULL;
	char old[3 * 6] = "";

	if (mac)
		snprintf(old, sizeof(old), "%s", mac + strlen(" address "));
	if (strlen(old) == sizeof(old) - 1)
		lines_replace(l, old, "(MAC)");
}

bool world_works(struct world *w, const char *ifname, bool sandbox)
{
	struct lines now = { 0 };
	bool ok;

	/* now the index is in order again as well */
	if (!world_add(w, ifname) || !world_check(w, ifname) ||
	    !world_del(w, ifname, sandbox))
		return false;
	look(w, &now);
	if (w->fresh)
		forget_macs(&now);
	ok = compare(w, w->fresh ? &w->settled : &w->before, &now);
	lines_done(&now);
	return ok;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (ftw->level > 0 && remove(path) < 0)
		die("%s: %m", path);
	return 0;
}

/* The base that a chained plugin finds: both interfaces, while the world is. */
static void make_base(struct world *w)
{
	char file[4096];

	snprintf(file, sizeof(file), "%s/bridge", w->path);
	for (size_t i = 0; i < ARRAY_SIZE(ifnames); i++) {
		if (!succeeds(w, file, "ADD", ifnames[i], w->netns, w->base))
			die("before the plugin: %s", w->why);
		free(w->prev[i]);
		w->prev[i] = strdup(w->result);
	}
}

static void make(struct world *w)
{
	if (w->host.name)
		world_end(w);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		nftw(dirs[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
	view_new(&w->sandbox, "sandbox", false);
	view_new(&w->host, "host", true);
	if (w->has && system(w->has) != 0)
		die("failed: %s", w->has);
	snprintf(w->netns, sizeof(w->netns), "/proc/%d/fd/%d", getpid(),
		 w->sandbox.ns);
	if (w->base)
		make_base(w);
}

bool world_new(struct world *w)
{
	bool ok = true;

	make(w);
	if (!w->fresh || !w->settled.n)
		ok = world_add(w, "eth0") && world_del(w, "eth0", true);
	if (ok && w->fresh && !w->settled.n) {
		look(w, &w->settled);
		forget_macs(&w->settled);
		make(w);
	}
	world_mark(w);
	return ok;
}

void world_end(struct world *w)
{
	view_close(&w->host);
	view_close(&w->sandbox);
	w->host.name = NULL;
}
