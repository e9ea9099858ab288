// SPDX-License-Identifier: GPL-2.0-or-later
/* delegate.c - running another plugin (specification section 4) */
#include "delegate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "auto.h"
#include "fs.h"
#include "json.h"

#define OUTPUT_MAX (4u << 20)
#define NOEXEC_SEAL 8u	 /* MFD_NOEXEC_SEAL, newer than our oldest headers */
#define STDERR_KEPT 1024 /* for the message; all of it is forwarded */

struct cni_child {
	int out, err; /* read ends of its stdout and stderr */
	pid_t pid;
	int in;			 /* write end of its stdin, while it is held */
	const char *type, *verb; /* borrowed */
	char *file;		 /* owned */
	char *output;		 /* owned */
	size_t len;
	char last_words[STDERR_KEPT];
	size_t words;
};

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

static int not_found(const char *path, const char *type, struct cni_err *err)
{
	AUTO(str) char *list = strdup(path);

	for (char *p = list; p && (p = strchr(p, ':'));)
		*p = ' ';
	return cni_fail(err, CNI_EDELEGATE, 0,
			"failed to find plugin \"%s\" in path [%s]", type,
			list ? list : path);
}

/* The first regular file of that name in CNI_PATH, as an owned string. */
static int find(const char *path, const char *type, char **ret,
		struct cni_err *err)
{
	if (!*type)
		return cni_fail(err, CNI_ECONF, 0, "no plugin name provided");
	if (!type_ok(type))
		return cni_fail(err, CNI_ECONF, 0, "invalid plugin name: %s",
				type);
	for (const char *dir = path; *dir;) {
		size_t len = strcspn(dir, ":");
		AUTO(str) char *file = NULL;
		struct stat st;

		if (len && asprintf(&file, "%.*s/%s", (int)len, dir, type) < 0)
			return cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
		if (file && stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
			*ret = TAKE(file);
			return 0;
		}
		dir += len + (dir[len] == ':');
	}
	return not_found(path, type, err);
}

/* The environment with CNI_COMMAND replaced; an owned array of borrowed. */
static char **make_env(char *const *env, char *command)
{
	size_t n = 0, k = 0;
	char **copy;

	while (env[n])
		n++;
	copy = calloc(n + 2, sizeof(*copy));
	if (!copy)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], "CNI_COMMAND=", 12) != 0)
			copy[k++] = env[i];
	copy[k] = command;
	return copy;
}

/* stdin for the child: exactly the bytes we got, at offset 0 */
static int make_stdin(const struct cni_conf *conf)
{
	/* without the seal Linux 6.3 logs a complaint; older ones refuse it */
	AUTO(fd) int fd = memfd_create("cni-stdin", MFD_CLOEXEC | NOEXEC_SEAL);
	int r;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("cni-stdin", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fs_write_fd(fd, conf->raw, conf->raw_len);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* posix_spawn() with the three streams and default signals */
static int spawn_with(const char *file, char **env, int in, int out, int err,
		      pid_t *ret)
{
	char *argv[] = { (char *)file, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t pipe_only;
	int r;

	r = posix_spawn_file_actions_init(&fa);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attr);
	if (r) {
		posix_spawn_file_actions_destroy(&fa);
		return -r;
	}
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	r = posix_spawn_file_actions_adddup2(&fa, in, 0);
	r = r ? r : posix_spawn_file_actions_adddup2(&fa, out, 1);
	r = r ? r : posix_spawn_file_actions_adddup2(&fa, err, 2);
	r = r ? r : posix_spawnattr_setsigdefault(&attr, &pipe_only);
	r = r ? r : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	/* an installer may be writing the file: wait, five seconds at most */
	for (int i = 0; r == 0 && i < 100; i++) {
		r = posix_spawn(ret, file, &fa, &attr, argv, env);
		if (r != ETXTBSY)
			break;
		poll(NULL, 0, 50);
		r = i < 99 ? 0 : ETXTBSY;
	}
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return -r;
}

static int start(const struct cni_args *args, int in, struct cni_child *c)
{
	AUTO(str) char *command = NULL;
	AUTO(fd) int out_w = -1;
	AUTO(fd) int err_w = -1;
	char **env;
	int p[2], r;

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	c->out = p[0];
	out_w = p[1];
	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	c->err = p[0];
	err_w = p[1];
	if (asprintf(&command, "CNI_COMMAND=%s", c->verb) < 0)
		return -ENOMEM;
	env = make_env(args->env, command);
	if (!env)
		return -ENOMEM;
	r = spawn_with(c->file, env, in, out_w, err_w, &c->pid);
	free(env);
	return r;
}

/* One chunk of stderr: kept for the message, and passed on at once. */
static void hear(struct cni_child *c, int to, const char *buf, size_t n)
{
	size_t room = sizeof(c->last_words) - 1 - c->words;
	size_t keep = n < room ? n : room;

	memcpy(c->last_words + c->words, buf, keep);
	c->words += keep;
	(void)fs_write_fd(to, buf, n); /* a log nobody reads is no failure */
}

static int take(struct cni_child *c, const char *buf, size_t n)
{
	char *p;

	if (c->len + n > OUTPUT_MAX)
		return -EFBIG;
	p = realloc(c->output, c->len + n + 1);
	if (!p)
		return -ENOMEM;
	memcpy(p + c->len, buf, n);
	c->output = p;
	c->len += n;
	p[c->len] = '\0';
	return 0;
}

/* Reads both streams to their ends, or until there is too much of it. */
static int collect(struct cni_child *c, int err_fd)
{
	struct pollfd pfd[2] = { { c->out, POLLIN, 0 }, { c->err, POLLIN, 0 } };
	char buf[4096];
	int r = 0;

	while (r == 0 && (pfd[0].fd >= 0 || pfd[1].fd >= 0)) {
		if (poll(pfd, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (!pfd[i].revents)
				continue;
			n = read(pfd[i].fd, buf, sizeof(buf));
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				pfd[i].fd = -1; /* poll() skips it */
			else if (i == 1)
				hear(c, err_fd, buf, (size_t)n);
			else
				r = take(c, buf, (size_t)n);
		}
	}
	return r;
}

/* What a failed delegate said, as the reference's library reads it. */
static int failed(const struct cni_child *c, int status, struct cni_err *err)
{
	AUTO(json) cJSON *obj = NULL;
	const char *msg = "", *details = "";
	struct js_why why;
	int64_t code = 0;
	char text[128];
	size_t words = c->words;

	while (words && c->last_words[words - 1] == '\n')
		words--;
	if (c->len == 0 && words)
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed: \"%.*s\"", (int)words,
				c->last_words);
	if (c->len == 0 && WIFSIGNALED(status))
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed with no error message: "
				"signal: %s",
				strsignal(WTERMSIG(status)));
	if (c->len == 0)
		return cni_fail(err, CNI_EUNKNOWN, 0,
				"netplugin failed with no error message: "
				"exit status %d",
				WEXITSTATUS(status));
	obj = js_parse(c->output, c->len, text, sizeof(text));
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
			c->output, text);
}

