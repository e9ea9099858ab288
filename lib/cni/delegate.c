// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * delegate.c - another plugin does a part of the work (specification section
 * 4): as a process, or, where it is linked into this executable, as a function
 */
#include "cni/delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/process.h"
#include "cni/builtin.h"
#include "cni/note.h"

/* A plain name: nothing that leads out of the folders of CNI_PATH. */
static bool type_ok(const char *type)
{
	if (strcmp(type, ".") == 0 || strcmp(type, "..") == 0)
		return false;
	for (const char *p = type; *p; p++)
		if (*p == '/' || (unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

static void not_found(const char *path, const char *type, struct cni_err *err)
{
	AUTO(str) char *list = strdup(path);

	for (char *p = list; p && *p; p++)
		if (*p == ':')
			*p = ' ';
	cni_fail(err, CNI_EDELEGATE, 0,
		 "failed to find plugin \"%s\" in path [%s]", type,
		 list ? list : path);
}

/* The plugin itself would find the same configuration, and so on for ever. */
static void to_itself(const char *name, struct cni_err *err)
{
	cni_fail(err, CNI_ECONF, 0, "plugin %s cannot delegate to itself",
		 name);
}

/* Whether a plugin may be called that. */
static bool check_type(const struct cni_call *call, const char *type,
		       struct cni_err *err)
{
	if (!*type)
		cni_fail(err, CNI_ECONF, 0, "no plugin name provided");
	else if (call->self && strcmp(type, call->self) == 0)
		to_itself(type, err);
	else if (!type_ok(type))
		cni_fail(err, CNI_ECONF, 0, "invalid plugin name: %s", type);
	else
		return true;
	return false;
}

/*
 * The first regular file of that name in CNI_PATH, as an owned string. NULL
 * after cni_fail().
 */
static char *find(const struct cni_call *call, const char *type,
		  struct cni_err *err)
{
	const char *path = call->path;

	if (!check_type(call, type, err))
		return NULL;
	for (const char *dir = path; *dir;) {
		size_t len = strcspn(dir, ":");
		AUTO(str) char *file = NULL;
		struct stat st;

		if (len &&
		    asprintf(&file, "%.*s/%s", (int)len, dir, type) < 0) {
			cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
			return NULL;
		}
		if (file && stat(file, &st) == 0 && S_ISREG(st.st_mode))
			return TAKE(file);
		dir += len + (dir[len] == ':');
	}
	not_found(path, type, err);
	return NULL;
}

/*
 * The environment with CNI_COMMAND replaced, and CNI_NETNS by what the call
 * has: one owned block, whose strings are borrowed.
 */
static char **make_env(const struct cni_call *call, const char *verb)
{
	size_t n = 0, k = 0;
	size_t command = sizeof("CNI_COMMAND=") + strlen(verb);
	size_t netns = sizeof("CNI_NETNS=") + strlen(call->netns);
	char **copy, *text;

	while (call->env[n])
		n++;
	copy = malloc((n + 3) * sizeof(*copy) + command + netns);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strncmp(call->env[i], "CNI_COMMAND=", 12) != 0 &&
		    strncmp(call->env[i], "CNI_NETNS=", 10) != 0)
			copy[k++] = call->env[i];
	text = (char *)(copy + n + 3);
	snprintf(text, command, "CNI_COMMAND=%s", verb);
	copy[k++] = text;
	text += command;
	snprintf(text, netns, "CNI_NETNS=%s", call->netns);
	copy[k++] = text;
	copy[k] = NULL;
	return copy;
}

/* Reports the error of a failed delegate, as the reference's library reads
   it. */
static int failed(const struct process *p, int status, struct cni_err *err)
{
	AUTO(json) cJSON *obj = NULL;
	const char *msg = "", *details = "";
	struct js_why why;
	int64_t code = 0;
	char text[128];
	size_t words = p->words;

	while (words && p->first_words[words - 1] == '\n')
		words--;
	if (p->len == 0 && words)
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed: \"%.*s\"", (int)words,
				p->first_words);
	if (p->len == 0 && WIFSIGNALED(status))
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed with no error message: "
				"signal: %s",
				strsignal(WTERMSIG(status)));
	if (p->len == 0)
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed with no error message: "
				"exit status %d",
				WEXITSTATUS(status));
	obj = js_parse(p->output, p->len, text, sizeof(text));
	if (obj && !cJSON_IsObject(obj))
		snprintf(text, sizeof(text), "expected an object, got %s",
			 js_kind(obj));
	else if (obj && (js_int(obj, "code", 0, UINT32_MAX, &code, &why) < 0 ||
			 js_str(obj, "msg", &msg, &why) < 0 ||
			 js_str(obj, "details", &details, &why) < 0))
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1,
			 why.text);
	else if (obj && !*msg)
		snprintf(text, sizeof(text), "it has no \"msg\"");
	else if (obj) {
		cni_fail(err, (unsigned)code, 0, "%s", msg);
		if (*details)
			cni_detail(err, "%s", details);
		return -1;
	}
	return cni_fail(err, CNI_EUNKNOWN, 0,
			"netplugin failed but error parsing its diagnostic "
			"message \"%.256s\": %s",
			p->output, text);
}

