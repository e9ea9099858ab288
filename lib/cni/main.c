// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - one call: environment, stdin, versions, dispatch, output. The
 * order of the checks is the reference's, since callers see which comes first.
 */
#include "cni/cni.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/netns.h"
#include "base/text.h"
#include "cni/conf.h"
#include "cni/env.h"
#include "cni/keys.h"
#include "cni/run.h"
#include "cni/version.h"

static void print_versions(struct text *t, const char *sep, const char *quote)
{
	for (int i = 0; version_list[i]; i++)
		text_printf(t, "%s%s%s%s", i ? sep : "", quote, version_list[i],
			    quote);
}

static void print_about(struct text *t, const char *name)
{
	text_printf(t, "CNI %s plugin v%s\nCNI protocol versions supported: ",
		    name, CNIC_VERSION);
	print_versions(t, ", ", "");
	text_put(t, "\n");
}

/* Runs print on a string and writes that to fd. Returns 0 or -errno. */
static int print_to(int fd, void (*print)(struct text *, const char *),
		    const char *arg)
{
	AUTO(text) struct text t = { 0 };

	print(&t, arg);
	return t.lost ? -ENOMEM : fs_write_fd(fd, t.s, t.len);
}

static void print_version_reply(struct text *t, const char *newest)
{
	text_printf(t, "{\"cniVersion\":\"%s\",\"supportedVersions\":[",
		    newest);
	print_versions(t, ",", "\"");
	text_put(t, "]}\n");
}

/*
 * The plugin must not work on its own namespace by mistake: a recycled
 * /proc/PID/ns/net did take the host's lo down. The reference looks too, but
 * only after the work. A path that cannot be opened is left to the plugin.
 * Returns 0, 1 where it is its own, or -1 where that cannot be told, both with
 * code 8.
 */
static int check_netns(const struct cni_call *call, struct cni_err *err)
{
	const char *over = env_get(call->env, "CNI_NETNS_OVERRIDE");
	AUTO(fd) int fd = -1;
	struct stat own, other;
	int r;

	if (strcasecmp(over, "true") == 0 || strcmp(over, "1") == 0)
		return 0;
	if (call->sandbox < 0 || fstat(call->sandbox, &other) < 0)
		return 0;
	r = ns_open_own(&fd);
	if (r == 0 && fstat(fd, &own) < 0)
		r = -errno;
	if (r < 0)
		return cni_fail(err, CNI_ENETNS, r,
				"get plugin's netns failed");
	if (own.st_dev != other.st_dev || own.st_ino != other.st_ino)
		return 0;
	cni_fail(err, CNI_ENETNS, 0,
		 "plugin's netns and netns from CNI_NETNS should not be the "
		 "same");
	return 1;
}

/* The one look at CNI_NETNS: a runtime's bind mount may change. */
static void open_sandbox(struct cni_call *call)
{
	int fd, r = *call->netns ? ns_open(call->netns, &fd) : -ENOENT;

	call->sandbox = r < 0 ? r : fd;
}

static void close_sandbox(struct cni_call *call)
{
	if (call->sandbox >= 0)
		close(call->sandbox);
	call->sandbox = -ENOENT;
}

static int check_version(const struct cni_conf *conf, struct cni_err *err)
{
	AUTO(text) struct text list = { 0 };

	if (version_supported(conf->version))
		return 0;
	cni_fail(err, CNI_EVERSION, 0, "incompatible CNI versions");
	print_versions(&list, " ", "\"");
	if (!list.lost)
		cni_detail(err, "config is \"%s\", plugin supports [%s]",
			   conf->version, list.s);
	return -1;
}

/* CHECK, GC and STATUS came with a version of the specification. */
static int check_gate(const struct cni_call *call, const char *since,
		      struct cni_err *err)
{
	unsigned have[3], want[3], newest[3];