/* What a successful ADD printed. */
static int parse(const struct cni_child *c, const char *type,
		 const char *version, struct cni_result *res,
		 struct cni_err *err)
{
	AUTO(json) cJSON *obj = NULL;
	struct cni_err why = { 0 };
	char text[128];

	obj = js_parse(c->output ? c->output : "", c->len, text, sizeof(text));
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

static void child_free(struct cni_child *c)
{
	if (!c)
		return;
	fd_auto(&c->in);
	free(c->file);
	fd_auto(&c->out);
	fd_auto(&c->err);
	free(c->output);
	free(c);
}
DEFINE_AUTO(child, struct cni_child *, child_free)

/*
 * The program is looked for, and its process started with a pipe as stdin
 * that nothing was written to yet. A configuration that an empty pipe might
 * not hold (it always holds PIPE_BUF) has to wait for cni_delegate_feed().
 */
int cni_delegate_hold(const struct cni_args *args, const char *type,
		      const char *verb, struct cni_child **ret,
		      struct cni_err *err)
{
	AUTO(child) struct cni_child *c = calloc(1, sizeof(*c));
	AUTO(fd) int in = -1;
	int p[2], r = 0;

	if (!c) {
		cni_fail(err, CNI_EINTERNAL, 0, "out of memory");
		return -2;
	}
	c->in = c->out = c->err = c->pid = -1;
	c->type = type;
	c->verb = verb;
	if (find(args->path, type, &c->file, err) < 0)
		return -2;
	if (args->conf.raw_len <= PIPE_BUF) {
		r = pipe2(p, O_CLOEXEC) < 0 ? -errno : 0;
		if (r == 0) {
			in = p[0];
			c->in = p[1];
			r = start(args, in, c);
		}
	}
	if (r < 0) {
		cni_fail(err, CNI_EDELEGATE, r, "cannot run %s", c->file);
		return -2;
	}
	*ret = TAKE(c);
	return 0;
}

/* What died without reading says so itself, by its exit status. */
static void write_stdin(struct cni_child *c, const struct cni_conf *conf)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;

	sigaction(SIGPIPE, &ignore, &old);
	(void)fs_write_fd(c->in, conf->raw, conf->raw_len);
	sigaction(SIGPIPE, &old, NULL);
	close(TAKE_FD(c->in));
}

int cni_delegate_feed(const struct cni_args *args, struct cni_child *c,
		      struct cni_err *err)
{
	AUTO(fd) int in = -1;
	int r;

	if (c->pid > 0) {
		write_stdin(c, &args->conf);
		return 0;
	}
	in = make_stdin(&args->conf);
	r = in < 0 ? in : start(args, in, c);
	if (r == 0)
		return 0;
	cni_fail(err, CNI_EDELEGATE, r, "cannot run %s", c->file);
	return -2;
}

int cni_delegate_finish(const struct cni_args *args, struct cni_child *child,
			struct cni_result *res, struct cni_err *err)
{
	AUTO(child) struct cni_child *c = child;
	int r, status;

	if (c->pid <= 0)
		return -1;
	/* where it was never fed, it finds that stdin is empty */
	if (c->in >= 0)
		close(TAKE_FD(c->in));
	r = collect(c, args->err_fd);
	/* a child whose output we gave up on must not wait for us for ever */
	close(TAKE_FD(c->out));
	close(TAKE_FD(c->err));
	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return cni_fail(err, CNI_EDELEGATE, -errno,
					"cannot wait for %s", c->type);
	if (r < 0)
		return cni_fail(err, CNI_EDELEGATE, r,
				"cannot read the output of %s", c->type);
	if (status != 0)
		return failed(c, status, err);
	return strcmp(c->verb, "ADD") == 0
		       ? parse(c, c->type, args->conf.version, res, err)
		       : 0;
}

int cni_delegate(const struct cni_args *args, const char *type,
		 const char *verb, struct cni_result *res, struct cni_err *err)
{
	struct cni_child *c;
	int r = cni_delegate_hold(args, type, verb, &c, err);

	if (r < 0)
		return r;
	r = cni_delegate_feed(args, c, err);
	if (r == 0)
		return cni_delegate_finish(args, c, res, err);
	child_free(c);
	return r;
}
