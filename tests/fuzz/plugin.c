// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plugin.c - one whole call of a plugin, and what all calls have to keep to
 *
 * wrap: cni_main
 */
#include "plugin.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "cni/env.h"
#include "cni/version.h"
#include "fuzz.h"

/* the main() of the plugin, under another name */
int plugin_main(int argc, char *argv[]);
int __wrap_cni_main(const struct cni_program *p, int argc, char *argv[]);

/* of the build that the files in /fix/self have in their note */
static struct cni_program program = { .build = "self" };

int __wrap_cni_main(const struct cni_program *p, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	program.plugins = p->plugins;
	return 0;
}

/* stdin, stdout and stderr of every call: files in memory */
static int stream[3];

static void begin(const char *conf, size_t len)
{
	if (!program.plugins) {
		plugin_main(0, NULL);
		for (int i = 0; i < 3; i++)
			stream[i] = memfd_create("stream", MFD_CLOEXEC);
	}
	for (int i = 0; i < 3; i++)
		MUST(ftruncate(stream[i], 0) == 0 &&
		     lseek(stream[i], 0, SEEK_SET) == 0);
	MUST(fs_write_fd(stream[0], conf, len) == 0 &&
	     lseek(stream[0], 0, SEEK_SET) == 0);
}

/* The lowest number that is free: it moves if a descriptor stays open. */
static int lowest_free(void)
{
	int fd = dup(stream[0]);

	MUST(fd >= 0 && close(fd) == 0);
	return fd;
}

static void check_error(cJSON *obj)
{
	const char *version = "", *msg = "", *details = "";
	struct js_why why;
	int64_t code = -1;

	MUST(cJSON_IsObject(obj));
	MUST(js_str(obj, "cniVersion", &version, &why) == 1 &&
	     version_supported(version));
	MUST(js_int(obj, "code", 0, UINT32_MAX, &code, &why) == 1);
	MUST(js_str(obj, "msg", &msg, &why) == 1);
	/* a delegate's own message may be anything but empty */
	MUST(*msg);
	MUST(js_str(obj, "details", &details, &why) >= 0);
}

static void check_result(cJSON *obj)
{
	struct cni_result res = { 0 };
	struct cni_err err = { 0 };
	const char *version = NULL;
	struct js_why why;

	MUST(js_str(obj, "cniVersion", &version, &why) == 1);
	MUST(cni_result_parse(obj, version, &res, &err) == 0);
	cni_result_done(&res);
}

static void check(const struct outcome *o, const char *verb)
{
	AUTO(json) cJSON *obj = NULL;
	bool speaks = o->status != 0 || strcmp(verb, "VERSION") == 0 ||
		      (strcmp(verb, "ADD") == 0 && program.plugins[0]->add);
	char why[128];

	MUST(o->status == 0 || o->status == 1);
	if (!*verb || !speaks) {
		MUST(!*o->out);
		return;
	}
	obj = js_parse(o->out, strlen(o->out), why, sizeof(why));
	MUST(obj);
	if (o->status != 0)
		check_error(obj);
	else if (strcmp(verb, "ADD") == 0)
		check_result(obj);
}

const struct outcome *plugin_call(char *const *env, const char *conf,
				  size_t len)
{
	static struct outcome o;
	struct cni_io io;
	size_t out_len;
	int fd;

	begin(conf, len);
	io = (struct cni_io){ env, stream[0], stream[1], stream[2], &program };
	fd = lowest_free();
	o.status = cni_run(program.plugins[0], &io);
	MUST(lowest_free() == fd);
	free(o.out);
	MUST(lseek(stream[1], 0, SEEK_SET) == 0 &&
	     fs_read_fd(stream[1], SIZE_MAX / 2, &o.out, &out_len) == 0);
	MUST(strlen(o.out) == out_len);
	check(&o, env_get(env, "CNI_COMMAND"));
	return &o;
}