/* Reads the result that a successful ADD printed. */
static int parse(const struct process *p, const char *type, const char *version,
		 struct cni_result *res, struct cni_err *err)
{
	AUTO(json) cJSON *obj = NULL;
	struct cni_err why = { 0 };
	char text[128];

	obj = js_parse(p->output ? p->output : "", p->len, text, sizeof(text));
	if (!obj)
		return cni_fail(err, CNI_EDECODE, 0,
				"cannot read the result of %s: %s", type, text);
	if (cJSON_IsNull(obj))
		return 0;
	if (cni_result_parse(obj, version, res, &why) < 0)
		return cni_fail(err, why.code, 0,
				"cannot read the result of %s: %s", type,
				why.msg);
	return 0;
}

static int cannot_run(const char *file, int r, struct cni_err *err)
{
	cni_fail(err, CNI_EDELEGATE, r, "cannot run %s", file);
	return -2;
}

/* Starts it with the configuration on its stdin. Returns 0 or -2. */
static int start(const struct cni_call *call, const char *file,
		 const char *verb, struct process *p, struct cni_err *err)
{
	const struct cni_conf *conf = &call->conf;
	char **env = make_env(call, verb);
	int r = -ENOMEM;

	if (env)
		r = process_start(p, file, env, conf->raw, conf->raw_len);
	free(env);
	return r < 0 ? cannot_run(file, r, err) : 0;
}

/*
 * The milliseconds that a process has for STATUS. A runtime asks for it without
 * a deadline and holds a lock meanwhile.
 */
#define STATUS_MS 100

/*
 * It has not said that it is not ready, and may be slow on a busy host: a
 * runtime that is told otherwise takes the whole node for broken.
 */
static int slow_status(const struct cni_call *call, const char *type)
{
	dprintf(call->err_fd,
		"%s: STATUS of %s took longer than %d ms: it was ended, and "
		"is taken for ready\n",
		call->self, type, STATUS_MS);
	return 0;
}

static int run(const struct cni_call *call, const char *type, const char *file,
	       const char *verb, struct cni_result *res, struct cni_err *err)
{
	int ms = strcmp(verb, "STATUS") == 0 ? STATUS_MS : -1;
	AUTO(process) struct process p = PROCESS_NONE;
	int r, status = 0;

	if (start(call, file, verb, &p, err) < 0)
		return -2;
	r = process_finish(&p, call->err_fd, ms, &status);
	if (r == -ETIME)
		return slow_status(call, type);
	if (r < 0)
		return cni_fail(err, CNI_EDELEGATE, r,
				"cannot read the output of %s", type);
	if (status != 0)
		return failed(&p, status, err);
	if (strcmp(verb, "ADD") != 0)
		return 0;
	return parse(&p, type, call->conf.version, res, err);
}

/*
 * Finds the file for type, which may be executed, and the plugin of this
 * executable that it is as well, or NULL. Returns 0 or -2.
 */
static int look_up(const struct cni_call *call, const char *type, char **file,
		   const struct cni_plugin **builtin, struct cni_err *err)
{
	struct cni_note note;

	*builtin = NULL;
	*file = find(call, type, err);
	if (!*file)
		return -2;
	if (faccessat(AT_FDCWD, *file, X_OK, AT_EACCESS) < 0)
		return cannot_run(*file, -errno, err);
	if (!note_read(*file, &note))
		return 0;
	/* whatever the file is called, and of whichever build */
	if (call->self && strcmp(note.plugin, call->self) == 0) {
		to_itself(note.plugin, err);
		return -2;
	}
	*builtin = builtin_find(call->program, &note);
	return 0;
}

int cni_delegate_find(const struct cni_call *call, const char *type,
		      const struct cni_plugin **builtin, struct cni_err *err)
{
	AUTO(str) char *file = NULL;

	return look_up(call, type, &file, builtin, err);
}

int cni_delegate(const struct cni_call *call, const char *type,
		 const char *verb, struct cni_result *res, struct cni_err *err)
{
	const struct cni_plugin *builtin;
	AUTO(str) char *file = NULL;

	if (look_up(call, type, &file, &builtin, err) < 0)
		return -2;
	if (builtin)
		return builtin_run(builtin, call, verb, res, err);
	return run(call, type, file, verb, res, err);
}