	if (version_parse(call->conf.version, have, err) < 0)
		return -1;
	(void)version_parse(since, want, err);
	(void)version_parse(VERSION_NEWEST, newest, err);
	for (int i = 0; i < 3; i++) {
		if (have[i] > want[i])
			break;
		if (have[i] < want[i])
			return cni_fail(err, CNI_EVERSION, 0,
					"config version does not allow %s",
					call->command);
	}
	for (int i = 0; i < 3; i++) {
		if (have[i] < newest[i])
			break;
		if (have[i] > newest[i])
			return cni_fail(err, CNI_EVERSION, 0,
					"plugin version does not allow %s",
					call->command);
	}
	return 0;
}

/* A sink: the result goes to the descriptor that arg points to. */
static int write_result(const char *text, void *arg, struct cni_err *err)
{
	const int *out = arg;
	int r = fs_write_fd(*out, text, strlen(text));

	if (r < 0)
		return cni_fail(err, CNI_EIO, r,
				"cannot write the result to stdout");
	return 0;
}

/*
 * The number of the process that the namespace is named by may have come again
 * on the host, for as long as that lives. Then DEL is one without a namespace,
 * which does not touch it, and says so at its end.
 */
static int del(const struct cni_plugin *plugin, struct cni_call *call,
	       struct cni_err *err)
{
	int r = check_netns(call, err);

	if (r == 0)
		return run_call(plugin, VERB_DEL, call, NULL, NULL, err);
	if (r < 0)
		return -1;
	close_sandbox(call);
	call->netns = "";
	run_call(plugin, VERB_DEL, call, NULL, NULL, err);
	return -1;
}

/* The list of a GC; where it is null, what the plugin sees instead. */
static int read_valid(const struct cni_plugin *plugin, struct cni_call *call,
		      struct cni_err *err)
{
	cJSON *list = NULL;

	if (conf_read_valid(call, err) < 0)
		return -1;
	if (!plugin->living || !conf_valid_is_null(&call->conf))
		return 0;
	if (plugin->living(call, &list, err) < 0)
		return -1;
	return list ? conf_replace_valid(call, list, err) : 0;
}

static int dispatch(const struct cni_plugin *plugin, struct cni_call *call,
		    enum cni_verb verb, int out, struct cni_err *err)
{
	bool strict = verb != VERB_DEL && verb != VERB_GC;
	struct cni_conf *conf = &call->conf;

	if (verb == VERB_UNKNOWN)
		return cni_fail(err, CNI_EENV, 0, "unknown CNI_COMMAND: %s",
				call->command);
	if (conf_read_version(conf, err) < 0)
		return -1;
	if (verb == VERB_CHECK && check_gate(call, "0.4.0", err) < 0)
		return -1;
	if ((verb == VERB_GC || verb == VERB_STATUS) &&
	    check_gate(call, "1.1.0", err) < 0)
		return -1;
	if (check_version(conf, err) < 0 ||
	    conf_read_members(conf, strict, err) < 0)
		return -1;
	call->att.network = conf->name;
	if (verb != VERB_GC && verb != VERB_STATUS)
		open_sandbox(call);
	if (verb == VERB_DEL)
		return del(plugin, call, err);
	if (verb == VERB_ADD && check_netns(call, err) != 0)
		return -1;
	if (verb == VERB_GC && read_valid(plugin, call, err) < 0)
		return -1;
	return run_call(plugin, verb, call, write_result, &out, err);
}

/* A verb with a configuration on stdin. */
static int serve(const struct cni_plugin *plugin, const struct cni_io *io,
		 struct cni_call *call, enum cni_verb verb, struct cni_err *err)
{
	AUTO(str) char *raw = NULL;
	size_t len;
	int r = fs_read_fd(io->in, CNI_STDIN_MAX, &raw, &len);

	if (r == -EFBIG)
		return cni_fail(err, CNI_EIO, 0,
				"error reading from stdin: more than %u bytes",
				CNI_STDIN_MAX);
	if (r < 0)
		return cni_fail(err, CNI_EIO, r, "error reading from stdin");
	r = conf_read(&call->conf, raw, len, err);
	if (r == 0)
		r = dispatch(plugin, call, verb, io->out, err);
	return r;
}

