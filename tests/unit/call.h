/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call.h - one cni_run() in this process, its streams kept in memory */
#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/json.h"
#include "cni/cni.h"
#include "tap.h"

/* an environment as cni_io wants it */
#define ENV(...) ((char *const *)(const char *const[]){ __VA_ARGS__, NULL })

/* what every verb could need; the namespace does not exist */
#define SANDBOX                                                                \
	"CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0",         \
		"CNI_PATH=/nowhere"

/* a table of one step, for the definition of a plugin */
#define STEP(fn) ((const struct cni_step[]){ { "do it", fn }, { 0 } })

/* The reply of the last call; good until the next one. */
struct reply {
	int status;
	char out[1 << 16];
	char err[1 << 16];
};

/* A file in memory that holds text, at its start. */
static inline int file_with(const char *text, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Reads what was written to fd, as text; closes it. */
static inline void read_back(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	if (n < 0 || (size_t)n == size - 1)
		abort();
	buf[n] = '\0';
	close(fd);
}

/* Calls plugin with the stdin given, which stays open. */
static inline struct reply *call_fd(const struct cni_plugin *plugin,
				    char *const *env, int in)
{
	static struct reply r;
	struct cni_io io = { .env = env,
			     .in = in,
			     .out = file_with("", 0),
			     .err = file_with("", 0) };

	r.status = cni_run(plugin, &io);
	read_back(io.out, r.out, sizeof(r.out));
	read_back(io.err, r.err, sizeof(r.err));
	return &r;
}

static inline struct reply *call(const struct cni_plugin *plugin,
				 char *const *env, const char *conf)
{
	int in = file_with(conf, strlen(conf));
	struct reply *r = call_fd(plugin, env, in);

	close(in);
	return r;
}

/* The error as it has to be on stdout; msg and details are JSON already. */
static inline const char *error_text(const char *version, unsigned code,
				     const char *msg, const char *details)
{
	static char buf[8192];
	char tail[4096] = "";

	if (details)
		snprintf(tail, sizeof(tail), ",\n    \"details\": \"%s\"",
			 details);
	snprintf(buf, sizeof(buf),
		 "{\n    \"cniVersion\": \"%s\",\n    \"code\": %u,\n"
		 "    \"msg\": \"%s\"%s\n}",
		 version, code, msg, tail);
	return buf;
}

/* Whether out is one error as the specification wants it, whatever it says. */
static inline bool is_error_json(const char *out)
{
	char why[128];
	AUTO(json) cJSON *v = js_parse(out, strlen(out), why, sizeof(why));
	const char *version = NULL, *msg = NULL;
	struct js_why w;
	int64_t code = -1;

	return v && js_str(v, "cniVersion", &version, &w) == 1 &&
	       js_int(v, "code", 0, 999, &code, &w) == 1 &&
	       js_str(v, "msg", &msg, &w) == 1 && *msg;
}

/* The call failed with exactly this error, and said nothing on stderr. */
#define IS_ERROR(r, version, code, msg, details)                               \
	do {                                                                   \
		const struct reply *r_ = (r);                                  \
		EQ_INT(r_->status, 1);                                         \
		EQ_STR(r_->out, error_text(version, code, msg, details));      \
		EQ_STR(r_->err, "");                                           \
	} while (0)

/* The call succeeded with exactly this on stdout, and nothing on stderr. */
#define IS_OK(r, text)                                                         \
	do {                                                                   \
		const struct reply *r_ = (r);                                  \
		EQ_INT(r_->status, 0);                                         \
		EQ_STR(r_->out, text);                                         \
		EQ_STR(r_->err, "");                                           \
	} while (0)

#endif