static void report(const struct cni_io *io, const char *version,
		   const struct cni_err *err)
{
	AUTO(str) char *text = NULL;
	char plain[128];

	if (!version || !version_supported(version))
		version = VERSION_NEWEST;
	text = cni_err_json(err, version);
	if (!text)
		snprintf(plain, sizeof(plain),
			 "{\"cniVersion\": \"%s\", \"code\": %u, "
			 "\"msg\": \"out of memory\"}",
			 version, err->code);
	/* if stdout is gone, the exit status is all that is left to say it */
	(void)fs_write_fd(io->out, text ? text : plain,
			  strlen(text ? text : plain));
}

int cni_run(const struct cni_plugin *plugin, const struct cni_io *io)
{
	struct cni_call call = { .self = plugin->name,
				 .env = io->env,
				 .err_fd = io->err,
				 .sandbox = -ENOENT,
				 .program = io->program };
	struct cni_err err = { 0 };
	enum cni_verb verb;
	int r = env_read(&call, &verb, &err);

	if (r == 0 && verb == VERB_NONE) {
		(void)print_to(io->err, print_about, plugin->name);
		return 0;
	}
	if (r == 0 && verb == VERB_VERSION) {
		r = print_to(io->out, print_version_reply, VERSION_NEWEST);
		if (r < 0)
			r = cni_fail(&err, CNI_EIO, r, "cannot write");
	} else if (r == 0) {
		r = serve(plugin, io, &call, verb, &err);
	}
	if (r < 0)
		report(io, call.conf.version, &err);
	close_sandbox(&call);
	free(call.valid);
	conf_done(&call.conf);
	return r < 0;
}

/*
 * A closed standard stream would be given to the next file opened, and a
 * result written into that. O_PATH goes on failing as a closed one does, and
 * there is always a root, which of /dev/null cannot be said.
 */
static void occupy_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH);
}

/* More than any call needs. */
#define STACK_ROOM (64u << 10)

/*
 * Has the stack grow now: where RLIMIT_STACK or RLIMIT_AS forbid it, that is a
 * SIGSEGV, and half way through an ADD nobody would be left to undo that.
 */
static __attribute__((noinline)) void grow_stack(void)
{
	volatile char room[STACK_ROOM];

	for (size_t i = 0; i < sizeof(room); i += 4096)
		room[i] = 0;
}

/* What else whoever started us left, that would change what we do. */
static void shed_inherited(void)
{
	/* a runtime that went away, or RLIMIT_FSIZE, is an error to undo, not a
	   death */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	/* ignored signals are inherited; this one would take our children */
	signal(SIGCHLD, SIG_DFL);
	/* a file that not even its owner may read stops the next call, where
	   root is without CAP_DAC_OVERRIDE */
	umask(umask(0) & 077);
}

static void print_help(struct text *t, const char *help)
{
	text_put(t, help);
}

/* For tests and documents: each key of the plugin's own, and its JSON type. */
static int print_keys(int fd, const struct cni_key *key)
{
	int r = 0;

	for (; key && key->type && r >= 0; key++) {
		const char *type = cni_key_json_type(key);

		if (key->type == KEY_TYPE_MAC)
			r = dprintf(fd, "args.cni.%s %s\nruntimeConfig.%s %s\n",
				    key->name, type, key->name, type);
		else
			r = dprintf(fd, "%s %s\n", key->name, type);
	}
	return r < 0;
}

int cni_main(const struct cni_program *program, int argc, char *argv[])
{
	const struct cni_plugin *plugin = program->plugins[0];
	struct cni_io io = { environ, 0, 1, 2, program };

	grow_stack();
	occupy_streams();
	shed_inherited();
	if (argc > 1 && !*env_get(environ, "CNI_COMMAND")) {
		if (strcmp(argv[1], "--version") == 0)
			return print_to(1, print_about, plugin->name) < 0;
		if (strcmp(argv[1], "--help") == 0)
			return print_to(1, print_help, plugin->help) < 0;
		if (strcmp(argv[1], "--keys") == 0)
			return print_keys(1, plugin->keys);
		dprintf(2, "%s: unknown argument %s; try --help\n",
			plugin->name, argv[1]);
		return 2;
	}
	return cni_run(plugin, &io);
}
